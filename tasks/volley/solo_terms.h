#pragma once

#include "tasks/volley/volley_outcome.h"

// The tasks of one drone. Names of the columns: volley_task.cc.

namespace fleet::tasks {

inline constexpr double kGoodTop = 3.5;   ///< m: how high a bump is to send the ball
inline constexpr double kHitGap = 25.0;   ///< control steps: a hit sooner after the last is wrong

/// Stay at a point, turned to a heading.
template <class V, class M>
void evaluate_hover(const VolleyNumbers& n, V& view, M& memory, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  const DroneState<R> drone = drone_state(view, 0);
  const Vec3<R> off = constant<R>(n.anchor[0]) - drone.pos;
  const Vec3<R> turn = physics::load3(memory.target.data()) - drone.heading();
  const R range = sqrt(dot(off, off) + dot(turn, turn));
  const R spin = dot(physics::Vec3<R>{drone.axes.row2.x, drone.axes.row2.y, drone.axes.row2.z},
                     drone.rate);
  R throttle(0.0);
  for (std::size_t rotor = 0; rotor < kRotors; ++rotor) {
    throttle = throttle + memory.throttle[rotor];
  }
  const R close = R(1.0) / (R(1.0) + squared(R(1.2) * range));
  out.reward[0] = close;
  out.reward[1] = close * squared((drone.up().z + R(1.0)) * R(0.5));
  out.reward[2] = close / (R(1.0) + squared(squared(spin)));
  out.reward[3] = R(0.1) * exp(-throttle);
  out.metrics[0] = physics::norm(off);
  out.ends[0] = less(drone.pos.z, R(0.2));
  out.ends[1] = less(R(4.0), out.metrics[0]);
}

/// Fly between two points and rest at each for a moment.
template <class V, class M>
void evaluate_back_and_forth(const VolleyNumbers& n, V& view, M& memory, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  const Vec3<R> pos = drone_state(view, 0).pos;
  const R range = distance(pos, physics::load3(memory.target.data()));
  memory.count = select(less(range, R(0.6)), memory.count + R(1.0), R(0.0));
  out.ends[0] = less(pos.z, R(0.4)) | less(R(5.0), pos.z);
  out.ends[1] = less(R(7.5), range);
  out.reward[0] = R(0.02) * (R(50.0) - memory.count) * R(0.5) / (R(1.0) + squared(range));
  out.reward[1] = R(2.5) * memory.count;
  out.reward[2] = R(-10.0) * one_if<R>(out.ends[0] | out.ends[1]);
  const auto arrives = less(R(4.5), memory.count);
  const auto second = less(R(0.5), abs(memory.target[0] - R(n.anchor[0][0])));
  for (std::size_t k = 0; k < 3; ++k) {
    const R next = select(second, R(n.anchor[0][k]), R(n.anchor[1][k]));
    memory.target[k] = select(arrives, next, memory.target[k]);
  }
  memory.reached = memory.reached + one_if<R>(arrives);
  out.metrics[0] = memory.reached;
}

/// What hit-the-ball and solo-bump see of a hit.
template <class R>
struct SoloHit {
  MaskOf<R> is_true, is_wrong;
};

template <class R, class M>
SoloHit<R> solo_hit(const VolleyNumbers& n, M& memory) {
  const auto well = hits_well<R>(n, memory, 0);
  const auto is_true = well & less(R(kHitGap), memory.since_hit[0]);
  memory.count = memory.count + one_if<R>(is_true);
  return {is_true, (well & !is_true) | hits_badly<R>(n, memory, 0)};
}

/// Hit the ball once, and far.
template <class V, class M>
void evaluate_hit_the_ball(const VolleyNumbers& n, V& view, M& memory, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  const Vec3<R> pos = drone_state(view, 0).pos;
  const Flight<R> ball = ball_state(view, n);
  const Vec3<R> anchor = constant<R>(n.anchor[0]);
  const SoloHit<R> hit = solo_hit<R>(n, memory);
  const auto drone_fault = less(pos.z, R(0.4)) | less(abs(pos.x), R(0.01));
  const auto ball_fault = holds(memory.floor_hit) | less(ball.pos.z, R(0.15)) |
                          less(R(16.0), ball.pos.z);
  const auto landed = less(R(0.5), memory.count) & less(memory.count, R(1.5)) &
                      less_equal(ball.pos.z, R(2.0)) & less(ball.velocity.z, R(0.0));
  const R range = anchor.x - ball.pos.x;
  out.reward[0] = one_if<R>(hit.is_true);
  out.reward[1] = R(-0.05) * one_if<R>(less(R(1.0), distance(pos, anchor)));
  out.reward[2] = R(2.0) * select(landed, range, R(0.0));
  out.reward[3] = R(-10.0) * one_if<R>(hit.is_wrong);
  out.reward[4] = R(-10.0) * one_if<R>(drone_fault);
  out.reward[5] = R(-10.0) * one_if<R>(ball_fault);
  out.metrics[0] = select(landed, range, R(0.0));
  out.metrics[1] = memory.count;
  out.ends[0] = landed;
  out.ends[1] = hit.is_wrong;
  out.ends[2] = drone_fault;
  out.ends[3] = ball_fault;
}

/// Send the ball up again and again.
template <class V, class M>
void evaluate_solo_bump(const VolleyNumbers& n, V& view, M& memory, VolleyOutcome<V>& out) {
  using R = typename V::Real;
  const Vec3<R> pos = drone_state(view, 0).pos;
  const Flight<R> ball = ball_state(view, n);
  memory.top = maximum(memory.top, ball.pos.z);
  const SoloHit<R> hit = solo_hit<R>(n, memory);
  const auto again = hit.is_true & less(R(1.5), memory.count);
  memory.top_sum = memory.top_sum + select(again, memory.top, R(0.0));
  memory.high_hits = memory.high_hits + one_if<R>(again & less(R(kGoodTop), memory.top));
  const R mean_top = memory.top_sum / maximum(memory.count - R(1.0), R(1.0));
  memory.top = select(hit.is_true, ball.pos.z, memory.top);
  const auto drone_fault =
      less(pos.z, R(0.4)) | less(R(2.5), pos.z) | less(abs(pos.x), R(0.01));
  const auto ball_fault = holds(memory.floor_hit) | less(ball.pos.z, R(0.15)) |
                          less(R(4.5), ball.pos.z) |
                          less(R(n.match.half_length), abs(ball.pos.x)) |
                          less(R(n.match.half_width), abs(ball.pos.y));
  const R above = clamp(ball.pos.z - maximum(pos.z, R(1.0)), R(0.0), R(2.0));
  out.reward[0] = R(8.0) * one_if<R>(again & less(R(kGoodTop), mean_top));
  out.reward[1] = R(2.0) * one_if<R>(hit.is_true);
  out.reward[2] = n.shaping ? R(1.0) / (R(1.0) + distance_xy(ball.pos, pos)) + R(0.5) * above
                            : R(0.0);
  out.reward[3] = R(-10.0) * one_if<R>(hit.is_wrong);
  out.reward[4] = R(-10.0) * one_if<R>(drone_fault);
  out.reward[5] = R(-10.0) * one_if<R>(ball_fault);
  out.metrics[0] = memory.high_hits;
  out.metrics[1] = memory.count;
  out.ends[0] = hit.is_wrong;
  out.ends[1] = drone_fault;
  out.ends[2] = ball_fault;
}

}  // namespace fleet::tasks
