#pragma once

#include <cstdint>
#include <span>

#include "cuda/gae.h"

namespace fleet::kernels {

/// One rollout, time-major as in GaeInputs, of rows that decide now and then. An option is what a
/// decision leads to: k steps, until the row decides again or its episode ends.
struct OptionGaeInputs {
  BatchView<const float> reward;             ///< (num_steps, num_rows)
  BatchView<const float> value;              ///< (num_steps + 1, num_rows) read where it decides
  BatchView<const float> final_value;        ///< (num_steps, num_rows) read where it is truncated
  BatchView<const std::uint8_t> terminated;  ///< (num_steps, num_rows) 0 or 1
  BatchView<const std::uint8_t> truncated;   ///< (num_steps, num_envs) 0 or 1
  BatchView<const std::uint8_t> decides;     ///< (num_steps + 1, num_rows) 0 or 1
};

struct OptionGaeOutputs {
  BatchView<std::uint8_t> is_over;  ///< (num_steps, num_rows) 1: an option began there and ended
  BatchView<float> advantage;       ///< (num_steps, num_rows) written where is_over
  BatchView<float> value_target;    ///< the same; advantage + value
};

/// Options that begin in one rollout and end in another, one to a row.
///
/// Before: what those that "decide" at step 0 earned in rollouts before. After: those under way.
struct OpenOptions {
  std::span<float> reward;    ///< (num_rows) discounted sum so far; 0: none
  std::span<float> discount;  ///< (num_rows) gamma^k after its k steps so far; 1: none
};

/// Generalised advantage estimation over options (Sutton, Precup and Singh, 1999): the reward of
/// one is sum gamma^j r_j over its k steps, what follows is discounted by gamma^k, and lambda
/// counts decisions, not steps. With a decision at every step it is compute_gae().
///
/// @throws std::invalid_argument if the shapes differ.
void compute_option_gae(const GaeConfig& config, const OptionGaeInputs& in, OpenOptions open,
                        const OptionGaeOutputs& out);

}  // namespace fleet::kernels
