// What the critics of FlashSAC and SAC expect: not part of learning, which never asks.

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "agents/flashsac/flashsac.h"
#include "cuda/require.h"

namespace fleet::agents {
namespace {

constexpr int kMaxRows = 64;  // of one pass

}  // namespace

Fields FlashSac::critic() {
  Fields fields = learner_.critic.fields("critic/");
  for (Field& field : collector_.reward_statistics()) {
    field.name = "collector/" + field.name;
    fields.push_back(std::move(field));
  }
  return fields;
}

void FlashSac::value(const std::vector<BatchView<float>>& observation,
                     std::span<float> value) const {
  const flashsac::Network<float>& critic = learner_.critic;
  const int action_dim = learner_.actor.shape().output_dim() / 2;
  const int num_rows = static_cast<int>(value.size());
  const BatchView<float> seen = observation.at(static_cast<std::size_t>(critic_group_));
  require_shape("observation", seen, num_rows, critic.shape().input_dim() - action_dim);
  std::vector<float> actions(value.size() * static_cast<std::size_t>(action_dim));
  const BatchView<float> action(actions.data(), num_rows, action_dim);
  act(observation[0], action);
  const auto unit = static_cast<float>(config_.scale_rewards ? collector_.reward_divisor() : 1.0);
  flashsac::Pass<float> pass(critic.shape(), critic.num_members(), std::min(num_rows, kMaxRows));
  for (int first = 0; first < num_rows; first += kMaxRows) {
    const int count = std::min(kMaxRows, num_rows - first);
    for (int row = 0; row < count; ++row) {
      float* const input = std::ranges::copy(seen.row(first + row), pass.input(row)).out;
      std::ranges::transform(action.row(first + row), policy_.bound, input,
                             std::divides<>());  // critics know actions without their bound
    }
    pass.forward(critic, flashsac::Statistics::kRunning, {0, count}, {0, count}, pool_);
    for (int row = 0; row < count; ++row) {
      const float expected = agreed_return(pass, row);
      value[static_cast<std::size_t>(first + row)] =
          std::isfinite(expected) ? unit * expected : 0.0F;
    }
  }
}

/// The least that a critic expects, or the mean of all: as `twin` says.
float FlashSac::agreed_return(const flashsac::Pass<float>& pass, int row) const {
  const int num_critics = learner_.critic.num_members();
  std::vector<float> probability(static_cast<std::size_t>(learner_.critic.shape().output_dim()));
  float least = HUGE_VALF;
  float sum = 0.0F;
  for (int member = 0; member < num_critics; ++member) {
    const float expected = learner_.expected_return(pass.output(member, row), probability);
    least = std::min(least, expected);
    sum += expected;
  }
  return config_.twin == "mean" ? sum / static_cast<float>(num_critics) : least;
}

}  // namespace fleet::agents
