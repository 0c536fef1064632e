#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "envs/batch_env.h"

namespace fleet::testing {

/// Buffers for a batch's steps. Results start as NaN, so that what a step leaves out shows.
class EnvBatch {
 public:
  explicit EnvBatch(const envs::EnvSpec& spec)
      : num_rows_(spec.num_rows()),
        action_dim_(spec.action_dim),
        action_(size(action_dim_), 0.0F),
        reward_(size(1), kNan),
        terminated_(size(1), 2),
        truncated_(static_cast<std::size_t>(spec.num_envs), 2),
        metrics_(size(static_cast<int>(spec.metrics.size())), kNan) {
    for (const ObservationGroup& group : spec.observations) {
      observation_.emplace_back(size(group.dim()), kNan);
      final_observation_.emplace_back(size(group.dim()), kNan);
      views_.observation.emplace_back(observation_.back().data(), num_rows_, group.dim());
      views_.final_observation.emplace_back(final_observation_.back().data(), num_rows_,
                                            group.dim());
    }
    views_.reward = reward_;
    views_.terminated = terminated_;
    views_.truncated = truncated_;
    views_.metrics = {metrics_.data(), num_rows_, static_cast<int>(spec.metrics.size())};
  }
  EnvBatch(const EnvBatch&) = delete;
  EnvBatch& operator=(const EnvBatch&) = delete;

  int num_rows() const { return num_rows_; }
  BatchView<float> action() { return {action_.data(), num_rows_, action_dim_}; }
  const envs::StepBuffers& views() const { return views_; }
  const std::vector<float>& observation(std::size_t group) const { return observation_[group]; }
  const std::vector<float>& final_observation(std::size_t group) const {
    return final_observation_[group];
  }
  const std::vector<float>& reward() const { return reward_; }
  const std::vector<std::uint8_t>& terminated() const { return terminated_; }
  const std::vector<std::uint8_t>& truncated() const { return truncated_; }
  const std::vector<float>& metrics() const { return metrics_; }

 private:
  static constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  std::size_t size(int columns) const {
    return static_cast<std::size_t>(num_rows_) * static_cast<std::size_t>(columns);
  }

  int num_rows_;
  int action_dim_;
  std::vector<float> action_, reward_;
  std::vector<std::uint8_t> terminated_, truncated_;
  std::vector<float> metrics_;
  std::vector<std::vector<float>> observation_, final_observation_;
  envs::StepBuffers views_;
};

}  // namespace fleet::testing
