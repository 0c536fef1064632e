#include "envs/divergence_log.h"

#include <algorithm>

namespace fleet::envs {

DivergenceLog::DivergenceLog(int state_size, int action_size)
    : state_size_(state_size),
      action_size_(action_size),
      state_(static_cast<std::size_t>(kCapacity) * static_cast<std::size_t>(state_size)),
      action_(static_cast<std::size_t>(kCapacity) * static_cast<std::size_t>(action_size)) {}

void DivergenceLog::add(int env, std::int64_t vector_step, std::span<const double> state,
                        std::span<const double> action) {
  const int slot = count_.fetch_add(1);
  if (slot >= kCapacity) {
    return;
  }
  const auto index = static_cast<std::size_t>(slot);
  env_[index] = env;
  vector_step_[index] = vector_step;
  std::ranges::copy(state, state_.begin() + static_cast<std::ptrdiff_t>(slot) * state_size_);
  std::ranges::copy(action, action_.begin() + static_cast<std::ptrdiff_t>(slot) * action_size_);
}

Fields DivergenceLog::take() {
  const int count = std::min(count_.exchange(0), kCapacity);
  if (count == 0) {
    return {};
  }
  return {make_field("env", {count}, env_.data()),
          make_field("vector_step", {count}, vector_step_.data()),
          make_field("state", {count, state_size_}, state_.data()),
          make_field("action", {count, action_size_}, action_.data())};
}

}  // namespace fleet::envs
