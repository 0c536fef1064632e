#pragma once

#include "cuda/gae.h"
#include "cuda/host_device.h"

// What compute_gae() does at one (step, row). The host and a device launch share it and differ only
// in the order in which they visit the pairs.

namespace fleet::kernels {

/// Fills `out` at (step, row); step + 1 must be filled already.
FLEET_HD inline void gae_at(int step, int row, int num_players, const GaeConfig& config,
                            const GaeInputs& in, const GaeOutputs& out) {
  const bool terminated = in.terminated(step, row) != 0;
  const bool episode_ends = terminated || in.truncated(step, row / num_players) != 0;
  const bool rollout_ends = step + 1 == in.reward.num_rows();

  // Nothing follows a terminal state; something would have followed a truncated one.
  const float next_value = terminated ? 0.0F : in.next_value(step, row);
  const float value = in.value(step, row);
  const float td_error = in.reward(step, row) + config.gamma * next_value - value;

  // The next row may belong to the next episode, whose advantage is none of this one's.
  const float next_advantage = episode_ends || rollout_ends ? 0.0F : out.advantage(step + 1, row);
  const float advantage = td_error + config.gamma * config.lambda * next_advantage;

  out.advantage(step, row) = advantage;
  out.value_target(step, row) = advantage + value;
}

/// @throws std::invalid_argument
void check_shapes(const GaeInputs& in, const GaeOutputs& out);

}  // namespace fleet::kernels
