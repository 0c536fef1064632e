#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <mujoco/mujoco.h>

#include "agents/agent.h"
#include "apps/run_config.h"
#include "envs/batch_env.h"

namespace fleet {

/// A batch of envs and the agent that learns in it.
struct Session {
  std::unique_ptr<envs::BatchEnv> env;
  std::unique_ptr<agents::Agent> agent;
  std::int64_t num_iterations = 0;

  /// Everything a bit-exact resume needs: env and agent together.
  Fields state() const;
  /// To be called after the fields of state() were overwritten.
  void restore() const;
};

/// Says on stderr what our engine does otherwise than `model` asks for, each only once.
void print_physics_notes(const mjModel& model);

/// Builds the task's envs from the models in third_party/, with print_physics_notes() on lanes.
/// @throws UserError if a file, a name or a size that the config gives does not fit
std::unique_ptr<envs::BatchEnv> build_env(const envs::EnvConfig& config);

/// Builds both; seed and length of the run are carried into the agent's config.
/// @param folder the run's, "" before there is one  @throws as build_env
Session make_session(RunConfig config, const std::string& folder = "");

/// An agent of the run's kind for `env`, to act only. @param config the run's
std::unique_ptr<agents::Agent> make_actor(RunConfig config, const envs::EnvSpec& spec);

}  // namespace fleet
