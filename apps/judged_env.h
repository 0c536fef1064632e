#pragma once

#include <string>

#include "apps/commands.h"
#include "apps/run_config.h"
#include "envs/batch_env.h"

namespace fleet {

/// The name of the task that a run is judged on.
std::string judged_task(const RunConfig& run, const EvalArguments& arguments);

/// The task as it is specified, whatever the run trained on and on MuJoCo's own physics unless told
/// otherwise; only what shapes observations and actions is the run's own.
envs::EnvConfig judged_config(const RunConfig& run, const EvalArguments& arguments);

/// The spec of a single env.
envs::EnvSpec spec_of_one(envs::EnvConfig config);

/// Warns on stderr if the robot is controlled otherwise than in the run's training.
/// @throws UserError with the first difference if the policy cannot act there
void check_contract(const RunConfig& run, const envs::EnvSpec& trained,
                    const envs::EnvConfig& judged_config, const envs::EnvSpec& judged);

}  // namespace fleet
