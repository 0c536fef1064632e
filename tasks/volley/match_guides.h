#pragma once

#include "tasks/volley/skill_terms.h"
#include "tasks/volley/volley_outcome.h"

// Who of a team is to play the ball; and what guides the training of a match's players where the
// result alone comes too seldom: to be where the ball comes down, and to play it over the net.
// Nothing here says where in the court to.

namespace fleet::tasks {

/// Whether a player is the one to play the ball: it comes down on the own side of the net, and none
/// of the team who may hit it is nearer to that place.
/// @param ball as the team sees it
template <class V, class M>
MaskOf<typename V::Real> is_to_play(const VolleyNumbers& n, V& view, const M& memory, int player,
                                    const Flight<typename V::Real>& ball) {
  using R = typename V::Real;
  constexpr double kHeight = 2.0;  // m, where balls are met
  constexpr double kEdge = 0.3;    // m: what lands farther out is a fault of the others
  const MatchMemory<R>& match = memory.match;
  const int team = n.team(player);
  const Vec3<R> low = ball.after(falling_time(ball, R(kHeight))).pos;
  const auto is_here = less(R(0.0), ball.pos.x);
  const auto is_in =
      less(low.x, R(n.match.half_length + kEdge)) & less(abs(low.y), R(n.match.half_width + kEdge));
  const auto is_ours = less(abs(match.last_team - R(team)), R(0.5));
  const auto comes = less(R(0.0), low.x) & (is_here | less(R(0.0), ball.velocity.x));
  const auto range = [&](int i) { return distance_xy(turned(read3(view, 7 * i), team == 1), low); };
  const auto may_hit = [&](int i) {
    return holds(match.may_hit[static_cast<std::size_t>(i)]) | !is_here;
  };
  const R own = range(player);
  MaskOf<R> nearest = may_hit(player);
  for (int i = team * n.team_size; i < (team + 1) * n.team_size; ++i) {
    if (i != player) {
      const auto nearer = i < player ? less_equal(range(i), own) : less(range(i), own);
      nearest = nearest & !(may_hit(i) & nearer);
    }
  }
  return comes & (is_in | is_ours) & nearest;
}

/// 1 for a hit after which the ball will land inside the other half, less with its distance from
/// there, and less if it does not come over the net.
template <class R, class M>
R across_guide(const VolleyNumbers& n, const M& memory, int player, const Flight<R>& ball) {
  const Prospect<R> prospect = foresee(n, ball);
  const double middle = 0.5 * n.match.half_length;
  const R ahead = maximum(abs(prospect.landing.x + R(middle)) - R(0.8 * middle), R(0.0));
  const R aside = maximum(abs(prospect.landing.y) - R(0.85 * n.match.half_width), R(0.0));
  const R error = squared(ahead) + squared(aside);
  const R towards = R(0.3) / (R(1.0) + R(1.0 / 9.0) * error);
  const R inside = select(prospect.clears_net, R(0.7) / (R(1.0) + error), R(0.0));
  return memory.match.legal_hit[static_cast<std::size_t>(player)] * (towards + inside);
}

}  // namespace fleet::tasks
