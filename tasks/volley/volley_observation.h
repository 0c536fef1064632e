#pragma once

#include "tasks/volley/ball_aim.h"
#include "tasks/volley/match_guides.h"
#include "tasks/volley/pair_aim.h"
#include "tasks/volley/volley_outcome.h"

// What each player sees. Lists of the terms: volley_task.cc.

namespace fleet::tasks {

/// Writes a row number by number.
template <class R>
class RowWriter {
 public:
  explicit RowWriter(R* out) : out_(out) {}
  void add(R value) { *out_++ = value; }
  void add(const Vec3<R>& v) {
    add(v.x);
    add(v.y);
    add(v.z);
  }
  /// One of two: (1, 0) if so, else (0, 1).
  void add_choice(const MaskOf<R>& first) {
    const R is_first = one_if<R>(first);
    add(is_first);
    add(R(1.0) - is_first);
  }
  void add_index(int index, int count) {
    for (int k = 0; k < count; ++k) {
      add(R(k == index ? 1.0 : 0.0));
    }
  }

 private:
  R* out_;
};

/// Attitude, velocities and rotors: 20 numbers.
template <class R>
void write_attitude(RowWriter<R>& row, const DroneState<R>& drone, const R* throttle) {
  const Quat<R> quat = with_positive_w(drone.quat);
  row.add(quat.w);
  row.add({quat.x, quat.y, quat.z});
  row.add(drone.velocity);
  row.add(drone.axes * drone.rate);
  row.add(drone.heading());
  row.add(drone.up());
  for (int rotor = 0; rotor < kRotors; ++rotor) {
    row.add(R(2.0) * throttle[rotor] - R(1.0));
  }
}

/// Tasks of one drone.
template <class V, class M>
void observe_solo(const VolleyNumbers& n, V& view, const M& memory, typename V::Real* out) {
  using R = typename V::Real;
  RowWriter<R> row(out);
  const DroneState<R> drone = drone_state(view, 0);
  const Vec3<R> anchor = constant<R>(n.anchor[0]);
  const Vec3<R> target = physics::load3(memory.target.data());
  if (n.kind == VolleyKind::kHover) {
    row.add(anchor - drone.pos);
    write_attitude(row, drone, memory.throttle.data());
    row.add(target - drone.heading());
    return;
  }
  row.add(drone.pos);
  write_attitude(row, drone, memory.throttle.data());
  if (n.kind == VolleyKind::kBackAndForth) {
    row.add(target - drone.pos);
    return;
  }
  const Flight<R> ball = ball_state(view, n);
  row.add(drone.pos - anchor);
  row.add(drone.pos - ball.pos);
  row.add(ball.velocity);
}

/// How a player would have to meet the ball: BallAim::kDim numbers.
template <class R>
void write_aim(RowWriter<R>& row, const BallAim<R>& aim, const Vec3<R>& pos) {
  row.add(aim.meeting - pos);
  row.add(aim.time);
  row.add(aim.normal);
  row.add(aim.speed);
}

/// The aim of a player at a target beyond the net.
template <class R>
BallAim<R> aim_at(const VolleyNumbers& n, const Vec3<R>& pos, const Flight<R>& ball,
                  const BallTarget<R>& target) {
  const R height = pos.z + R(n.bounce.racket_top());
  return aim_ball<R>(ball, height, target, n.bounce.drone_restitution);
}

/// A skill: the ball, where it is to land, whether it may still be hit, and how.
template <class V, class M>
void observe_aimed_hit(const VolleyNumbers& n, V& view, const M& memory, typename V::Real* out) {
  using R = typename V::Real;
  RowWriter<R> row(out);
  const DroneState<R> drone = drone_state(view, 0);
  const Flight<R> ball = ball_state(view, n);
  row.add(drone.pos);
  write_attitude(row, drone, memory.throttle.data());
  row.add(ball.pos - drone.pos);
  row.add(ball.velocity);
  const Vec3<R> landing = physics::load3(memory.target.data());
  row.add(landing - drone.pos);
  row.add(one_if<R>(less(memory.count, R(0.5))));
  write_aim(row, aim_at(n, drone.pos, ball, {landing, memory.net_top}), drone.pos);
}

/// What players of every game with a ball see first: themselves, from where they belong, as turned.
template <class R>
void write_player(RowWriter<R>& row, const VolleyNumbers& n, const DroneState<R>& drone,
                  const R* throttle, int player) {
  row.add(drone.pos);
  write_attitude(row, drone, throttle);
  const auto mate = static_cast<std::size_t>(player % n.team_size);  // both teams' as from x > 0
  row.add(drone.pos - constant<R>(n.anchor[mate]));
}

/// Tasks of two that play together: the turn is the same for both.
template <class V, class M>
void observe_pair(const VolleyNumbers& n, V& view, const M& memory, int player,
                  typename V::Real* out) {
  using R = typename V::Real;
  RowWriter<R> row(out);
  const DroneState<R> drone = drone_state(view, player);
  const Flight<R> ball = ball_state(view, n);
  write_player(row, n, drone, &memory.throttle[static_cast<std::size_t>(kRotors * player)], player);
  row.add(read3(view, 7 * (1 - player)) - drone.pos);
  row.add(drone.pos - ball.pos);
  row.add(ball.velocity);
  const int turns = n.kind == VolleyKind::kBumpAndPass ? 2 : 3;
  for (int turn = 0; turn < turns; ++turn) {
    row.add(one_if<R>(less(abs(memory.turn - R(turn)), R(0.5))));
  }
  row.add_index(player, 2);
  if (n.observe_aim) {
    write_aim(row, aim_of_pair(n, ball, drone.pos, player), drone.pos);
  }
}

/// What a ball in a match is aimed at: a point well inside the other half.
template <class R>
BallTarget<R> far_target(const VolleyNumbers& n) {
  constexpr double kDepth = 0.6;  // share of the half
  constexpr double kSpare = 0.6;  // m, of the ball's centre over the net
  return {{R(-kDepth * n.match.half_length), R(0.0), R(n.bounce.ball_radius)},
          R(n.net_height + kSpare)};
}

/// A match: the far team sees the court turned by half a turn, so that both see the same game.
template <class V, class M>
void observe_match(const VolleyNumbers& n, V& view, const M& memory, int player,
                   typename V::Real* out) {
  using R = typename V::Real;
  RowWriter<R> row(out);
  const int team = n.team(player);
  const bool far = team == 1;
  const MatchMemory<R>& match = memory.match;
  const DroneState<R> drone = turned(drone_state(view, player), far);
  const Flight<R> seen = ball_state(view, n);
  const Flight<R> ball{turned(seen.pos, far), turned(seen.velocity, far)};
  const auto k = static_cast<std::size_t>(player);
  write_player(row, n, drone, &memory.throttle[kRotors * k], player);
  if (n.team_size == 1) {
    row.add(turned(read3(view, 7 * (1 - player)), far) - drone.pos);
    row.add(drone.pos - ball.pos);
    row.add(ball.velocity);
    row.add_choice(holds(match.may_hit[k]));
  } else {
    row.add(ball.pos - drone.pos);
    row.add(ball.velocity);
    row.add_choice(far ? holds(match.side) : !holds(match.side));
    row.add_index(player % n.team_size, n.team_size);
    row.add_choice(holds(match.may_hit[k]));
    for (int i = 0; i < n.num_players; ++i) {
      const int other = far ? (i + n.team_size) % n.num_players : i;  // the own team first
      row.add(turned(read3(view, 7 * other), far));
    }
  }
  if (n.observe_aim) {
    write_aim(row, aim_at(n, drone.pos, ball, far_target<R>(n)), drone.pos);
    row.add(one_if<R>(is_to_play(n, view, memory, player, ball)));
  }
}

}  // namespace fleet::tasks
