#include "cuda/gae.h"

#include "cuda/gae_kernel.h"
#include "cuda/require.h"

namespace fleet::kernels {

void check_shapes(const GaeInputs& in, const GaeOutputs& out) {
  const int num_steps = in.reward.num_rows();
  const int num_rows = in.reward.num_columns();
  const int num_envs = in.truncated.num_columns();
  require_shape("value", in.value, num_steps, num_rows);
  require_shape("next_value", in.next_value, num_steps, num_rows);
  require_shape("terminated", in.terminated, num_steps, num_rows);
  require_shape("truncated", in.truncated, num_steps, num_envs);
  require_shape("advantage", out.advantage, num_steps, num_rows);
  require_shape("value_target", out.value_target, num_steps, num_rows);
  require(num_envs > 0 ? num_rows % num_envs == 0 : num_rows == 0,
          "the rows of a batch are no multiple of its envs");
}

void compute_gae(const GaeConfig& config, const GaeInputs& in, const GaeOutputs& out) {
  check_shapes(in, out);
  const int num_rows = in.reward.num_columns();
  const int num_players = num_rows == 0 ? 1 : num_rows / in.truncated.num_columns();
  for (int step = in.reward.num_rows() - 1; step >= 0; --step) {
    for (int row = 0; row < num_rows; ++row) {  // consecutive floats
      gae_at(step, row, num_players, config, in, out);
    }
  }
}

}  // namespace fleet::kernels
