#pragma once

#include <array>

#include "tasks/volley/volley_config.h"
#include "tasks/volley/volley_words.h"

// A drone between command and force: rotors that follow their commands late, and what they do to
// the body. Formulas of one number or a pack; a wrench acts at the centre of mass.

namespace fleet::tasks {

template <class R>
struct Wrench {
  Vec3<R> force, torque;  ///< N, N m
};

/// What follows from a DroneConfig and a time step. Frame: body, origin as in the config.
struct Quadrotor {
  Quadrotor(const DroneConfig& config, double timestep);

  DroneInterface interface;
  double mass = 0.0;                  ///< kg, rotors included
  double com_height = 0.0;            ///< m, of the centre of mass above the origin
  std::array<double, 3> inertia{};    ///< kg m^2 about the centre of mass, rotors included
  std::array<double, kRotors> x{}, y{}, spin{};
  double max_thrust = 0.0, moment_ratio = 0.0;
  double motor_blend = 0.0;           ///< how much of a speed's error a time step corrects
  double decay = 0.0;                 ///< of velocities, in a time step
  double hover_throttle = 0.0;        ///< the speed at which rotors carry the drone
  std::array<double, 3> max_rate{}, rate_gain{};
  /// Thrusts (N) of the rotors for a sum of thrusts and three torques.
  std::array<std::array<double, 4>, kRotors> mixer{};
};

/// The speed (0 to 1) that a rotor settles at under a command in [-1, 1]: half thrust at 0.
template <class R>
R commanded_throttle(R command) {
  return sqrt(clamp((command + R(1.0)) * R(0.5), R(0.0), R(1.0)));
}

/// The speeds that body rates and a sum of thrusts ask for.  @param rate rad/s, body frame
template <class R>
void mix_rates(const Quadrotor& q, const R* action, const Vec3<R>& rate, R* throttle) {
  const std::array<R, 3> is{rate.x, rate.y, rate.z};
  const Vec3<R> momentum{R(q.inertia[0]) * rate.x, R(q.inertia[1]) * rate.y,
                         R(q.inertia[2]) * rate.z};
  const Vec3<R> gyroscopic = physics::cross(rate, momentum);
  const std::array<R, 3> turn{gyroscopic.x, gyroscopic.y, gyroscopic.z};
  std::array<R, 4> wanted{};
  wanted[0] = clamp((action[3] + R(1.0)) * R(0.5), R(0.0), R(1.0)) * R(kRotors * q.max_thrust);
  for (std::size_t k = 0; k < 3; ++k) {
    const R error = clamp(action[k], R(-1.0), R(1.0)) * R(q.max_rate[k]) - is[k];
    wanted[k + 1] = error * R(q.rate_gain[k] * q.inertia[k]) + turn[k];
  }
  for (std::size_t rotor = 0; rotor < kRotors; ++rotor) {
    R thrust(0.0);
    for (std::size_t k = 0; k < 4; ++k) {
      thrust = thrust + R(q.mixer[rotor][k]) * wanted[k];
    }
    throttle[rotor] = sqrt(clamp(thrust * R(1.0 / q.max_thrust), R(0.0), R(1.0)));
  }
}

/// A rotor's speed one time step later.
template <class R>
R next_throttle(const Quadrotor& q, R throttle, R wanted) {
  return throttle + (wanted - throttle) * R(q.motor_blend);
}

/// What the rotors do to the body, in its frame.
template <class R>
Wrench<R> rotor_wrench(const Quadrotor& q, const R* throttle) {
  Wrench<R> sum{{R(0.0), R(0.0), R(0.0)}, {R(0.0), R(0.0), R(0.0)}};
  for (std::size_t rotor = 0; rotor < kRotors; ++rotor) {
    const R thrust = clamp(squared(throttle[rotor]), R(0.0), R(1.0)) * R(q.max_thrust);
    sum.force.z = sum.force.z + thrust;
    sum.torque.x = sum.torque.x + R(q.y[rotor]) * thrust;
    sum.torque.y = sum.torque.y - R(q.x[rotor]) * thrust;
    sum.torque.z = sum.torque.z - R(q.spin[rotor] * q.moment_ratio) * thrust;
  }
  return sum;
}

/// The force of a drone's stream of air on another.
/// @param thrust N, world, of the drone that blows, along its unit axis `up`
/// @param offset m, from the other to it
template <class R>
Vec3<R> downwash(R thrust, const Vec3<R>& up, const Vec3<R>& offset) {
  const R above = dot(offset, up);
  const R along = maximum(above, R(0.0));
  const Vec3<R> beside = physics::add_scaled(offset, up, -above);
  const auto is_below = less(R(1e-6), along);
  const R ratio = R(4.0) * dot(beside, beside) / squared(select(is_below, along, R(1.0)));
  const R strength = exp(R(-0.5) * minimum(ratio, R(160.0))) / squared(R(1.0) + R(0.3) * along);
  return up * (-thrust * select(is_below, strength, R(0.0)));
}

}  // namespace fleet::tasks
