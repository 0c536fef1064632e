#pragma once

#include "agents/ppo/ppo_config.h"

namespace fleet::agents {

struct PpoBenchmark {
  int actor_dim = 48;   ///< of the actor's observations
  int critic_dim = 72;  ///< of the critic's; 0: it sees the actor's
  int action_dim = 12;
  int num_envs = 1024;
  double seconds = 3.0;  ///< to measure for, after one iteration to warm up
};

struct PpoSpeed {
  double samples_per_second = 0.0;   ///< collected and learnt from, num_envs * num_steps a time
  double collection_fraction = 0.0;  ///< of the time
};

/// Times PPO alone, on envs that cost next to nothing.
PpoSpeed measure_ppo(const PpoConfig& config, const PpoBenchmark& benchmark);

}  // namespace fleet::agents
