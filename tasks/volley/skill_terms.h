#pragma once

#include "tasks/volley/ball_aim.h"
#include "tasks/volley/volley_outcome.h"

// A skill for team play: hit a ball so that it lands on a given point beyond the net, and stay in
// the air. Names of the columns: volley_task.cc.

namespace fleet::tasks {

/// Where a ball in free flight will be.
template <class R>
struct Prospect {
  Vec3<R> landing;       ///< m, when its surface meets the floor
  MaskOf<R> clears_net;  ///< it comes over the net on its way, with room to spare
};

template <class R>
Prospect<R> foresee(const VolleyNumbers& n, const Flight<R>& ball) {
  constexpr double kSpare = 0.2;  // m
  const R time = falling_time(ball, R(n.bounce.ball_radius));
  const Flight<R> end = ball.after(time);
  const auto moves = less(ball.velocity.x, R(-1e-3));
  const R net_time = ball.pos.x / select(moves, -ball.velocity.x, R(1.0));
  const R net_height = ball.after(net_time).pos.z;
  return {end.pos, moves & less(net_time, time) & less(R(n.net_height + kSpare), net_height)};
}

/// The hit is paid when it is made: what follows of the ball's flight is known then.
template <class V, class M>
void evaluate_aimed_hit(const VolleyNumbers& n, V& view, M& memory, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  constexpr double kAfterwards = 50.0;  // control steps from the hit to the end
  const DroneState<R> drone = drone_state(view, 0);
  const Flight<R> ball = ball_state(view, n);
  const auto waits = less(memory.count, R(0.5));
  const auto is_true = waits & hits_well<R>(n, memory, 0);
  const MaskOf<R> played = !waits;
  const auto is_wrong = hits_badly<R>(n, memory, 0) | (played & hits_well<R>(n, memory, 0));
  const Prospect<R> prospect = foresee(n, ball);
  const Vec3<R> landing = physics::load3(memory.target.data());
  const R error = distance_xy(prospect.landing, landing);
  memory.count = memory.count + one_if<R>(is_true);
  memory.reached = select(is_true & prospect.clears_net, R(1.0), memory.reached);
  memory.top = select(is_true, error, memory.top);
  memory.since_reached = select(is_true, R(0.0), memory.since_reached + R(1.0));
  const auto drone_fault =
      less(drone.pos.z, R(0.4)) | less(drone.pos.x, R(0.15)) | less(R(6.0), drone.pos.z);
  const auto ball_fault = waits & !is_true & holds(memory.floor_hit);
  const auto clears = is_true & prospect.clears_net;
  const R calm = R(1.0) / (R(1.0) + dot(drone.velocity, drone.velocity));
  const R near = under_ball(drone.pos, n.bounce.racket_top(), ball);
  out.reward[0] = select(waits, R(0.1) * near, R(0.0));
  out.reward[1] = R(2.0) * one_if<R>(is_true);
  const R towards = R(4.0) / (R(1.0) + R(1.0 / 9.0) * squared(error));
  const R late = falling_time(ball, landing.z) - flight_time(ball.pos, landing, memory.net_top);
  const R pace = R(1.0) / (R(1.0) + R(25.0) * squared(late));
  const R across = R(3.0) + R(10.0) * (R(0.4) + R(0.6) * pace) / (R(1.0) + squared(error));
  out.reward[2] = select(is_true, towards, R(0.0)) + select(clears, across, R(0.0));
  out.reward[3] = select(waits, R(0.0), R(0.05) * calm * maximum(drone.up().z, R(0.0)));
  out.reward[4] = R(-5.0) * one_if<R>(is_wrong);
  out.reward[5] = R(-10.0) * one_if<R>(drone_fault);
  out.reward[6] = R(-10.0) * one_if<R>(ball_fault);
  out.metrics[0] = memory.count;
  out.metrics[1] = memory.reached;
  out.metrics[2] = select(less(R(0.5), memory.count), memory.top, R(0.0));
  out.ends[0] = played & less(R(kAfterwards - 0.5), memory.since_reached);
  out.ends[1] = is_wrong;
  out.ends[2] = drone_fault;
  out.ends[3] = ball_fault;
}

}  // namespace fleet::tasks
