#include "agents/flashsac/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace fleet::agents::flashsac {
namespace {

/// What is left of the way from the first to the last value: 1 at the start, 0 at the end.
double left(const FlashSacConfig& config, std::int64_t step) {
  const auto total = static_cast<double>(config.num_updates);
  const double warmup = std::floor(1e-6 * total);
  const double past = std::clamp((static_cast<double>(step) - warmup) / (total - warmup), 0.0, 1.0);
  return 0.5 * (1.0 + std::cos(std::numbers::pi * past));
}

}  // namespace

double scheduled_learning_rate(const FlashSacConfig& config, std::int64_t step) {
  return config.final_learning_rate +
         (config.learning_rate - config.final_learning_rate) * left(config, step);
}

double scheduled_actor_learning_rate(const FlashSacConfig& config, std::int64_t actor_step,
                                     std::int64_t update) {
  if (config.actor_learning_rate == 0.0) {
    return scheduled_learning_rate(config, actor_step);
  }
  return config.final_actor_learning_rate +
         (config.actor_learning_rate - config.final_actor_learning_rate) * left(config, update);
}

LogStdRange scheduled_log_std_range(const FlashSacConfig& config, std::int64_t update) {
  const double drop = config.log_std_drop * (1.0 - left(config, update));
  return {config.min_log_std - drop, config.max_log_std - drop};
}

}  // namespace fleet::agents::flashsac
