#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/spatial.h"

// Velocities of bodies, and the forces that follow from velocities: bias, springs, dampers.

namespace fleet::physics {

/// Fills cvel and cdof_dot. The axes of a ball, or of a free joint's rotation, all turn with the
/// velocity before that joint; those of a translation do not turn.
template <class R>
void com_vel(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int body = 1; body < m.nbody; ++body) {
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
}

/// Velocities of tendons and actuators from qvel.
template <class R>
void transmission_velocity(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int t = 0; t < m.ntendon; ++t) {
    R sum(0.0);
    for (int w = m.tendon_adr[t]; w < m.tendon_adr[t] + m.tendon_num[t]; ++w) {
      sum = fma(R(m.wrap_coef[w]), d.qvel[m.wrap_dof[w]], sum);
    }
    d.ten_velocity[t] = sum;
  }
  for (int u = 0; u < m.nu; ++u) {
    R sum(0.0);
    for (int k = m.moment_rowadr[u]; k < m.moment_rowadr[u + 1]; ++k) {
      sum = fma(d.actuator_moment[k], d.qvel[m.moment_colind[k]], sum);
    }
    d.actuator_velocity[u] = sum;
  }
}

/// The torque that turns a ball joint from where it is towards its spring's rest, times stiffness.
template <class R>
void ball_spring(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, R stiffness, int qpos,
                 int dof) {
  const Quat<R> rest = constant4<R>(&m.qpos_spring[qpos]);
  const Quat<R> from_rest = conjugate(rest) * normalised(load4(&d.qpos[qpos]));
  const Vec3<R> turn = rotation_vector(from_rest);
  for (int k = 0; k < 3; ++k) {
    const R angle = k == 0 ? turn.x : (k == 1 ? turn.y : turn.z);
    d.qfrc_passive[dof + k] = fma(-stiffness, angle, d.qfrc_passive[dof + k]);
  }
}

template <class R>
void joint_spring(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, int j) {
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
void tendon_spring_damper(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, int t) {
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

/// Springs and dampers of joints and tendons.
template <class R>
void passive(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int i = 0; i < m.nv; ++i) {
    d.qfrc_passive[i] = m.dampers ? -(d.field.dof_damping[i] * d.qvel[i]) : R(0.0);
  }
  for (int j = 0; j < m.njnt && m.springs; ++j) {
    if (m.jnt_stiffness[j] != 0) {
      joint_spring(m, d, j);
    }
  }
  for (int t = 0; t < m.ntendon; ++t) {
    tendon_spring_damper(m, d, t);
  }
}

/// Fills qfrc_bias: gravity, Coriolis and gyroscopic forces by recursive Newton-Euler without qacc.
template <class R>
void rne(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  const R off(0.0);
  Vec6<R> gravity{{off, off, off}, {off, off, off}};
  if (m.gravity_on) {
    gravity.linear = {R(-m.gravity[0]), R(-m.gravity[1]), R(-m.gravity[2])};
  }
  R* const acceleration = d.scratch_body.data();  // (nbody x 6), then as many forces
  R* const force = acceleration + 6 * m.nbody;
  store6(acceleration, gravity);
  for (int body = 1; body < m.nbody; ++body) {
    Vec6<R> a = load6(acceleration + 6 * m.body_parentid[body]);
    for (int i = m.body_dofadr[body]; i < m.body_dofadr[body] + m.body_dofnum[body]; ++i) {
      a = add_scaled(a, load6(&d.cdof_dot[6 * i]), d.qvel[i]);
    }
    store6(acceleration + 6 * body, a);
    const R* const inertia = &d.cinert[10 * body];
    const Vec6<R> v = load6(&d.cvel[6 * body]);
    store6(force + 6 * body, inertia_times(inertia, a) + cross_force(v, inertia_times(inertia, v)));
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
