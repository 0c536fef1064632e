#pragma once

#include <limits>
#include <string>

#include "apps/files/read_file.h"
#include "apps/log/iteration_log.h"
#include "tests/apps/files/fields_for_tests.h"

namespace fleet::log {

using files::TemporaryFolder;

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

inline std::string contents(const std::string& path) { return files::read_file(path, 1 << 24); }

inline IterationLog sample_log(int iteration, double reward) {
  return {.iteration = iteration,
          .num_iterations = 1500,
          .env_steps = 98304,
          .collection_time = 0.4,
          .learning_time = 0.25,
          .total_time = 3723.9,
          .eta = 59.0,
          .scalars = {{"Train/mean_reward", reward},
                      {"Episode_Reward/track_lin_vel", 0.75},
                      {"Loss/value_function", kNan}}};
}

}  // namespace fleet::log
