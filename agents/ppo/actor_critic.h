#pragma once

#include <span>
#include <vector>

#include "agents/ppo/network.h"
#include "agents/ppo/ppo_config.h"
#include "cuda/normaliser.h"
#include "envs/batch_env.h"

namespace fleet::agents {

/// The networks of PPO and the normalisers in front of them.
struct ActorCritic {
  /// Initialises from config.seed. The critic sees observation group 1 where there is one.
  ActorCritic(const PpoConfig& config, const envs::EnvSpec& spec);

  int action_dim() const { return actor.mlp().shape().output_dim(); }
  std::span<float> log_std() { return actor.extra(); }
  std::span<const float> log_std() const { return actor.extra(); }

  /// Keeps the standard deviations within the configured bounds; a NaN becomes the lower one.
  void clamp_log_std();
  /// Until restore() no standard deviation is above this.
  void limit_std(double max_std);

  /// Call after parameters or statistics have been overwritten.
  void restore();

  int actor_group = 0;
  int critic_group;
  Network actor;  // extra parameters: log_std (action_dim)
  Network critic;
  kernels::ObservationNormaliser actor_normaliser;
  kernels::ObservationNormaliser critic_normaliser;

 private:
  float min_log_std_;
  float largest_log_std_;  // at the start of a run
  float max_log_std_;
};

/// What one thread needs to run the networks.
struct Workspace {
  explicit Workspace(const ActorCritic& model);

  kernels::MlpWorkspace actor;
  kernels::MlpWorkspace critic;
  std::vector<float> mirrored;  // one observation or action row
  std::vector<float> noise;     // (action_dim)
};

}  // namespace fleet::agents
