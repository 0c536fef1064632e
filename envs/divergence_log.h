#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "cuda/field.h"

namespace fleet::envs {

/// Keeps the first few worlds that diverged since the last take(): enough to replay each.
/// add() may be called from several threads.
class DivergenceLog {
 public:
  DivergenceLog(int state_size, int action_size);

  /// @param state the world's state row before the fatal step  @param action as clipped
  void add(int env, std::int64_t vector_step, std::span<const double> state,
           std::span<const double> action);

  /// Fields env, vector_step, state, action with a row each; no rows: an empty list. The memory is
  /// overwritten by later divergences.
  Fields take();

 private:
  static constexpr int kCapacity = 16;
  int state_size_;
  int action_size_;
  std::atomic<int> count_{0};
  std::array<std::int32_t, kCapacity> env_{};
  std::array<std::int64_t, kCapacity> vector_step_{};
  std::vector<double> state_;
  std::vector<double> action_;
};

}  // namespace fleet::envs
