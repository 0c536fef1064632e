#pragma once

#include <span>
#include <vector>

#include "agents/agent.h"
#include "cuda/batch_view.h"

namespace fleet::agents {

/// Lets policies act for some rows of a batch each. Allocates nothing after its construction.
class RowActor {
 public:
  RowActor(int max_rows, int observation_dim, int action_dim);

  /// @param observation (num_rows, observation_dim)  @param rows which of them, in any order
  /// @param action (num_rows, action_dim): only `rows` are written
  void act(const Agent& policy, std::span<const int> rows, BatchView<const float> observation,
           BatchView<float> action);

 private:
  int observation_dim_;
  int action_dim_;
  std::vector<float> observation_;  // (max_rows, observation_dim)
  std::vector<float> action_;       // (max_rows, action_dim)
};

}  // namespace fleet::agents
