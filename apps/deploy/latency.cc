#include "apps/deploy/latency.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace fleet::deploy {

LatencyLog::LatencyLog(std::size_t capacity) {
  for (std::vector<float>& times : times_) {
    times.reserve(capacity);
  }
}

double LatencyLog::quantile(Stage stage, double quantile) const {
  std::vector<float> times = times_[static_cast<std::size_t>(stage)];
  if (times.empty()) {
    return 0.0;
  }
  const double rank = std::ceil(quantile * static_cast<double>(times.size()));
  const auto index = static_cast<std::ptrdiff_t>(std::max(1.0, rank)) - 1;
  std::ranges::nth_element(times, times.begin() + index);
  return static_cast<double>(times[static_cast<std::size_t>(index)]);
}

std::string LatencyLog::to_table() const {
  std::string text = fmt::format("{:<14} {:>9} {:>9} {:>9} {:>9}   us, over {} steps\n", "latency",
                                 "p50", "p99", "p99.9", "max", num_steps());
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    const auto stage = static_cast<Stage>(i);
    text +=
        fmt::format("  {:<12} {:9.2f} {:9.2f} {:9.2f} {:9.2f}\n", kStages[i], quantile(stage, 0.5),
                    quantile(stage, 0.99), quantile(stage, 0.999), quantile(stage, 1.0));
  }
  return text;
}

}  // namespace fleet::deploy
