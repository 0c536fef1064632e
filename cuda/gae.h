#pragma once

#include <cstdint>

#include "cuda/batch_view.h"

namespace fleet::kernels {

struct GaeConfig {
  float gamma = 0.99F;   ///< discount per step, in [0, 1]
  float lambda = 0.95F;  ///< in [0, 1]: 0 trusts the critic (one-step TD), 1 the returns
};

/// One rollout, time-major: row t holds step t of every row of the batch (env * num_players +
/// player). num_rows is a multiple of num_envs.
struct GaeInputs {
  BatchView<const float> reward;             ///< (num_steps, num_rows)
  BatchView<const float> value;              ///< (num_steps, num_rows) V(observation acted on)
  BatchView<const float> next_value;         ///< (num_steps, num_rows) V(what followed, unreset)
  BatchView<const std::uint8_t> terminated;  ///< (num_steps, num_rows) 0 or 1
  BatchView<const std::uint8_t> truncated;   ///< (num_steps, num_envs) 0 or 1
};

struct GaeOutputs {
  BatchView<float> advantage;     ///< (num_steps, num_rows)
  BatchView<float> value_target;  ///< (num_steps, num_rows) advantage + value
};

/// Generalised advantage estimation (Schulman et al., 2016) over host memory.
///
/// `next_value` is not read where the row terminated, so anything may stand there, also NaN.
/// @throws std::invalid_argument if the shapes differ.
void compute_gae(const GaeConfig& config, const GaeInputs& in, const GaeOutputs& out);

}  // namespace fleet::kernels
