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

/// The meeting of a ball with a racket that is to send it to a point in kAimTime.
template <class R>
struct BallAim {
  static constexpr int kDim = 8;  ///< numbers

  Vec3<R> meeting;  ///< m, where the ball comes down to the racket's height
  R time;           ///< s until then
  Vec3<R> normal;   ///< of the racket, so that the ball leaves towards the point
  R speed;          ///< m/s, of the racket along its normal
};

inline constexpr double kAimTime = 1.7;  ///< s, high enough to clear the net from anywhere

/// @param height m, of the ball's centre when it lies on the racket
/// @param restitution of racket and ball; a drone is heavy against the ball
template <class R>
BallAim<R> aim_ball(const Flight<R>& ball, R height, const Vec3<R>& landing, double restitution) {
  const R time = falling_time(ball, height);
  const Flight<R> arrives = ball.after(time);
  Vec3<R> leaves = (landing - arrives.pos) * R(1.0 / kAimTime);
  leaves.z = leaves.z + R(0.5 * kGravity * kAimTime);
  const Vec3<R> change = leaves - arrives.velocity;
  const Vec3<R> normal = change * (R(1.0) / maximum(physics::norm(change), R(1e-3)));
  const R speed = (dot(leaves, normal) + R(restitution) * dot(arrives.velocity, normal)) *
                  R(1.0 / (1.0 + restitution));
  return {arrives.pos, time, normal, speed};
}

}  // namespace fleet::tasks
