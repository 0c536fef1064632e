#include "agents/self_play/row_actor.h"

#include <algorithm>

namespace fleet::agents {

RowActor::RowActor(int max_rows, int observation_dim, int action_dim)
    : observation_dim_(observation_dim),
      action_dim_(action_dim),
      observation_(static_cast<std::size_t>(max_rows) * static_cast<std::size_t>(observation_dim)),
      action_(static_cast<std::size_t>(max_rows) * static_cast<std::size_t>(action_dim)) {}

void RowActor::act(const Agent& policy, std::span<const int> rows,
                   BatchView<const float> observation, BatchView<float> action) {
  if (rows.empty()) {
    return;
  }
  const int num_rows = static_cast<int>(rows.size());
  const BatchView<float> seen(observation_.data(), num_rows, observation_dim_);
  const BatchView<float> done(action_.data(), num_rows, action_dim_);
  for (int i = 0; i < num_rows; ++i) {
    std::ranges::copy(observation.row(rows[static_cast<std::size_t>(i)]), seen.row(i).begin());
  }
  policy.act(seen, done);
  for (int i = 0; i < num_rows; ++i) {
    std::ranges::copy(done.row(i), action.row(rows[static_cast<std::size_t>(i)]).begin());
  }
}

}  // namespace fleet::agents
