#pragma once

#include <algorithm>
#include <string_view>

#include "envs/batch_env.h"

namespace fleet::envs {

/// The column of StepBuffers::metrics that is called so; -1 if the task has none.
inline int metric_column(const EnvSpec& spec, std::string_view name) {
  const auto found = std::ranges::find(spec.metrics, name);
  return found == spec.metrics.end() ? -1 : static_cast<int>(found - spec.metrics.begin());
}

}  // namespace fleet::envs
