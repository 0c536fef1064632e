#pragma once

#include "cuda/physics/actuation.h"
#include "cuda/physics/fluid.h"
#include "cuda/physics/free_body.h"
#include "cuda/physics/inertia.h"

// From accelerations to the next state: MuJoCo's Euler (implicit in joint damping), implicitfast and
// fourth-order Runge-Kutta.

namespace fleet::physics {

/// A joint's part of qpos moved along velocity for `time` s: positions add up, orientations turn in
/// the body's frame.
template <class R>
FLEET_HD void integrate_joint(const auto& m, R* qpos, const R* velocity, R time, int j) {
  R* q = qpos + m.jnt_qposadr[j];
  const R* v = velocity + m.jnt_dofadr[j];
  const auto type = static_cast<Joint>(m.jnt_type[j]);
  const int linear = type == Joint::kFree ? 3 : (type == Joint::kBall ? 0 : 1);
  for (int k = 0; k < linear; ++k) {
    q[k] = fma(v[k], time, q[k]);
  }
  if (type == Joint::kFree || type == Joint::kBall) {
    const Vec3<R> rate = load3(v + linear);
    const R speed = norm(rate);
    const auto still = less(speed, R(1e-15));
    const Vec3<R> axis = rate * (R(1.0) / select(still, R(1.0), speed));
    const Vec3<R> turn = select<R>(still, {R(1.0), R(0.0), R(0.0)}, axis);
    const R angle = select(still, R(0.0), time * speed);
    store4(q + linear, normalised(load4(q + linear)) * axis_angle(turn, angle));
  }
}

template <class R>
void integrate_pos(const auto& m, R* qpos, const R* velocity, R time) {
  for (int j = 0; j < m.njnt; ++j) {
    integrate_joint(m, qpos, velocity, time, j);
  }
}

template <class R>
FLEET_HD void advance_activation(const auto& m, PhysicsData<R>& d, int u) {
  if (m.actuator_actadr[u] >= 0) {
    d.act[m.actuator_actadr[u]] = next_activation(m, d, u);
  }
}

/// Activation and velocity from their rates, then the position from `velocity`, or from the new qvel
/// where it is null; keeps qacc for the next step's start.
template <class R>
void advance(const auto& m, PhysicsData<R>& d, const R* qacc, const R* velocity) {
  const R h(m.timestep);
  for (int u = 0; u < m.nu && m.actuation; ++u) {
    advance_activation(m, d, u);
  }
  for (int i = 0; i < m.nv; ++i) {
    d.qvel[i] = fma(h, qacc[i], d.qvel[i]);
  }
  integrate_pos(m, d.qpos.data(), velocity != nullptr ? velocity : d.qvel.data(), h);
  std::copy_n(d.qacc.begin(), m.nv, d.qacc_warmstart.begin());
}

/// How an actuator's force changes with its velocity; none while the force is at a limit.
template <class R>
FLEET_HD R velocity_gain(const auto& m, const PhysicsData<R>& d, int u) {
  R gain(0.0);
  if (m.actuator_biastype[u] == static_cast<int>(Bias::kAffine)) {
    gain = d.field.actuator_biasprm[3 * u + 2];
  }
  if (m.actuator_gaintype[u] == static_cast<int>(Gain::kAffine)) {
    const bool direct = m.actuator_dyntype[u] == static_cast<int>(Dynamics::kNone);
    const R input = direct ? d.ctrl[u]
                    : m.actuator_actearly[u] ? next_activation(m, d, u)
                                             : d.act[m.actuator_actadr[u]];
    gain = fma(d.field.actuator_gainprm[3 * u + 2], input, gain);
  }
  const auto within = [&](R force, const ScalarOf<R>* range) {
    return less(R(range[0]), force) & less(force, R(range[1]));
  };
  if (m.actuator_forcelimited[u]) {
    gain = select(within(d.actuator_force[u], &m.actuator_forcerange[2 * u]), gain, R(0.0));
  }
  const int target = m.actuator_trnid[u];
  const auto type = static_cast<Transmission>(m.actuator_trntype[u]);
  if (type == Transmission::kJoint && m.jnt_actfrclimited[target]) {
    gain = select(within(d.qfrc_actuator[m.jnt_dofadr[target]], &m.jnt_actfrcrange[2 * target]),
                  gain, R(0.0));
  }
  if (type == Transmission::kTendon && m.tendon_actfrclimited[target]) {
    gain = select(d.tendon_at_limit[target], R(0.0), gain);
  }
  return gain;
}

/// matrix += scale v v', for a vector v of which `count` numbers are given, at these dofs.
template <class R>
FLEET_HD void add_outer(const auto& m, PhysicsData<R>& d, R* matrix, const int* dofs, const auto* v,
                        int count, R scale) {
  for (int a = 0; a < count; ++a) {
    for (int b = 0; b <= a; ++b) {
      add_implicit(m, d, matrix, dofs[a], dofs[b], scale * R(v[a]) * R(v[b]));
    }
  }
}

/// matrix -= timestep * dforce/dvelocity of an actuator, where its pattern has room.
template <class R>
FLEET_HD void subtract_actuator_damping(const auto& m, PhysicsData<R>& d, R* matrix, int u) {
  const int adr = m.moment_rowadr[u];
  add_outer(m, d, matrix, &m.moment_colind[adr], &d.actuator_moment[adr],
            m.moment_rowadr[u + 1] - adr, velocity_gain(m, d, u) * R(-m.timestep));
}
template <class R>
FLEET_HD void subtract_tendon_damping(const auto& m, PhysicsData<R>& d, R* matrix, int t) {
  const int adr = m.tendon_adr[t];
  add_outer(m, d, matrix, &m.wrap_dof[adr], &m.wrap_coef[adr], m.tendon_num[t],
            R(m.timestep * m.tendon_damping[t]));
}

/// matrix -= timestep * dforce/dvelocity of actuators, tendons and fluid, where its pattern has
/// room.
template <class R>
void subtract_damping(const auto& m, PhysicsData<R>& d, R* matrix) {
  for (int u = 0; u < m.nu && m.actuation; ++u) {
    subtract_actuator_damping(m, d, matrix, u);
  }
  for (int t = 0; t < m.ntendon && m.dampers; ++t) {
    subtract_tendon_damping(m, d, matrix, t);
  }
  fluid_damping(m, d, [&](int row, int column, R value) {
    add_implicit(m, d, matrix, row, column, R(m.timestep) * value);
  });
}

/// All forces on a dof, and its own damping on the diagonal of what will be factored in qLD.
template <class R>
FLEET_HD void begin_implicit_row(const auto& m, PhysicsData<R>& d, R* force, int i) {
  force[i] = d.qfrc_smooth[i] + d.qfrc_constraint[i];
  if (m.dampers) {
    R& diagonal = d.qLD[m.M_rowadr[i] + m.M_rownnz[i] - 1];
    diagonal = fma(R(m.timestep), d.field.dof_damping[i], diagonal);
  }
}

/// The acceleration that is implicit in velocity: (M - h dforce/dvelocity)^-1 of all forces, written
/// to scratch_dof.  @param fast implicitfast; else Euler's, which knows of joint damping alone
template <class R>
void implicit_acceleration(const auto& m, PhysicsData<R>& d, bool fast) {
  // M's factor is not needed any more in this step: its place is taken.
  std::copy(d.M.begin(), d.M.end(), d.qLD.begin());
  R* const acceleration = d.scratch_dof.data();
  for (int i = 0; i < m.nv; ++i) {
    begin_implicit_row(m, d, acceleration, i);
  }
  if (fast) {
    begin_free_bodies(m, d, d.qLD.data());
    subtract_damping(m, d, d.qLD.data());
    solve_free_bodies(m, d, acceleration);
  }
  factor(m, d.qLD.data(), d.qLDiagInv.data());
  solve_factored(m, d.qLD.data(), d.qLDiagInv.data(), acceleration);
  const R* from = d.free_qacc.data();
  for (std::size_t i = 0; fast && i < m.free_bodies.size(); ++i, from += 6) {
    std::copy_n(from, 6, acceleration + m.body_dofadr[m.free_bodies[i]]);
  }
}

template <class R>
void euler(const auto& m, PhysicsData<R>& d) {
  if (m.has_damping && m.eulerdamp && m.dampers) {
    implicit_acceleration(m, d, false);
    advance(m, d, d.scratch_dof.data(), static_cast<const R*>(nullptr));
  } else {
    advance(m, d, d.qacc.data(), static_cast<const R*>(nullptr));
  }
}

template <class R>
void implicit_fast(const auto& m, PhysicsData<R>& d) {
  implicit_acceleration(m, d, true);
  advance(m, d, d.scratch_dof.data(), static_cast<const R*>(nullptr));
}

}  // namespace fleet::physics
