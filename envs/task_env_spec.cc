#include "envs/task_env_spec.h"

#include "cuda/require.h"

namespace fleet::envs {

EnvSpec make_env_spec(const tasks::TaskSpec& task, const EnvOptions& options) {
  EnvSpec spec;
  spec.num_envs = options.num_envs;
  spec.first_env = options.first_env;
  spec.num_players = task.num_players;
  spec.num_teams = task.num_teams;
  spec.action_dim = task.action_dim;
  spec.max_episode_steps = task.max_episode_steps;
  spec.control_period = task.contract.control_period;
  spec.observations = task.observations;
  spec.action_bound.assign(task.contract.action_bound.begin(), task.contract.action_bound.end());
  spec.reward_terms = task.reward_terms;
  spec.termination_terms = task.termination_terms;
  spec.metrics = task.metrics;
  spec.observation_mirror = task.observation_mirror;
  spec.action_mirror = task.action_mirror;
  spec.contract = task.contract;
  int observation_dim = 0;
  for (ObservationGroup& group : spec.observations) {
    group.noisy = group.noisy && options.noise;
    observation_dim += group.dim();
  }
  require(task.num_players * observation_dim <= kMaxObservation, "too many observations");
  const auto players = static_cast<std::size_t>(task.num_players);
  require(players * static_cast<std::size_t>(task.action_dim) <= kMaxActions, "too many actions");
  require(players * task.reward_terms.size() <= kMaxRewards, "too many reward terms");
  require(players * task.metrics.size() <= kMaxMetrics, "too many metrics");
  require(task.termination_terms.size() <= kMaxTerminations, "too many termination terms");
  return spec;
}

}  // namespace fleet::envs
