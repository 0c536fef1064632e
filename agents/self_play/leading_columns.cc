#include "agents/self_play/leading_columns.h"

#include <algorithm>

namespace fleet::agents {

void LeadingColumns::act(BatchView<const float> observation, BatchView<float> action) const {
  std::vector<float> seen(static_cast<std::size_t>(observation.num_rows()) *
                          static_cast<std::size_t>(observation_dim_));
  const BatchView<float> rows(seen.data(), observation.num_rows(), observation_dim_);
  for (int row = 0; row < rows.num_rows(); ++row) {
    std::copy_n(observation.row(row).begin(), observation_dim_, rows.row(row).begin());
  }
  policy_->act(rows, action);
}

}  // namespace fleet::agents
