#pragma once

#include "tasks/volley/ball_flight.h"

// How a ball would have to be met to land on a given point: what a hitting skill sees beside its
// own state, so that it has no parabola to learn.

namespace fleet::tasks {

/// When a ball in free flight comes down to a height, in s; when it is at its highest, if that is
/// lower.
template <class R>
R falling_time(const Flight<R>& ball, R height) {
  const R above = ball.pos.z - height;
  const R square = squared(ball.velocity.z) + R(2.0 * kGravity) * above;
  const R time = (ball.velocity.z + sqrt(maximum(square, R(0.0)))) * R(1.0 / kGravity);
  return maximum(time, R(0.0));
}

/// How long a ball flies from `from` (x > 0) to `landing` (x < 0), in s, if over the net it is
/// `top` m high: the lower, the faster.
template <class R>
R flight_time(const Vec3<R>& from, const Vec3<R>& landing, R top) {
  constexpr double kLeast = 0.8, kMost = 2.5;  // s
  const R ahead = maximum(from.x, R(0.3));
  const R share = ahead / (ahead + maximum(-landing.x, R(0.3)));  // of the way, up to the net
  const R straight = from.z + share * (landing.z - from.z);       // m, over the net
  const R square = R(2.0 / kGravity) * (top - straight) / (share * (R(1.0) - share));
  return minimum(sqrt(maximum(square, R(kLeast * kLeast))), R(kMost));
}

/// The velocity with which a ball in free flight gets from one place to another in `time` s.
template <class R>
Vec3<R> launch(const Vec3<R>& from, const Vec3<R>& to, R time) {
  Vec3<R> velocity = (to - from) * (R(1.0) / time);
  velocity.z = velocity.z + R(0.5 * kGravity) * time;
  return velocity;
}

/// 1 for a player under the place where the ball comes down to its racket, less with distance.
/// @param pos m, of the player  @param racket m, of the centre of a ball on its racket over that
template <class R>
R under_ball(const Vec3<R>& pos, double racket, const Flight<R>& ball) {
  const Vec3<R> meeting = ball.after(falling_time(ball, pos.z + R(racket))).pos;
  return R(1.0) / (R(1.0) + R(4.0) * squared(distance_xy(meeting, pos)));
}

/// Where a ball is to land, and how high over the net it is to fly there.
template <class R>
struct BallTarget {
  Vec3<R> landing;  ///< m
  R net_top;        ///< m, of the ball's centre over the net
};

/// The meeting of a ball with a racket that is to send it to a target.
template <class R>
struct BallAim {
  static constexpr int kDim = 8;  ///< numbers

  Vec3<R> meeting;  ///< m, where the ball comes down to the racket's height
  R time;           ///< s until then
  Vec3<R> normal;   ///< of the racket, so that the ball leaves towards the target
  R speed;          ///< m/s, of the racket along its normal
};

/// The meeting after which the ball is at `target` in `way` s.
/// @param ball as it arrives, `time` s from now
/// @param restitution of racket and ball; a drone is heavy against the ball
template <class R>
BallAim<R> aim_in_time(const Flight<R>& arrives, R time, const Vec3<R>& target, R way,
                       double restitution) {
  const Vec3<R> leaves = launch(arrives.pos, target, way);
  const Vec3<R> change = leaves - arrives.velocity;
  const Vec3<R> normal = change * (R(1.0) / maximum(physics::norm(change), R(1e-3)));
  const R speed = (dot(leaves, normal) + R(restitution) * dot(arrives.velocity, normal)) *
                  R(1.0 / (1.0 + restitution));
  return {arrives.pos, time, normal, speed};
}

/// @param height m, of the ball's centre when it lies on the racket
template <class R>
BallAim<R> aim_ball(const Flight<R>& ball, R height, const BallTarget<R>& target,
                    double restitution) {
  const R time = falling_time(ball, height);
  const Flight<R> arrives = ball.after(time);
  const R way = flight_time(arrives.pos, target.landing, target.net_top);
  return aim_in_time(arrives, time, target.landing, way, restitution);
}

/// How long a ball flies from one height to another by way of a top above both, in s.
template <class R>
R lob_time(R from, R to, R top) {
  constexpr double kLeast = 0.02;  // m, of the top over a height
  const auto fall = [&](R height) {
    return sqrt(maximum(top - height, R(kLeast)) * R(2.0 / kGravity));
  };
  return fall(from) + fall(to);
}

}  // namespace fleet::tasks
