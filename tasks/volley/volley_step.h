#pragma once

#include "tasks/volley/volley_task.h"

// One physics step, one control step and one row of drone volleyball.

namespace fleet::tasks {

template <class V, class M>
void VolleyTask::after_substep(V& view, M& memory) const {
  using R = typename V::Real;
  if (!config_.has_ball()) {
    return;
  }
  RallyEvents<R> events;
  fly_ball(n_, view, memory, events);
  if (n_.kind == VolleyKind::kMatch) {
    for (int i = 0; i < n_.num_players; ++i) {
      events.player[static_cast<std::size_t>(i)] = read3(view, 7 * i);
    }
    referee(n_.match, events, memory.match);
  }
  if (n_.kind == VolleyKind::kSetAndSpikeHard) {
    plan_board(n_, ball_state(view, n_), memory);
    move_board(n_, view, memory);
  }
}

template <class V, class M>
std::array<typename V::Mask, kVolleyTerminations> VolleyTask::evaluate(
    V& view, M& memory, const typename V::Real* /*action*/, typename V::Real* reward,
    typename V::Real* metrics) const {
  using R = typename V::Real;
  VolleyOutcome<V> out{.reward = reward,
                       .metrics = metrics,
                       .num_rewards = static_cast<int>(spec_.reward_terms.size()),
                       .num_metrics = static_cast<int>(spec_.metrics.size())};
  switch (n_.kind) {
    case VolleyKind::kHover: evaluate_hover(n_, view, memory, out); break;
    case VolleyKind::kBackAndForth: evaluate_back_and_forth(n_, view, memory, out); break;
    case VolleyKind::kHitTheBall: evaluate_hit_the_ball(n_, view, memory, out); break;
    case VolleyKind::kSoloBump: evaluate_solo_bump(n_, view, memory, out); break;
    case VolleyKind::kBumpAndPass: evaluate_bump_and_pass(n_, view, memory, out); break;
    case VolleyKind::kSetAndSpike:
    case VolleyKind::kSetAndSpikeHard: evaluate_set_and_spike(n_, view, memory, out); break;
    case VolleyKind::kAimedHit: evaluate_aimed_hit(n_, view, memory, out); break;
    case VolleyKind::kMatch: evaluate_match(n_, view, memory, out); break;
  }
  for (int i = 0; i < n_.num_players; ++i) {
    for (int term = 0; term < out.num_rewards; ++term) {
      R& paid = out.reward_of(i)[term];
      paid = paid * R(weights_[static_cast<std::size_t>(term)]);
    }
  }
  if (!config_.has_ball()) {
    return out.ends;
  }
  for (int i = 0; i < n_.num_players; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const auto hit = holds(memory.racket_hit[k]) | holds(memory.body_hit[k]);
    memory.since_hit[k] = select(hit, R(0.0), memory.since_hit[k] + R(1.0));
    memory.racket_hit[k] = memory.body_hit[k] = R(0.0);
  }
  memory.floor_hit = memory.net_hit = R(0.0);
  const Vec3<R> ball = ball_state(view, n_).pos;
  memory.ball_before = {ball.x, ball.y, ball.z};
  return out.ends;
}

template <class V, class M>
void VolleyTask::observe(V& view, const M& memory, int player, int /*group*/,
                         typename V::Real* out) const {
  switch (n_.kind) {
    case VolleyKind::kHover:
    case VolleyKind::kBackAndForth:
    case VolleyKind::kHitTheBall:
    case VolleyKind::kSoloBump: observe_solo(n_, view, memory, out); break;
    case VolleyKind::kBumpAndPass:
    case VolleyKind::kSetAndSpike:
    case VolleyKind::kSetAndSpikeHard: observe_pair(n_, view, memory, player, out); break;
    case VolleyKind::kAimedHit: observe_aimed_hit(n_, view, memory, out); break;
    case VolleyKind::kMatch: observe_match(n_, view, memory, player, out); break;
  }
}

}  // namespace fleet::tasks
