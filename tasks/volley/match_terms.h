#pragma once

#include "tasks/volley/match_guides.h"
#include "tasks/volley/volley_outcome.h"

// What a match pays, and how it ends. Names of the columns: volley_task.cc.

namespace fleet::tasks {

/// One against one: how far a player is from the middle of its half, and from a good height.
template <class R>
R position_penalty(const VolleyNumbers& n, const Vec3<R>& pos) {
  const auto inside = [](R x, double size) {
    return maximum(R(0.5) - abs(x), R(0.0)) + maximum(R(0.5) - (R(size) - abs(x)), R(0.0));
  };
  return inside(pos.x, n.match.half_length) + inside(pos.y, n.match.half_width) +
         maximum(abs(pos.z - R(2.0)) - R(1.0), R(0.0));
}

/// The rewards of one player; those of a team's player and of one alone differ.
template <class V, class M>
void reward_player(const VolleyNumbers& n, V& view, const M& memory, int player,
                   const Flight<typename V::Real>& ball, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  const auto k = static_cast<std::size_t>(player);
  const MatchMemory<R>& match = memory.match;
  const bool alone = n.team_size == 1;
  const int team = n.team(player);
  const Vec3<R> pos = read3(view, 7 * player);
  const R sign(team == 0 ? 1.0 : -1.0);
  R team_hits(0.0);
  for (int i = team * n.team_size; i < (team + 1) * n.team_size; ++i) {
    team_hits = maximum(team_hits, match.legal_hit[static_cast<std::size_t>(i)]);
  }
  R* const reward = out.reward_of(player);
  reward[0] = R(100.0) * sign * match.winner;
  reward[1] = R(alone ? 5.0 : 10.0) * team_hits;
  const R range = alone ? distance_xy(pos, ball.pos) : distance(pos, ball.pos);
  reward[2] = select(holds(match.may_hit[k]), R(0.5) / (R(1.0) + range), R(0.0));
  reward[3] = alone ? R(-0.2) * position_penalty(n, pos)
                    : R(0.05) / (R(1.0) + distance(pos, constant<R>(n.anchor[k])));
  reward[4] = R(-100.0) * one_if<R>(less(pos.z, R(n.match.crash_height)));
  reward[5] = R(-100.0) * match.too_close[k];
  reward[6] = reward[7] = R(0.0);
  if (n.has_guides) {
    const Flight<R> seen{turned(ball.pos, team == 1), turned(ball.velocity, team == 1)};
    // Who is to play the ball has another place to be than its own.
    const auto plays = is_to_play(n, view, memory, player, seen);
    reward[3] = select(plays, R(alone ? 0.0 : 0.05), reward[3]);
    const Vec3<R> place = turned(pos, team == 1);
    reward[6] = select(plays, under_ball(place, n.bounce.racket_top(), seen), R(0.0));
    reward[7] = across_guide(n, memory, player, seen);
  }
}

/// Metrics: won, lost, drawn, net crossings, hits of the own team and of the other, whether the own
/// team served, and the fault that ended the rally by its number.
template <class V, class M>
void evaluate_match(const VolleyNumbers& n, V& view, M& memory, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  const Flight<R> ball = ball_state(view, n);
  MatchMemory<R>& match = memory.match;
  for (int i = 0; i < n.num_players; ++i) {
    reward_player(n, view, memory, i, ball, out);
    const auto team = static_cast<std::size_t>(n.team(i));
    const R result = match.winner * R(team == 0 ? 1.0 : -1.0);
    R* const metrics = out.metrics_of(i);
    metrics[0] = maximum(result, R(0.0));
    metrics[1] = maximum(-result, R(0.0));
    metrics[2] = match.over - abs(result);
    metrics[3] = match.crossings;
    metrics[4] = match.hits[team];
    metrics[5] = match.hits[1 - team];
    metrics[6] = one_if<R>(less(abs(match.serving - R(n.team(i))), R(0.5)));
    metrics[7] = match.fault;
  }
  for (std::size_t fault = 0; fault < kFaultNames.size(); ++fault) {
    out.ends[fault] = holds(match.over) &
                      less(abs(match.fault - R(static_cast<double>(fault) + 1.0)), R(0.5));
  }
  match.legal_hit.fill(R(0.0));
  match.too_close.fill(R(0.0));
}

}  // namespace fleet::tasks
