#pragma once

#include "tasks/volley/volley_memory.h"
#include "tasks/volley/volley_scene.h"
#include "tasks/volley/volley_state.h"

// The board that defends in set-and-spike hard: a disc which a machine moves to where the ball will
// come down, turned so that the ball flies back to a given point.

namespace fleet::tasks {

template <class R>
struct BoardHit {
  R time;            ///< s since the step began, or kNever
  Vec3<R> velocity;  ///< of the ball, after the impact
};

namespace board {
inline constexpr double kMeetHeight = 1.1;   ///< m, where it meets the ball
inline constexpr double kReturnTime = 1.5;   ///< s that the ball flies back
inline constexpr std::array<double, 3> kReturnTo{3.0, 1.0, 1.3};  ///< m
inline constexpr double kMaxSpeed = 8.0;     ///< m/s
inline constexpr double kMaxTurn = 4.0;      ///< rad/s
inline constexpr double kHold = 0.05;        ///< s that it waits for a ball that is late
}  // namespace board

/// The address of its first number in qpos; it comes after players and ball.
inline int board_qpos(const VolleyNumbers& n) { return 7 * (n.num_players + 1); }

/// Plans how to meet a ball that comes down on its side, if it is idle.
template <class R, class M>
void plan_board(const VolleyNumbers& n, const Flight<R>& ball, M& memory) {
  const R restitution(n.bounce.drone_restitution);
  const R drop = maximum(ball.pos.z - R(board::kMeetHeight), R(0.0));
  const R speed = ball.velocity.z;
  const R time = (speed + sqrt(squared(speed) + R(2.0 * kGravity) * drop)) * R(1.0 / kGravity);
  const Flight<R> there = ball.after(time);
  const auto starts =
      less_equal(memory.board_time, R(0.0)) & less(R(1.5), memory.turn) &
      !holds(memory.board_returned) & less(ball.velocity.x, R(-2.0)) & less(speed, R(0.0)) &
      less_equal(R(1.2), ball.pos.z) & less(there.pos.x, R(0.0)) &
      less_equal(R(-n.match.half_length), there.pos.x) &
      less_equal(abs(there.pos.y), R(n.match.half_width));
  Vec3<R> back = (constant<R>(board::kReturnTo) - there.pos) * R(1.0 / board::kReturnTime);
  back.z = back.z + R(0.5 * kGravity * board::kReturnTime);
  const Vec3<R> change = back - there.velocity;
  const Vec3<R> normal = change * (R(1.0) / maximum(physics::norm(change), R(1e-6)));
  // The speed of a moving wall that sends the ball on its way.
  const Vec3<R> velocity =
      add_scaled(back, there.velocity, restitution) * (R(1.0) / (R(1.0) + restitution));
  const Vec3<R> aim = add_scaled(
      there.pos, normal, R(-(Board::kHalfHeight + n.bounce.ball_radius)));
  const auto keep = [&](const Vec3<R>& value, std::array<R, 3>& to) {
    to = {select(starts, value.x, to[0]), select(starts, value.y, to[1]),
          select(starts, value.z, to[2])};
  };
  keep(aim, memory.board_aim);
  keep(normal, memory.board_normal);
  keep(velocity, memory.board_velocity);
  memory.board_time = select(starts, time + R(board::kHold), memory.board_time);
  memory.board_tried = select(starts, R(1.0), memory.board_tried);
}

/// Moves and turns it towards its aim, as fast as it can; an idle one waits at home.
template <class V, class M>
void move_board(const VolleyNumbers& n, V& view, M& memory) {
  using R = typename V::Real;
  const R h(n.bounce.timestep);
  const int q = board_qpos(n);
  const auto busy = less(R(0.0), memory.board_time);
  const R zero(0.0);
  const Vec3<R> home{R(Board::kX), zero, R(Board::kZ)};
  const Vec3<R> aim = physics::select<R>(busy, physics::load3(memory.board_aim.data()), home);
  const Vec3<R> to_normal = physics::select<R>(busy, physics::load3(memory.board_normal.data()),
                                               {zero, zero, R(1.0)});
  // The free body has fallen a little since the last step: its place is where it was put.
  const Vec3<R> velocity = read_velocity3(view, 6 * (n.num_players + 1));
  const Vec3<R> pos = add_scaled(read3(view, q), velocity, -h);
  const Vec3<R> way = aim - pos;
  const R range = physics::norm(way);
  const R left = select(busy, memory.board_time - R(board::kHold), R(1.0));
  const R speed = minimum(range / maximum(left, h), R(board::kMaxSpeed));
  const R part = minimum(speed * h / maximum(range, R(1e-6)), R(1.0));
  const Quat<R> quat{view.qpos(q + 3), view.qpos(q + 4), view.qpos(q + 5), view.qpos(q + 6)};
  const Vec3<R> up = column(matrix(quat), 2);
  const Vec3<R> turn = to_normal - up;
  const R turn_part = minimum(R(board::kMaxTurn) * h / maximum(physics::norm(turn), R(1e-6)), R(1.0));
  const Vec3<R> normal = add_scaled(up, turn, turn_part);
  write3(view, q, add_scaled(pos, way, part));
  write_quat(view, q + 3, normalised(Quat<R>{physics::norm(normal) + normal.z, -normal.y, normal.x,
                                             zero}));
  write_velocity3(view, 6 * (n.num_players + 1), {zero, zero, zero});
  write_velocity3(view, 6 * (n.num_players + 1) + 3, {zero, zero, zero});
  memory.board_time = maximum(memory.board_time - h, zero);
}

/// When the ball meets its face, and how it leaves.
template <class V, class M>
BoardHit<typename V::Real> find_board_hit(const VolleyNumbers& n, V& view, const M& memory,
                                          const Flight<typename V::Real>& ball) {
  using R = typename V::Real;
  const R h(n.bounce.timestep);
  const int q = board_qpos(n);
  const Vec3<R> velocity = read_velocity3(view, 6 * (n.num_players + 1));
  const Vec3<R> pos = add_scaled(read3(view, q), velocity, -h);
  const Quat<R> quat{view.qpos(q + 3), view.qpos(q + 4), view.qpos(q + 5), view.qpos(q + 6)};
  const Vec3<R> normal = column(matrix(quat), 2);
  const Vec3<R> wall = physics::select<R>(less(R(0.0), memory.board_time),
                                          physics::load3(memory.board_velocity.data()),
                                          {R(0.0), R(0.0), R(0.0)});
  const R thickness(Board::kHalfHeight + n.bounce.ball_radius);
  const R before = dot(ball.pos - pos, normal) - thickness;
  const R after = dot(ball.after(h).pos - pos, normal) - thickness;
  const auto crosses = less(R(-0.05), before) & less(after, R(0.0)) & less(after, before);
  const R part = clamp(before / select(crosses, before - after, R(1.0)), R(0.0), R(1.0));
  const Flight<R> there = ball.after(part * h);
  const Vec3<R> offset = there.pos - pos;
  const Vec3<R> beside = add_scaled(offset, normal, -dot(offset, normal));
  const auto meets = crosses & less_equal(dot(beside, beside), R(squared(Board::kRadius)));
  const R speed = minimum(dot(there.velocity - wall, normal), R(0.0));
  const R change = speed * R(-(1.0 + n.bounce.drone_restitution));
  return {select(meets, part * h, R(kNever)), add_scaled(there.velocity, normal, change)};
}

}  // namespace fleet::tasks
