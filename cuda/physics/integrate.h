#pragma once

#include "cuda/physics/actuation.h"
#include "cuda/physics/inertia.h"

// From accelerations to the next state: MuJoCo's Euler (implicit in joint damping), implicitfast and
// fourth-order Runge-Kutta.

namespace fleet::physics {

/// qpos moved along velocity for `time` s: positions add up, orientations turn in the body's frame.
template <class R>
void integrate_pos(const PhysicsModel<ScalarOf<R>>& m, R* qpos, const R* velocity, R time) {
  for (int j = 0; j < m.njnt; ++j) {
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
}

/// Activation and velocity from their rates, then the position from `velocity`, or from the new qvel
/// where it is null; keeps qacc for the next step's start.
template <class R>
void advance(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, const R* qacc,
             const R* velocity) {
  const R h(m.timestep);
  for (int u = 0; u < m.nu && m.actuation; ++u) {
    if (m.actuator_actadr[u] >= 0) {
      d.act[m.actuator_actadr[u]] = next_activation(m, d, u);
    }
  }
  for (int i = 0; i < m.nv; ++i) {
    d.qvel[i] = fma(h, qacc[i], d.qvel[i]);
  }
  integrate_pos(m, d.qpos.data(), velocity != nullptr ? velocity : d.qvel.data(), h);
  std::copy_n(d.qacc.begin(), m.nv, d.qacc_warmstart.begin());
}

/// The entry of a matrix with M's pattern, or null where the pattern has none.
template <class R>
R* entry(const PhysicsModel<ScalarOf<R>>& m, R* matrix, int row, int column) {
  for (int k = m.M_rowadr[row]; k < m.M_rowadr[row] + m.M_rownnz[row]; ++k) {
    if (m.M_colind[k] == column) {
      return matrix + k;
    }
  }
  return nullptr;
}

/// How an actuator's force changes with its velocity; none while the force is at a limit.
template <class R>
R velocity_gain(const PhysicsModel<ScalarOf<R>>& m, const PhysicsData<R>& d, int u) {
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
  if (m.actuator_trntype[u] == static_cast<int>(Transmission::kJoint)) {
    const int j = m.actuator_trnid[u];
    if (m.jnt_actfrclimited[j]) {
      gain = select(within(d.qfrc_actuator[m.jnt_dofadr[j]], &m.jnt_actfrcrange[2 * j]), gain,
                    R(0.0));
    }
  }
  return gain;
}

/// matrix -= timestep * gain * moment moment', where its pattern has room.
template <class R>
void subtract_actuator_damping(const PhysicsModel<ScalarOf<R>>& m, const PhysicsData<R>& d,
                               R* matrix) {
  for (int u = 0; u < m.nu && m.actuation; ++u) {
    const R scaled = velocity_gain(m, d, u) * R(-m.timestep);
    for (int a = m.moment_rowadr[u]; a < m.moment_rowadr[u + 1]; ++a) {
      for (int b = m.moment_rowadr[u]; b <= a; ++b) {
        if (R* const out = entry(m, matrix, m.moment_colind[a], m.moment_colind[b])) {
          *out = fma(scaled * d.actuator_moment[a], d.actuator_moment[b], *out);
        }
      }
    }
  }
}

template <class R>
void add_tendon_damping(const PhysicsModel<ScalarOf<R>>& m, R* matrix) {
  for (int t = 0; t < m.ntendon; ++t) {
    for (int a = m.tendon_adr[t]; a < m.tendon_adr[t] + m.tendon_num[t]; ++a) {
      for (int b = m.tendon_adr[t]; b < m.tendon_adr[t] + m.tendon_num[t]; ++b) {
        if (R* const out = entry(m, matrix, m.wrap_dof[a], m.wrap_dof[b])) {
          *out += R(m.timestep * m.tendon_damping[t] * m.wrap_coef[a] * m.wrap_coef[b]);
        }
      }
    }
  }
}

/// The acceleration that is implicit in velocity: (M - h dforce/dvelocity)^-1 of all forces, written
/// to scratch_dof.  @param fast implicitfast; else Euler's, which knows of joint damping alone
template <class R>
void implicit_acceleration(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, bool fast) {
  // M's factor is not needed any more in this step: its place is taken.
  std::copy(d.M.begin(), d.M.end(), d.qLD.begin());
  for (int i = 0; i < m.nv && m.dampers; ++i) {
    R& diagonal = d.qLD[m.M_rowadr[i] + m.M_rownnz[i] - 1];
    diagonal = fma(R(m.timestep), d.field.dof_damping[i], diagonal);
  }
  if (fast) {
    subtract_actuator_damping(m, d, d.qLD.data());
    if (m.dampers) {
      add_tendon_damping(m, d.qLD.data());
    }
  }
  factor(m, d.qLD.data(), d.qLDiagInv.data());
  for (int i = 0; i < m.nv; ++i) {
    d.scratch_dof[i] = d.qfrc_smooth[i] + d.qfrc_constraint[i];
  }
  solve_factored(m, d.qLD.data(), d.qLDiagInv.data(), d.scratch_dof.data());
}

template <class R>
void euler(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  if (m.has_damping && m.eulerdamp && m.dampers) {
    implicit_acceleration(m, d, false);
    advance(m, d, d.scratch_dof.data(), static_cast<const R*>(nullptr));
  } else {
    advance(m, d, d.qacc.data(), static_cast<const R*>(nullptr));
  }
}

template <class R>
void implicit_fast(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  implicit_acceleration(m, d, true);
  advance(m, d, d.scratch_dof.data(), static_cast<const R*>(nullptr));
}

}  // namespace fleet::physics
