#pragma once

#include "cuda/physics/integrate.h"

namespace fleet::physics {

/// How a rotation vector changes when the body turns at `rate` in its own frame: the inverse of the
/// exponential map's differential (Munthe-Kaas 1998).
template <class R>
FLEET_HD Vec3<R> rotation_rate(const Vec3<R>& turned, const Vec3<R>& rate) {
  const Vec3<R> bracket = cross(turned, rate);
  const R angle2 = dot(turned, turned);  // of one step: the series of (1 - x cot x) / angle^2
  const R factor = fma(angle2, fma(angle2, R(1.0 / 30240.0), R(1.0 / 720.0)), R(1.0 / 12.0));
  return add_scaled(add_scaled(rate, bracket, R(0.5)), cross(turned, bracket), factor);
}

/// Corrects a joint's velocity in a stage for having turned by turned * time already.
template <class R>
FLEET_HD void correct_rotation(const auto& m, const R* turned, R time, R* velocity, int j) {
  const auto type = static_cast<Joint>(m.jnt_type[j]);
  if (type == Joint::kFree || type == Joint::kBall) {
    const int dof = m.jnt_dofadr[j] + (type == Joint::kFree ? 3 : 0);
    store3(velocity + dof, rotation_rate(load3(turned + dof) * time, load3(velocity + dof)));
  }
}

template <class R>
void correct_rotations(const auto& m, const R* turned, R time, R* velocity) {
  for (int j = 0; j < m.njnt; ++j) {
    correct_rotation(m, turned, time, velocity, j);
  }
}

/// Classic Runge-Kutta; `again` recomputes qacc and act_dot for the state of a stage.
template <class R, class F>
void runge_kutta(const auto& m, PhysicsData<R>& d, F&& again) {
  constexpr double kStage[3] = {0.5, 0.5, 1.0};
  constexpr double kWeight[4] = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0};
  RungeKuttaMemory<R>& k = d.stages;
  std::copy(d.qpos.begin(), d.qpos.end(), k.qpos.begin());
  std::copy(d.qvel.begin(), d.qvel.end(), k.qvel.begin());
  std::copy(d.act.begin(), d.act.end(), k.act.begin());
  std::copy(d.qvel.begin(), d.qvel.end(), k.velocity.begin());
  for (auto* sum : {&k.velocity_sum, &k.qacc_sum, &k.act_dot_sum}) {
    std::fill(sum->begin(), sum->end(), R(0.0));
  }
  for (int stage = 0; stage < 4; ++stage) {
    const R weight(kWeight[stage]);
    for (int i = 0; i < m.nv; ++i) {
      k.velocity_sum[i] = fma(weight, k.velocity[i], k.velocity_sum[i]);
      k.qacc_sum[i] = fma(weight, d.qacc[i], k.qacc_sum[i]);
    }
    for (int i = 0; i < m.na; ++i) {
      k.act_dot_sum[i] = fma(weight, d.act_dot[i], k.act_dot_sum[i]);
    }
    if (stage == 3) {
      break;
    }
    const R time(kStage[stage] * m.timestep);
    std::copy(k.qpos.begin(), k.qpos.end(), d.qpos.begin());
    integrate_pos(m, d.qpos.data(), k.velocity.data(), time);
    for (int i = 0; i < m.nv; ++i) {
      d.qvel[i] = fma(time, d.qacc[i], k.qvel[i]);
    }
    for (int i = 0; i < m.na; ++i) {
      d.act[i] = fma(time, d.act_dot[i], k.act[i]);
    }
    std::copy(k.velocity.begin(), k.velocity.end(), k.turned.begin());
    again();
    std::copy(d.qvel.begin(), d.qvel.end(), k.velocity.begin());
    correct_rotations(m, k.turned.data(), time, k.velocity.data());
  }
  std::copy(k.qpos.begin(), k.qpos.end(), d.qpos.begin());
  std::copy(k.qvel.begin(), k.qvel.end(), d.qvel.begin());
  std::copy(k.act.begin(), k.act.end(), d.act.begin());
  std::copy(k.act_dot_sum.begin(), k.act_dot_sum.end(), d.act_dot.begin());
  advance(m, d, k.qacc_sum.data(), k.velocity_sum.data());
}

}  // namespace fleet::physics
