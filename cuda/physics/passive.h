#pragma once

#include "cuda/physics/fluid.h"

// Forces that need no input: springs, dampers, gravity compensation, fluid.

namespace fleet::physics {

/// The torque that turns a ball joint from where it is towards its spring's rest, times stiffness.
template <class R>
FLEET_HD void ball_spring(const auto& m, PhysicsData<R>& d, R stiffness, int qpos, int dof) {
  const Quat<R> rest = constant4<R>(&m.qpos_spring[qpos]);
  const Quat<R> from_rest = conjugate(rest) * normalised(load4(&d.qpos[qpos]));
  const Vec3<R> turn = rotation_vector(from_rest);
  for (int k = 0; k < 3; ++k) {
    const R angle = k == 0 ? turn.x : (k == 1 ? turn.y : turn.z);
    d.qfrc_passive[dof + k] = fma(-stiffness, angle, d.qfrc_passive[dof + k]);
  }
}

template <class R>
FLEET_HD void joint_spring(const auto& m, PhysicsData<R>& d, int j) {
  const R stiffness(m.jnt_stiffness[j]);
  int qpos = m.jnt_qposadr[j];
  int dof = m.jnt_dofadr[j];
  const auto type = static_cast<Joint>(m.jnt_type[j]);
  const int linear = type == Joint::kFree ? 3 : (type == Joint::kBall ? 0 : 1);
  for (int k = 0; k < linear; ++k) {
    d.qfrc_passive[dof + k] -= stiffness * (d.qpos[qpos + k] - R(m.qpos_spring[qpos + k]));
  }
  if (type == Joint::kFree || type == Joint::kBall) {
    ball_spring(m, d, stiffness, qpos + linear, dof + linear);
  }
}

template <class R>
FLEET_HD void tendon_spring_damper(const auto& m, PhysicsData<R>& d, int t) {
  const R lower(m.tendon_lengthspring[2 * t]);
  const R upper(m.tendon_lengthspring[2 * t + 1]);
  const R length = d.ten_length[t];
  const R beyond = minimum(length - lower, R(0.0)) + maximum(length - upper, R(0.0));
  const R spring = m.springs ? R(m.tendon_stiffness[t]) * beyond : R(0.0);
  const R damper = m.dampers ? R(m.tendon_damping[t]) * d.ten_velocity[t] : R(0.0);
  const R force = -(spring + damper);
  for (int w = m.tendon_adr[t]; w < m.tendon_adr[t] + m.tendon_num[t]; ++w) {
    R& out = d.qfrc_passive[m.wrap_dof[w]];
    out = fma(R(m.wrap_coef[w]), force, out);
  }
}

/// What holds up a body that asks for it, about the centre of its tree.
template <class R>
FLEET_HD Vec6<R> gravcomp_wrench(const auto& m, const PhysicsData<R>& d, int body) {
  const R none(0.0);
  const R up = d.field.body_mass[body] * R(-m.body_gravcomp[body]);
  return wrench_about_tree<R>(m, d, body, constant3<R>(m.gravity.data()) * up, {none, none, none});
}

/// Fills qfrc_gravcomp.
template <class R>
void gravcomp(const auto& m, PhysicsData<R>& d) {
  std::fill(d.qfrc_gravcomp.begin(), d.qfrc_gravcomp.end(), R(0.0));
  for (int body = 1; body < m.nbody; ++body) {
    if (m.body_gravcomp[body] != 0) {
      add_wrench(m, d, body, gravcomp_wrench(m, d, body), d.qfrc_gravcomp.data());
    }
  }
}

template <class R>
FLEET_HD void damp_dof(const auto& m, PhysicsData<R>& d, int i) {
  d.qfrc_passive[i] = m.dampers ? -(d.field.dof_damping[i] * d.qvel[i]) : R(0.0);
}
template <class R>
FLEET_HD void add_passive_gravcomp(const auto& m, PhysicsData<R>& d, int i) {
  const bool by_actuator = m.jnt_actgravcomp[m.dof_jntid[i]] != 0;
  d.qfrc_passive[i] += by_actuator ? R(0.0) : d.qfrc_gravcomp[i];
}

/// Fills qfrc_passive, and qfrc_gravcomp where the model has any.
template <class R>
void passive(const auto& m, PhysicsData<R>& d) {
  for (int i = 0; i < m.nv; ++i) {
    damp_dof(m, d, i);
  }
  for (int j = 0; j < m.njnt && m.springs; ++j) {
    if (m.jnt_stiffness[j] != 0) {
      joint_spring(m, d, j);
    }
  }
  for (int t = 0; t < m.ntendon; ++t) {
    tendon_spring_damper(m, d, t);
  }
  fluid_force(m, d, d.qfrc_passive.data());
  if (m.has_gravcomp) {
    gravcomp(m, d);
    for (int i = 0; i < m.nv; ++i) {
      add_passive_gravcomp(m, d, i);
    }
  }
}

}  // namespace fleet::physics
