#pragma once

#include <memory>

#include "envs/make_env.h"

namespace fleet::envs {

/// Builds the batch on the `lanes` backend, a unit of its own because its packs take long to
/// compile. @throws std::runtime_error if the model has what our engine does not support
std::unique_ptr<BatchEnv> make_lanes_env(const EnvConfig& config, sim::ModelPtr model);

}  // namespace fleet::envs
