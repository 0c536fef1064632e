#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/spatial.h"

// Velocities of bodies, and the bias force that follows from them.

namespace fleet::physics {

/// Fills cvel and cdof_dot. The axes of a ball, or of a free joint's rotation, all turn with the
/// velocity before that joint; those of a translation do not turn.
template <class R>
FLEET_HD void body_velocity(const auto& m, PhysicsData<R>& d, int body) {
  Vec6<R> velocity = load6(&d.cvel[6 * m.body_parentid[body]]);
  for (int j = m.body_jntadr[body]; j < m.body_jntadr[body] + m.body_jntnum[body]; ++j) {
    const auto type = static_cast<Joint>(m.jnt_type[j]);
    int dof = m.jnt_dofadr[j];
    if (type == Joint::kFree) {
      velocity.linear = velocity.linear + load3(&d.qvel[dof]);
      dof += 3;  // cdof_dot of the translations stays zero
    }
    const int rotations = type == Joint::kFree || type == Joint::kBall ? 3 : 1;
    const Vec6<R> before = velocity;
    for (int i = dof; i < dof + rotations; ++i) {
      const Vec6<R> axis = load6(&d.cdof[6 * i]);
      store6(&d.cdof_dot[6 * i], cross_motion(before, axis));
      velocity = add_scaled(velocity, axis, d.qvel[i]);
    }
  }
  store6(&d.cvel[6 * body], velocity);
}

template <class R>
void com_vel(const auto& m, PhysicsData<R>& d) {
  for (int body = 1; body < m.nbody; ++body) {
    body_velocity(m, d, body);
  }
}

template <class R>
FLEET_HD void tendon_velocity(const auto& m, PhysicsData<R>& d, int t) {
  R sum(0.0);
  for (int w = m.tendon_adr[t]; w < m.tendon_adr[t] + m.tendon_num[t]; ++w) {
    sum = fma(R(m.wrap_coef[w]), d.qvel[m.wrap_dof[w]], sum);
  }
  d.ten_velocity[t] = sum;
}

template <class R>
FLEET_HD void actuator_velocity(const auto& m, PhysicsData<R>& d, int u) {
  R sum(0.0);
  for (int k = m.moment_rowadr[u]; k < m.moment_rowadr[u + 1]; ++k) {
    sum = fma(d.actuator_moment[k], d.qvel[m.moment_colind[k]], sum);
  }
  d.actuator_velocity[u] = sum;
}

/// Velocities of tendons and actuators from qvel.
template <class R>
void transmission_velocity(const auto& m, PhysicsData<R>& d) {
  for (int t = 0; t < m.ntendon; ++t) {
    tendon_velocity(m, d, t);
  }
  for (int u = 0; u < m.nu; ++u) {
    actuator_velocity(m, d, u);
  }
}

/// What a body that falls with nothing feels: gravity upwards.
template <class R>
FLEET_HD Vec6<R> upward_gravity(const auto& m) {
  const R off(0.0);
  Vec6<R> gravity{{off, off, off}, {off, off, off}};
  if (m.gravity_on) {
    gravity.linear = {R(-m.gravity[0]), R(-m.gravity[1]), R(-m.gravity[2])};
  }
  return gravity;
}

/// A body's acceleration from its parent's, and the force that its own inertia then asks for.
/// @param acceleration, force (nbody x 6)
template <class R>
FLEET_HD void body_bias(const auto& m, const PhysicsData<R>& d, int body, R* acceleration,
                        R* force) {
  Vec6<R> a = load6(acceleration + 6 * m.body_parentid[body]);
  for (int i = m.body_dofadr[body]; i < m.body_dofadr[body] + m.body_dofnum[body]; ++i) {
    a = add_scaled(a, load6(&d.cdof_dot[6 * i]), d.qvel[i]);
  }
  store6(acceleration + 6 * body, a);
  const R* const inertia = &d.cinert[10 * body];
  const Vec6<R> v = load6(&d.cvel[6 * body]);
  store6(force + 6 * body, inertia_times(inertia, a) + cross_force(v, inertia_times(inertia, v)));
}

/// Fills qfrc_bias: gravity, Coriolis and gyroscopic forces by recursive Newton-Euler without qacc.
template <class R>
void rne(const auto& m, PhysicsData<R>& d) {
  R* const acceleration = d.scratch_body.data();  // (nbody x 6), then as many forces
  R* const force = acceleration + 6 * m.nbody;
  store6(acceleration, upward_gravity<R>(m));
  for (int body = 1; body < m.nbody; ++body) {
    body_bias(m, d, body, acceleration, force);
  }
  for (int body = m.nbody - 1; body > 0; --body) {
    const int parent = m.body_parentid[body];
    if (parent > 0) {
      store6(force + 6 * parent, load6(force + 6 * parent) + load6(force + 6 * body));
    }
  }
  for (int i = 0; i < m.nv; ++i) {
    d.qfrc_bias[i] = dot(load6(&d.cdof[6 * i]), load6(force + 6 * m.dof_bodyid[i]));
  }
}

}  // namespace fleet::physics
