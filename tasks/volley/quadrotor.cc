#include "tasks/volley/quadrotor.h"

#include <cmath>
#include <utility>

namespace fleet::tasks {
namespace {

using Matrix4 = std::array<std::array<double, 4>, 4>;

/// By Gauss-Jordan elimination with pivots; the mixer of four rotors that are not in line.
Matrix4 inverse(Matrix4 a) {
  Matrix4 b{};
  for (std::size_t i = 0; i < 4; ++i) {
    b[i][i] = 1.0;
  }
  for (std::size_t column = 0; column < 4; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column + 1; row < 4; ++row) {
      pivot = std::abs(a[row][column]) > std::abs(a[pivot][column]) ? row : pivot;
    }
    std::swap(a[pivot], a[column]);
    std::swap(b[pivot], b[column]);
    const double scale = 1.0 / a[column][column];
    for (std::size_t k = 0; k < 4; ++k) {
      a[column][k] *= scale;
      b[column][k] *= scale;
    }
    for (std::size_t row = 0; row < 4; ++row) {
      const double factor = row == column ? 0.0 : a[row][column];
      for (std::size_t k = 0; k < 4; ++k) {
        a[row][k] -= factor * a[column][k];
        b[row][k] -= factor * b[column][k];
      }
    }
  }
  return b;
}

}  // namespace

Quadrotor::Quadrotor(const DroneConfig& config, double timestep)
    : interface(config.interface),
      mass(config.mass + kRotors * config.rotor_mass),
      inertia(config.inertia),
      max_thrust(config.max_thrust),
      moment_ratio(config.moment_ratio),
      motor_blend(1.0 - std::exp(-timestep / config.motor_time)),
      decay(std::exp(-config.damping * timestep)),
      hover_throttle(std::sqrt(mass * 9.81 / (kRotors * config.max_thrust))),
      max_rate(config.max_rate),
      rate_gain(config.rate_gain) {
  Matrix4 wrench_of_thrusts{};
  for (std::size_t rotor = 0; rotor < kRotors; ++rotor) {
    const RotorConfig& from = config.rotors[rotor];
    x[rotor] = from.pos[0];
    y[rotor] = from.pos[1];
    spin[rotor] = from.spin;
    com_height += config.rotor_mass * from.pos[2] / mass;
    for (std::size_t k = 0; k < 3; ++k) {
      const double a = from.pos[(k + 1) % 3];
      const double b = from.pos[(k + 2) % 3];
      inertia[k] += config.rotor_mass * (a * a + b * b);
    }
    wrench_of_thrusts[0][rotor] = 1.0;
    wrench_of_thrusts[1][rotor] = y[rotor];
    wrench_of_thrusts[2][rotor] = -x[rotor];
    wrench_of_thrusts[3][rotor] = -spin[rotor] * moment_ratio;
  }
  inertia[0] -= mass * com_height * com_height;
  inertia[1] -= mass * com_height * com_height;
  mixer = inverse(wrench_of_thrusts);
}

}  // namespace fleet::tasks
