#pragma once

#include <cstdint>
#include <vector>

#include "envs/batch_env.h"

namespace fleet::envs {

/// Memory for the results of a batch's step, and for the action that leads to it.
struct EnvBuffers {
  explicit EnvBuffers(const EnvSpec& spec)
      : num_rows(spec.num_rows()),
        action_dim(spec.action_dim),
        action(size(action_dim)),
        reward(size(1)),
        terminated(size(1)),
        truncated(static_cast<std::size_t>(spec.num_envs)),
        metrics(size(static_cast<int>(spec.metrics.size()))),
        decides(spec.decides_at_times ? size(1) : 0) {
    for (const ObservationGroup& group : spec.observations) {
      views.observation.push_back(add_matrix(group.dim()));
      views.final_observation.push_back(add_matrix(group.dim()));
    }
    views.reward = reward;
    views.terminated = terminated;
    views.truncated = truncated;
    views.decides = decides;
    views.metrics = {metrics.data(), num_rows, static_cast<int>(spec.metrics.size())};
  }
  EnvBuffers(const EnvBuffers&) = delete;
  EnvBuffers& operator=(const EnvBuffers&) = delete;

  BatchView<float> action_view() { return {action.data(), num_rows, action_dim}; }

  int num_rows;
  int action_dim;
  std::vector<float> action;  ///< (num_rows, action_dim)
  std::vector<float> reward;
  std::vector<std::uint8_t> terminated;
  std::vector<std::uint8_t> truncated;
  std::vector<float> metrics;
  std::vector<std::uint8_t> decides;
  StepBuffers views;  ///< of all of these

 private:
  std::size_t size(int columns) const {
    return static_cast<std::size_t>(num_rows) * static_cast<std::size_t>(columns);
  }
  BatchView<float> add_matrix(int columns) {
    return {matrices_.emplace_back(size(columns)).data(), num_rows, columns};
  }
  std::vector<std::vector<float>> matrices_;
};

}  // namespace fleet::envs
