#pragma once

#include "agents/flashsac/flashsac_config.h"

namespace fleet::agents {

struct FlashSacBenchmark {
  int actor_dim = 48;
  int critic_dim = 0;  ///< 0: the critic sees the actor's
  int action_dim = 12;
  double seconds = 5.0;  ///< to measure for, after some updates to warm up
};

/// Of one update, the actor's share of it included: means over actor_period updates.
struct FlashSacSpeed {
  double num_parameters = 0.0;  ///< that are learnt: actor, critics and temperature
  double median_time = 0.0;     ///< s
  double best_time = 0.0;       ///< s; what an idle machine would show
  double cpu_time = 0.0;        ///< s, of all threads together
};

/// Times updates on batches of noise.
FlashSacSpeed measure_flashsac(const FlashSacConfig& config, const FlashSacBenchmark& benchmark);

}  // namespace fleet::agents
