#pragma once

#include <string>

#include "apps/run_config.h"
#include "envs/batch_env.h"

namespace fleet {

/// What a run will really do: effective weights, gains, observation layout. Printed at the start.
std::string settings_table(const RunConfig& config, const envs::EnvSpec& spec);

}  // namespace fleet
