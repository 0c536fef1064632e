#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/flashsac/replay.h"
#include "cuda/aligned_vector.h"

namespace fleet::agents::flashsac {

/// What one env step was, for all rows; the env and the collector write into it.
struct StepRecord {
  StepRecord(const TransitionShape& shape, int num_rows);

  AlignedVector<float> actor_observation, critic_observation;            // (num_rows, dim) acted on
  AlignedVector<float> next_actor_observation, next_critic_observation;  // before any reset
  AlignedVector<float> action;                                           // (num_rows, action_dim) u
  AlignedVector<float> reward;                                           // (num_rows)
  std::vector<std::uint8_t> terminated, truncated;                       // (num_rows)
};

/// The last n env steps, which make one transition per row. A window ends early where its episode
/// does; what follows it is then the episode's true last observation.
class Window {
 public:
  struct Config {
    int n_step = 1;
    double gamma = 0.99;
    bool exact_discount = true;  ///< gamma^k for a window that ended after k steps, else gamma^n
  };

  Window(const Config& config, const TransitionShape& shape, int num_rows);

  void clear() { num_steps_ = 0; }

  /// The record of the step to come.
  StepRecord& next();

  /// That step was taken: once the window is full, appends its transitions.
  /// @returns how many were left out because something in them was not finite
  int finish_step(Replay& replay);

  Fields fields(const std::string& prefix);

 private:
  const StepRecord& step(int index) const;  // 0: the oldest of the window
  bool append(int row, Replay& replay) const;

  Config config_;
  TransitionShape shape_;
  int num_rows_;
  std::vector<StepRecord> steps_;  // (n_step) a ring
  std::int64_t num_steps_ = 0;     // since the start
};

}  // namespace fleet::agents::flashsac
