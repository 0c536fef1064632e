#include "cuda/option_gae.h"

#include "cuda/require.h"

namespace fleet::kernels {
namespace {

void check_shapes(const OptionGaeInputs& in, const OpenOptions& open, const OptionGaeOutputs& out) {
  const int num_steps = in.reward.num_rows();
  const int num_rows = in.reward.num_columns();
  const int num_envs = in.truncated.num_columns();
  require_shape("value", in.value, num_steps + 1, num_rows);
  require_shape("final_value", in.final_value, num_steps, num_rows);
  require_shape("terminated", in.terminated, num_steps, num_rows);
  require_shape("truncated", in.truncated, num_steps, num_envs);
  require_shape("decides", in.decides, num_steps + 1, num_rows);
  require_shape("is_over", out.is_over, num_steps, num_rows);
  require_shape("advantage", out.advantage, num_steps, num_rows);
  require_shape("value_target", out.value_target, num_steps, num_rows);
  require(open.reward.size() == static_cast<std::size_t>(num_rows) &&
              open.discount.size() == open.reward.size(),
          "open options are not one to a row");
  require(num_envs > 0 ? num_rows % num_envs == 0 : num_rows == 0,
          "the rows of a batch are no multiple of its envs");
}

/// What a row expects of the steps from one on, up to where it decides, and beyond.
struct Ahead {
  float value = 0.0F;      // discounted rewards, and V where it decides
  float advantage = 0.0F;  // discounted, of that decision and later ones
  float discount = 1.0F;   // gamma^(steps until the rollout ends)
  bool is_open = true;     // the rollout ends before the row decides
};

void sweep_row(int row, int env, const GaeConfig& config, const OptionGaeInputs& in,
               OpenOptions open, const OptionGaeOutputs& out) {
  const int num_steps = in.reward.num_rows();
  float& open_reward = open.reward[static_cast<std::size_t>(row)];
  float& open_discount = open.discount[static_cast<std::size_t>(row)];
  const float earned = open_reward;
  const float before = open_discount;
  open_reward = 0.0F;
  open_discount = 1.0F;
  Ahead ahead;
  if (in.decides(num_steps, row) != 0) {
    ahead = {.value = in.value(num_steps, row), .is_open = false};
  }
  for (int step = num_steps - 1; step >= 0; --step) {
    const bool terminated = in.terminated(step, row) != 0;
    if (terminated || in.truncated(step, env) != 0) {
      ahead = {.value = terminated ? 0.0F : in.final_value(step, row), .is_open = false};
    }
    ahead.value = in.reward(step, row) + config.gamma * ahead.value;
    ahead.advantage *= config.gamma;
    ahead.discount *= config.gamma;
    out.is_over(step, row) = 0;
    if (in.decides(step, row) == 0) {
      continue;
    }
    if (step == 0) {
      ahead.value = earned + before * ahead.value;
      ahead.advantage *= before;
      ahead.discount *= before;
    }
    float advantage = 0.0F;
    const float value = in.value(step, row);
    if (ahead.is_open) {
      open_reward = ahead.value;
      open_discount = ahead.discount;
    } else {
      advantage = ahead.value - value + ahead.advantage;
      out.is_over(step, row) = 1;
      out.advantage(step, row) = advantage;
      out.value_target(step, row) = advantage + value;
    }
    ahead = {.value = value, .advantage = config.lambda * advantage, .is_open = false};
  }
}

}  // namespace

void compute_option_gae(const GaeConfig& config, const OptionGaeInputs& in, OpenOptions open,
                        const OptionGaeOutputs& out) {
  check_shapes(in, open, out);
  const int num_rows = in.reward.num_columns();
  const int num_players = num_rows == 0 ? 1 : num_rows / in.truncated.num_columns();
  for (int row = 0; row < num_rows; ++row) {
    sweep_row(row, row / num_players, config, in, open, out);
  }
}

}  // namespace fleet::kernels
