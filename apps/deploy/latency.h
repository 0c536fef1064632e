#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fleet::deploy {

/// What a control step does, in this order.
enum class Stage : std::uint8_t { kObservation, kPolicy, kSafety, kTotal };
inline constexpr std::array kStages{"observation", "policy", "safety", "total"};

/// How long each stage of each step took; adding to it allocates nothing.
class LatencyLog {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param capacity steps that are kept; of later ones none
  explicit LatencyLog(std::size_t capacity);

  void add(Stage stage, Clock::time_point begin, Clock::time_point end) {
    std::vector<float>& times = times_[static_cast<std::size_t>(stage)];
    if (times.size() < times.capacity()) {
      times.push_back(std::chrono::duration<float, std::micro>(end - begin).count());
    }
  }

  std::size_t num_steps() const { return times_.back().size(); }

  /// The time that the share `quantile` of the steps took no longer than, us; 0 without steps.
  double quantile(Stage stage, double quantile) const;

  /// A table: p50, p99, p99.9 and the longest of each stage, us.
  std::string to_table() const;

 private:
  std::array<std::vector<float>, kStages.size()> times_;  // us
};

}  // namespace fleet::deploy
