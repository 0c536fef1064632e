#pragma once

#include "tasks/volley/pair_aim.h"
#include "tasks/volley/volley_outcome.h"

// The tasks of two drones that play together. Names of the columns: volley_task.cc.

namespace fleet::tasks {

/// Hits of the pair in one control step. The turn has passed on when it is made.
template <class R>
struct PairHits {
  std::array<R, 2> good{}, bad{};  ///< flags by player
  MaskOf<R> any_good;
};

/// @param last_turn 1: the turn goes to and fro; 2: after player 1 it is nobody's
template <class R, class M>
PairHits<R> pair_hits(const VolleyNumbers& n, M& memory, int last_turn) {
  PairHits<R> hits{{R(0.0), R(0.0)}, {R(0.0), R(0.0)}, MaskOf<R>(false)};
  R next = memory.turn;
  for (int i = 0; i < 2; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const auto touches = holds(memory.racket_hit[k]) | holds(memory.body_hit[k]);
    const auto is_turn = less(abs(memory.turn - R(i)), R(0.5));
    const auto good = is_turn & hits_well<R>(n, memory, i) & !hits.any_good;
    hits.good[k] = one_if<R>(good);
    hits.bad[k] = one_if<R>(touches & !good);
    hits.any_good = hits.any_good | good;
    next = select(good, R(i == 0 ? 1 : (last_turn == 1 ? 0 : 2)), next);
  }
  memory.turn = next;
  return hits;
}

/// How far players are from where they belong, beyond half a metre, on average.
template <class V>
typename V::Real mean_stray(const VolleyNumbers& n, V& view) {
  using R = typename V::Real;
  R sum(0.0);
  for (int i = 0; i < 2; ++i) {
    const Vec3<R> anchor = constant<R>(n.anchor[static_cast<std::size_t>(i)]);
    sum = sum + maximum(distance(read3(view, 7 * i), anchor) - R(0.5), R(0.0));
  }
  return R(0.5) * sum;
}

/// Guides of a player: to be under the ball at its turn, and to hit it where it is to go.
/// @param guide (2) of the player, zero unless the guides weigh something
template <class R, class M>
void guide_pair(const VolleyNumbers& n, const M& memory, const Flight<R>& ball,
                const Vec3<R>& pos, R hit, int player, R* guide) {
  guide[0] = guide[1] = R(0.0);
  if (n.has_guides) {
    const auto is_turn = less(abs(memory.turn - R(player)), R(0.5));
    guide[0] = select(is_turn, under_ball(pos, n.bounce.racket_top(), ball), R(0.0));
    guide[1] = hit * towards_goal(n, ball, player);
  }
}

template <class R, class M>
MaskOf<R> pair_ball_fault(const VolleyNumbers& n, const Flight<R>& ball, const M& memory) {
  return holds(memory.floor_hit) | holds(memory.net_hit) | less(ball.pos.z, R(0.2)) |
         less(R(16.0), ball.pos.z) | less(R(n.match.half_length), abs(ball.pos.x)) |
         less(R(n.match.half_width), abs(ball.pos.y));
}

/// Pass the ball to and fro, high over the middle.
template <class V, class M>
void evaluate_bump_and_pass(const VolleyNumbers& n, V& view, M& memory, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  constexpr double kDroneRadius = 0.2;  // m, with which it is in the net
  const Flight<R> ball = ball_state(view, n);
  const std::array<Vec3<R>, 2> pos{read3(view, 0), read3(view, 7)};
  const PairHits<R> hits = pair_hits<R>(n, memory, 1);
  const auto ball_fault = pair_ball_fault<R>(n, ball, memory);
  const auto over_middle = less_equal(abs(ball.pos.y), R(0.1)) |
                           less(ball.pos.y * memory.ball_before[1], R(0.0));
  const auto crosses = over_middle & less(R(3.0), memory.since_reached) & less(R(4.0), ball.pos.z);
  memory.since_reached = select(over_middle, R(0.0), memory.since_reached) + R(1.0);
  memory.reached = memory.reached + one_if<R>(crosses);
  const R stray = mean_stray(n, view);
  const auto first_turn = less(memory.turn, R(0.5));
  const R near0 = R(1.0) / (R(1.0) + distance_xy(pos[0], ball.pos));
  const R near1 = R(1.0) / (R(1.0) + distance_xy(pos[1], ball.pos));
  const R near = select(first_turn, near0 - near1, near1 - near0);
  out.ends[0] = ball_fault;
  for (int i = 0; i < 2; ++i) {
    const auto k = static_cast<std::size_t>(i);
    R* const reward = out.reward_of(i);
    const auto in_net = less(abs(pos[k].x), R(kDroneRadius)) &
                        less(abs(pos[k].y), R(n.match.half_width)) &
                        less(pos[k].z, R(n.net_height));
    const auto drone_fault = less(pos[k].z, R(0.4)) | in_net;
    const Vec3<R> to_other = pos[1 - k] - pos[k];
    reward[0] = one_if<R>(hits.any_good);
    reward[1] = one_if<R>(crosses);
    reward[2] = R(-0.05) * stray;
    reward[3] = n.shaping ? R(0.025) * near : R(0.0);
    reward[4] = n.shaping ? hits.good[k] * cosine_xy(to_other, ball.velocity) : R(0.0);
    reward[5] = R(-10.0) * one_if<R>(ball_fault);
    reward[6] = R(-10.0) * one_if<R>(drone_fault);
    reward[7] = R(-10.0) * hits.bad[k];
    guide_pair<R>(n, memory, ball, pos[k], hits.good[k], i, reward + 8);
    out.metrics_of(i)[0] = memory.reached;
    out.ends[1] = out.ends[1] | drone_fault;
    out.ends[2] = out.ends[2] | holds(hits.bad[k]);
  }
}

/// Whether an attack has come to its end, and how.
template <class R>
struct Attack {
  MaskOf<R> crosses;   ///< this step: over the net, downwards or not, after the attacker's hit
  MaskOf<R> lands;     ///< on the floor
  MaskOf<R> succeeds;
};

template <class R, class M>
Attack<R> judge_attack(const VolleyNumbers& n, const Flight<R>& ball, const M& memory) {
  const auto spiked = less(R(1.5), memory.turn);
  const auto lands = holds(memory.floor_hit) | less(ball.pos.z, R(0.2));
  const auto crosses = spiked & less(R(-0.1), memory.ball_before[0]) &
                       less_equal(ball.pos.x, R(-0.1));
  const auto in_target =
      less(distance_xy(ball.pos, constant<R>(kSpikeTarget)), R(kSpikeRadius));
  const auto out = less(R(n.match.half_length), abs(ball.pos.x)) |
                   less(R(n.match.half_width), abs(ball.pos.y));
  const auto returned = holds(memory.board_returned);
  const auto beats_board = (returned & (out | holds(memory.net_hit))) |
                           ((!returned) & holds(memory.board_tried) & lands);
  const auto hard = MaskOf<R>(n.kind == VolleyKind::kSetAndSpikeHard);
  const auto ends = lands | (hard & (out | holds(memory.net_hit)));
  return {crosses, lands, spiked & ends & ((hard & beats_board) | ((!hard) & in_target))};
}

/// What draws the players to the ball at their turn, and away from it at the other's.
template <class V, class M>
typename V::Real spike_near(V& view, const Flight<typename V::Real>& ball, const M& memory) {
  using R = typename V::Real;
  const R near0 = R(1.0) / (R(1.0) + distance_xy(read3(view, 0), ball.pos));
  const R near1 = R(1.0) / (R(1.0) + distance_xy(read3(view, 7), ball.pos));
  return select(less(memory.turn, R(0.5)), near0,
                select(less(memory.turn, R(1.5)), near1 - near0, -near1));
}

/// Set the ball, and spike it over the net.
template <class V, class M>
void evaluate_set_and_spike(const VolleyNumbers& n, V& view, M& memory, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  const bool hard = n.kind == VolleyKind::kSetAndSpikeHard;
  const Flight<R> ball = ball_state(view, n);
  const std::array<Vec3<R>, 2> pos{read3(view, 0), read3(view, 7)};
  const PairHits<R> hits = pair_hits<R>(n, memory, 2);
  const Attack<R> attack = judge_attack<R>(n, ball, memory);
  const auto ball_fault = pair_ball_fault<R>(n, ball, memory) & !attack.succeeds;
  const R low(hard ? 0.4 : 0.2);
  const auto drone_fault = less(pos[0].z, low) | less(pos[1].z, low) | less(pos[0].x, R(0.0)) |
                           less(pos[1].x, R(0.0));
  const R down = one_if<R>(less(ball.velocity.z, R(0.0))) * hits.good[1];
  const R stray = mean_stray(n, view);
  const R near = spike_near(view, ball, memory);
  const Vec3<R> target = constant<R>(kSpikeTarget);
  const auto lands_there = attack.lands & less(R(1.5), memory.turn);
  const R landing = R(0.2) * one_if<R>(lands_there) *
                    maximum(R(10.0) - distance_xy(ball.pos, target), R(0.0));
  const std::array<R, 2> aim{cosine_xy(pos[1] - pos[0], ball.velocity),
                             cosine_xy(target - pos[1], ball.velocity)};
  memory.reached = memory.reached + R(0.25) * (hits.good[0] + down + one_if<R>(attack.crosses) +
                                               one_if<R>(attack.succeeds));
  for (int i = 0; i < 2; ++i) {
    const auto k = static_cast<std::size_t>(i);
    R* const reward = out.reward_of(i);
    reward[0] = R(5.0) * one_if<R>(hits.any_good);
    reward[1] = R(5.0) * down;
    reward[2] = R(5.0) * one_if<R>(attack.crosses);
    reward[3] = R(5.0) * one_if<R>(attack.succeeds);
    reward[4] = R(-0.05) * stray;
    reward[5] = n.shaping ? R(0.025) * near : R(0.0);
    reward[6] = n.shaping ? hits.good[k] * aim[k] : R(0.0);
    reward[7] = n.shaping ? R(0.2) * hits.good[1] * maximum(R(5.0) - ball.velocity.z, R(0.0)) +
                                (hard ? R(0.0) : landing)
                          : R(0.0);
    reward[8] = R(-10.0) * (one_if<R>(ball_fault) + one_if<R>(drone_fault));
    reward[9] = R(-10.0) * hits.bad[k];
    guide_pair<R>(n, memory, ball, pos[k], hits.good[k], i, reward + 10);
    out.metrics_of(i)[0] = memory.reached;
    out.metrics_of(i)[1] = one_if<R>(attack.succeeds);
    out.ends[3] = out.ends[3] | holds(hits.bad[k]);
  }
  out.ends[0] = attack.succeeds;
  out.ends[1] = ball_fault;
  out.ends[2] = drone_fault;
}

}  // namespace fleet::tasks
