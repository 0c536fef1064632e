#pragma once

#include <array>
#include <utility>

#include "tasks/volley/volley_memory.h"
#include "tasks/volley/volley_state.h"

namespace fleet::tasks {

inline constexpr std::size_t kVolleyTerminations = 9;  ///< at most; what a task lacks never happens

/// Where a task's terms write what one control step of a pack of worlds earned.
template <class V>
struct VolleyOutcome {
  using Real = typename V::Real;
  using Mask = typename V::Mask;

  Real* reward;   ///< (num_players x num_rewards)
  Real* metrics;  ///< (num_players x num_metrics)
  int num_rewards, num_metrics;
  std::array<Mask, kVolleyTerminations> ends = none(std::make_index_sequence<kVolleyTerminations>());

  Real* reward_of(int player) const { return reward + player * num_rewards; }
  Real* metrics_of(int player) const { return metrics + player * num_metrics; }

 private:
  template <std::size_t... I>
  static std::array<Mask, kVolleyTerminations> none(std::index_sequence<I...>) {
    return {((void)I, Mask(false))...};
  }
};

/// 1 or 0, for counting and paying.
template <class R>
R one_if(const MaskOf<R>& mask) {
  return select(mask, R(1.0), R(0.0));
}

/// Whether a player hit in this control step as it should: with the racket, or upstream anyhow.
template <class R, class M>
MaskOf<R> hits_well(const VolleyNumbers& n, const M& memory, int player) {
  const auto k = static_cast<std::size_t>(player);
  return holds(memory.racket_hit[k]) | (holds(memory.body_hit[k]) & MaskOf<R>(n.any_touch_counts));
}
template <class R, class M>
MaskOf<R> hits_badly(const VolleyNumbers& n, const M& memory, int player) {
  const auto k = static_cast<std::size_t>(player);
  return holds(memory.body_hit[k]) & MaskOf<R>(!n.any_touch_counts);
}

}  // namespace fleet::tasks
