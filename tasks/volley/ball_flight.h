#pragma once

#include <algorithm>
#include <array>

#include "tasks/volley/quadrotor.h"

// How a ball flies and bounces within one physics step of h seconds. Free flight is the exact
// parabola. Impacts are found on the way, not where the step ends: of each drone the path of the
// ball's centre in the drone's frame is held against
//
//           ___________ racket: a plane, one radius above the disc, crossed from above
//        .-'___________'-.
//       ( |  body box   | )   the box grown by the radius
//        '-.___________.-'
//
// and the earliest impact of all acts. The rest of the step is flown with the new velocities.

namespace fleet::tasks {

/// The numbers of the law of impacts.
struct BounceNumbers {
  double timestep = 0.0;  ///< s
  double ball_mass = 0.0, ball_radius = 0.0;
  double drone_restitution = 0.0, floor_restitution = 0.0;
  double racket_radius = 0.0, racket_height = 0.0;
  std::array<double, 3> half_box{};

  /// m, from a level drone up to the centre of a ball on its racket.
  double racket_top() const { return racket_height + ball_radius; }
};

/// A ball on its way: where it is, and how fast.
template <class R>
struct Flight {
  Vec3<R> pos, velocity;

  /// After `time` s of free flight.
  Flight after(R time) const {
    const R g(kGravity);
    Vec3<R> at = physics::add_scaled(pos, velocity, time);
    at.z = at.z - R(0.5) * g * squared(time);
    return {at, {velocity.x, velocity.y, velocity.z - g * time}};
  }
};

/// A drone at the end of the step, which turned and moved evenly.
template <class R>
struct DroneMotion {
  Vec3<R> pos;            ///< m, of its origin
  physics::Mat3<R> axes;  ///< from body to world
  Vec3<R> velocity;       ///< of its origin, world
  Vec3<R> rate;           ///< rad/s, body
};

/// When and how the ball meets something. None: time is kNever.
template <class R>
struct Impact {
  R time;              ///< s since the step began
  Vec3<R> normal;      ///< body frame, towards the ball
  R with_racket;       ///< flag
};

/// Distance (m) of a ball's surface from a box, negative inside; and its gradient.
template <class R>
struct BoxDistance {
  R distance;
  Vec3<R> gradient;
};

template <class R>
BoxDistance<R> box_distance(const BounceNumbers& n, const Vec3<R>& at) {
  const Vec3<R> beyond{abs(at.x) - R(n.half_box[0]), abs(at.y) - R(n.half_box[1]),
                       abs(at.z) - R(n.half_box[2])};
  const R zero(0.0);
  const R one(1.0);
  const Vec3<R> out{maximum(beyond.x, zero), maximum(beyond.y, zero), maximum(beyond.z, zero)};
  const R length = physics::norm(out);
  const auto outside = less(R(1e-9), length);
  const R scale = one / select(outside, length, one);
  const auto by_x = less(beyond.y, beyond.x) & less(beyond.z, beyond.x);
  const auto by_y = (!by_x) & less(beyond.z, beyond.y);
  const Vec3<R> face{select(by_x, one, zero), select(by_y, one, zero),
                     select(by_x | by_y, zero, one)};
  const auto signed_part = [&](R part, R coordinate, R inner) {
    const R size = select(outside, part * scale, inner);
    return select(less(coordinate, zero), -size, size);
  };
  const R deepest = minimum(maximum(beyond.x, maximum(beyond.y, beyond.z)), zero);
  return {length + deepest - R(n.ball_radius),
          {signed_part(out.x, at.x, face.x), signed_part(out.y, at.y, face.y),
           signed_part(out.z, at.z, face.z)}};
}

/// Where the way from `from` to `to` (drone's frame) first meets the box, by sphere tracing: no step
/// is longer than the distance to the box, so nothing is jumped over.
template <class R>
Impact<R> find_box_impact(const BounceNumbers& n, const Vec3<R>& from, const Vec3<R>& to) {
  constexpr int kSteps = 8;
  constexpr double kClose = 1e-3;  // m
  const Vec3<R> way = to - from;
  const R length = physics::norm(way);
  const R per_metre = R(1.0) / maximum(length, R(1e-9));
  R part(0.0);
  BoxDistance<R> found = box_distance(n, from);
  for (int step = 0; step < kSteps; ++step) {
    part = part + maximum(found.distance, R(0.0)) * per_metre;
    found = box_distance(n, physics::add_scaled(from, way, minimum(part, R(1.0))));
  }
  const auto meets = less_equal(part, R(1.0)) & less(found.distance, R(kClose)) &
                     less(dot(found.gradient, way), R(0.0));
  return {select(meets, part * R(n.timestep), R(kNever)), found.gradient, R(0.0)};
}

/// Where it crosses the racket's plane from above, within the racket.
template <class R>
Impact<R> find_racket_impact(const BounceNumbers& n, const Vec3<R>& from, const Vec3<R>& to) {
  constexpr double kSlack = 5e-3;  // m that a ball may already be below: it rests, or rounding
  const R height(n.racket_height + n.ball_radius);
  const R before = from.z - height;
  const R after = to.z - height;
  const auto crosses = less(R(-kSlack), before) & less(after, R(0.0)) & less(after, before);
  const R part = clamp(before / select(crosses, before - after, R(1.0)), R(0.0), R(1.0));
  const R x = from.x + part * (to.x - from.x);
  const R y = from.y + part * (to.y - from.y);
  const auto meets =
      crosses & less_equal(squared(x) + squared(y), R(squared(n.racket_radius)));
  return {select(meets, part * R(n.timestep), R(kNever)), {R(0.0), R(0.0), R(1.0)},
          select(meets, R(1.0), R(0.0))};
}

/// A vector fixed to the body as it stood `time` s before the step's end, to third order.
template <class R>
Vec3<R> turned_back(const Vec3<R>& v, const Vec3<R>& rate, R time) {
  const Vec3<R> first = physics::cross(v, rate) * time;
  return v + first + physics::cross(first, rate) * (R(0.5) * time);
}

/// When the ball meets a drone in the step. @param ball when the step begins
template <class R>
Impact<R> find_impact(const BounceNumbers& n, const Flight<R>& ball, const DroneMotion<R>& drone) {
  const R h(n.timestep);
  const Vec3<R> drone_before = physics::add_scaled(drone.pos, drone.velocity, -h);
  const Vec3<R> to = physics::transposed_times(drone.axes, ball.after(h).pos - drone.pos);
  // A point of the world, in a frame that stood turned back by rate h, is turned forth by it.
  const Vec3<R> from = turned_back(
      physics::transposed_times(drone.axes, ball.pos - drone_before), drone.rate, -h);
  const Impact<R> racket = find_racket_impact(n, from, to);
  const Impact<R> box = find_box_impact(n, from, to);
  const auto is_racket =
      holds(racket.with_racket) & less_equal(racket.time, box.time + R(0.25 * n.timestep));
  return {select(is_racket, racket.time, box.time),
          physics::select<R>(is_racket, racket.normal, box.normal),
          select(is_racket, R(1.0), R(0.0))};
}

/// What an impact changes of a drone: velocities, in its body's frame and the world's.
template <class R>
struct Kick {
  Vec3<R> velocity;  ///< m/s, world, of the origin
  Vec3<R> rate;      ///< rad/s, body
};

/// Exchanges momentum without friction, in place: the ball leaves with drone_restitution times the
/// speed at which it came, as seen from the point that it meets.
/// @param ball at the moment of impact  @param left s from then to the step's end
template <class R>
Kick<R> exchange_momentum(const BounceNumbers& n, const Quadrotor& q, const Impact<R>& impact,
                          const DroneMotion<R>& drone, R left, Flight<R>& ball) {
  const auto back = [&](const Vec3<R>& v) {  // a body's vector then, in the world
    return drone.axes * turned_back(v, drone.rate, left);
  };
  const auto to_body = [&](const Vec3<R>& v) {
    return turned_back(physics::transposed_times(drone.axes, v), drone.rate, -left);
  };
  const Vec3<R> normal = back(impact.normal);
  const Vec3<R> origin = physics::add_scaled(drone.pos, drone.velocity, -left);
  const Vec3<R> com{R(0.0), R(0.0), R(q.com_height)};
  const Vec3<R> arm = to_body(ball.pos - origin) - com;  // body frame; its normal part is no matter
  const Vec3<R> lever = physics::cross(arm, impact.normal);
  const Vec3<R> turn{lever.x * R(1.0 / q.inertia[0]), lever.y * R(1.0 / q.inertia[1]),
                     lever.z * R(1.0 / q.inertia[2])};
  const R com_speed = dot(normal, drone.velocity) +
                      dot(impact.normal, physics::cross(drone.rate, com));
  const R speed = dot(normal, ball.velocity) - com_speed - dot(drone.rate, lever);
  const R yielding = R(1.0 / n.ball_mass + 1.0 / q.mass) + dot(lever, turn);
  const R impulse = maximum(-R(1.0 + n.drone_restitution) * speed / yielding, R(0.0));
  ball.velocity = physics::add_scaled(ball.velocity, normal, impulse * R(1.0 / n.ball_mass));
  const Vec3<R> rate = turn * (-impulse);
  const Vec3<R> com_velocity = normal * (-impulse * R(1.0 / q.mass));
  return {com_velocity - back(physics::cross(rate, com)), rate};
}

/// When the ball's surface reaches the floor.
template <class R>
R find_floor_time(const BounceNumbers& n, const Flight<R>& ball) {
  const R g(kGravity);
  const R height = maximum(ball.pos.z - R(n.ball_radius), R(0.0));
  const R speed = ball.velocity.z;
  const R time = (speed + sqrt(squared(speed) + R(2.0) * g * height)) * R(1.0 / kGravity);
  const auto falls = less(ball.after(R(n.timestep)).pos.z, R(n.ball_radius));
  return select(falls, clamp(time, R(0.0), R(n.timestep)), R(kNever));
}

}  // namespace fleet::tasks
