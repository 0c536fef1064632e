#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fleet::log {

/// What one learning iteration has to tell: the input of console, TensorBoard and JSONL alike.
struct IterationLog {
  std::int64_t iteration = 0;
  std::int64_t num_iterations = 0;
  std::int64_t env_steps = 0;    ///< since the run began, over all envs
  double collection_time = 0.0;  ///< s, of this iteration
  double learning_time = 0.0;    ///< s, of this iteration
  double total_time = 0.0;       ///< s, since the run began
  double eta = 0.0;              ///< s, until it ends

  /// Under TensorBoard tags that rsl_rl's users know: Train/mean_reward,
  /// Train/mean_episode_length, Episode_Reward/<term>, Episode_Termination/<term>, Loss/<name>,
  /// Policy/mean_std, Env/clip_fraction, Perf/total_fps, Perf/collection_time, Perf/learning_time.
  std::vector<std::pair<std::string, double>> scalars;

  std::optional<double> find(std::string_view tag) const {
    for (const auto& [name, value] : scalars) {
      if (name == tag) {
        return value;
      }
    }
    return std::nullopt;
  }
};

}  // namespace fleet::log
