#pragma once

#include <algorithm>

#include "cuda/physics/data.h"
#include "cuda/physics/spatial.h"

// From controls to joint forces: transmissions, activation, gain and bias, limits.

namespace fleet::physics {

template <class R>
FLEET_HD void tendon_length(const auto& m, PhysicsData<R>& d, int t) {
  R sum(0.0);
  for (int w = m.tendon_adr[t]; w < m.tendon_adr[t] + m.tendon_num[t]; ++w) {
    sum = fma(R(m.wrap_coef[w]), d.qpos[m.wrap_qpos[w]], sum);
  }
  d.ten_length[t] = sum;
}

/// Lengths of fixed tendons.
template <class R>
void tendon_lengths(const auto& m, PhysicsData<R>& d) {
  for (int t = 0; t < m.ntendon; ++t) {
    tendon_length(m, d, t);
  }
}

/// The moment arms of an actuator on a joint or tendon, which never change: written once.
template <class R>
FLEET_HD void constant_moment(const auto& m, PhysicsData<R>& d, int u) {
  const R gear(m.actuator_gear[6 * u]);
  const auto type = static_cast<Transmission>(m.actuator_trntype[u]);
  for (int k = m.moment_rowadr[u]; k < m.moment_rowadr[u + 1]; ++k) {
    const int t = m.actuator_trnid[u];
    d.actuator_moment[k] = gear;
    for (int w = 0; type == Transmission::kTendon && w < m.tendon_num[t]; ++w) {
      if (m.wrap_dof[m.tendon_adr[t] + w] == m.moment_colind[k]) {
        d.actuator_moment[k] = gear * R(m.wrap_coef[m.tendon_adr[t] + w]);
      }
    }
  }
}

/// The moment arms of a wrench fixed to a site: gear is force, then torque, in the site's frame.
template <class R>
FLEET_HD void site_moment(const auto& m, PhysicsData<R>& d, int u) {
  const int site = m.actuator_trnid[u];
  const Mat3<R> axes = load9(&d.site_xmat[9 * site]);
  const Vec3<R> force = axes * constant3<R>(&m.actuator_gear[6 * u]);
  const Vec3<R> torque = axes * constant3<R>(&m.actuator_gear[6 * u + 3]);
  const int root = m.body_rootid[m.site_bodyid[site]];
  const Vec3<R> arm = load3(&d.site_xpos[3 * site]) - load3(&d.subtree_com[3 * root]);
  const Vec6<R> wrench{torque + cross(arm, force), force};
  for (int k = m.moment_rowadr[u]; k < m.moment_rowadr[u + 1]; ++k) {
    d.actuator_moment[k] = dot(load6(&d.cdof[6 * m.moment_colind[k]]), wrench);
  }
  d.actuator_length[u] = R(0.0);
}

template <class R>
FLEET_HD void actuator_transmission(const auto& m, PhysicsData<R>& d, int u) {
  const R gear(m.actuator_gear[6 * u]);
  switch (static_cast<Transmission>(m.actuator_trntype[u])) {
    case Transmission::kJoint:
      d.actuator_length[u] = gear * d.qpos[m.jnt_qposadr[m.actuator_trnid[u]]];
      break;
    case Transmission::kTendon:
      d.actuator_length[u] = gear * d.ten_length[m.actuator_trnid[u]];
      break;
    case Transmission::kSite:
      site_moment(m, d, u);
      break;
  }
}

/// Lengths and moment arms. Those of hinges, slides and tendons never change: see constant_moment.
template <class R>
void transmission(const auto& m, PhysicsData<R>& d) {
  for (int u = 0; u < m.nu; ++u) {
    actuator_transmission(m, d, u);
  }
}

/// The activation one step on, clamped to its range where it has one.
template <class R>
FLEET_HD R next_activation(const auto& m, const PhysicsData<R>& d, int u) {
  const int a = m.actuator_actadr[u];
  const R rate = d.act_dot[a];
  R step = rate * R(m.timestep);
  if (m.actuator_dyntype[u] == static_cast<int>(Dynamics::kFilterExact)) {
    step = rate * R(m.actuator_exact_step[u]);
  }
  const R next = d.act[a] + step;
  return m.actuator_actlimited[u] ? clamp(next, R(m.actuator_actrange[2 * u]),
                                          R(m.actuator_actrange[2 * u + 1]))
                                  : next;
}

template <class R>
FLEET_HD R control(const auto& m, const PhysicsData<R>& d, int u) {
  return m.clamp_ctrl && m.actuator_ctrllimited[u]
             ? clamp(d.ctrl[u], R(m.actuator_ctrlrange[2 * u]), R(m.actuator_ctrlrange[2 * u + 1]))
             : d.ctrl[u];
}

/// What multiplies the gain: the control, or the activation it drives. Fills act_dot.
template <class R>
FLEET_HD R actuator_input(const auto& m, PhysicsData<R>& d, int u) {
  const R ctrl = control(m, d, u);
  const auto dynamics = static_cast<Dynamics>(m.actuator_dyntype[u]);
  if (dynamics == Dynamics::kNone) {
    return ctrl;
  }
  const int a = m.actuator_actadr[u];
  const auto tau = maximum(m.actuator_dynprm[u], ScalarOf<R>(1e-15));
  d.act_dot[a] = dynamics == Dynamics::kIntegrator ? ctrl : (ctrl - d.act[a]) / R(tau);
  return m.actuator_actearly[u] ? next_activation(m, d, u) : d.act[a];
}

/// prm[0] + prm[1] length + prm[2] velocity
template <class R>
FLEET_HD R affine(const R* prm, R length, R velocity) {
  return fma(prm[2], velocity, fma(prm[1], length, prm[0]));
}

/// An actuator's force before any limit.
template <class R>
FLEET_HD R unlimited_force(const auto& m, PhysicsData<R>& d, int u) {
  const R* const gainprm = &d.field.actuator_gainprm[3 * u];
  const R length = d.actuator_length[u];
  const R velocity = d.actuator_velocity[u];
  const R gain = m.actuator_gaintype[u] == static_cast<int>(Gain::kAffine)
                     ? affine(gainprm, length, velocity)
                     : gainprm[0];
  const R force = gain * actuator_input(m, d, u);
  return m.actuator_biastype[u] == static_cast<int>(Bias::kAffine)
             ? force + affine(&d.field.actuator_biasprm[3 * u], length, velocity)
             : force;
}

/// Scales the forces of all actuators on tendon t so that their sum stays within its range.
template <class R>
FLEET_HD void limit_tendon_force(const auto& m, PhysicsData<R>& d, int t) {
  const auto pulls = [&](int u) {
    return m.actuator_trntype[u] == static_cast<int>(Transmission::kTendon) &&
           m.actuator_trnid[u] == t;
  };
  R sum(0.0);
  for (int u = 0; u < m.nu; ++u) {
    sum = pulls(u) ? sum + d.actuator_force[u] : sum;
  }
  const R lower(m.tendon_actfrcrange[2 * t]);
  const R upper(m.tendon_actfrcrange[2 * t + 1]);
  const auto none = less_equal(abs(sum), R(0.0));
  const R limited = clamp(sum, lower, upper);
  d.tendon_at_limit[t] = less_equal(sum, lower) | less_equal(upper, sum);
  const R scale = select(none, R(1.0), limited / select(none, R(1.0), sum));
  for (int u = 0; u < m.nu; ++u) {
    if (pulls(u)) {
      d.actuator_force[u] *= scale;
    }
  }
}

/// Limits an actuator's force and adds what it does to its dofs to qfrc_actuator.
template <class R>
FLEET_HD void apply_actuator(const auto& m, PhysicsData<R>& d, int u) {
  if (m.actuator_forcelimited[u]) {
    d.actuator_force[u] = clamp(d.actuator_force[u], R(m.actuator_forcerange[2 * u]),
                                R(m.actuator_forcerange[2 * u + 1]));
  }
  for (int k = m.moment_rowadr[u]; k < m.moment_rowadr[u + 1]; ++k) {
    R& out = d.qfrc_actuator[m.moment_colind[k]];
    out = fma(d.actuator_moment[k], d.actuator_force[u], out);
  }
}

/// Gravity compensation that counts as actuation, and the limits of joints' forces.
template <class R>
FLEET_HD void add_actuator_gravcomp(const auto& m, PhysicsData<R>& d, int dof) {
  if (m.jnt_actgravcomp[m.dof_jntid[dof]]) {
    d.qfrc_actuator[dof] += d.qfrc_gravcomp[dof];
  }
}
template <class R>
FLEET_HD void limit_joint_force(const auto& m, PhysicsData<R>& d, int j) {
  if (m.jnt_actfrclimited[j]) {
    R& out = d.qfrc_actuator[m.jnt_dofadr[j]];
    out = clamp(out, R(m.jnt_actfrcrange[2 * j]), R(m.jnt_actfrcrange[2 * j + 1]));
  }
}

/// Fills actuator_force (limited) and qfrc_actuator.
template <class R>
void actuation(const auto& m, PhysicsData<R>& d) {
  std::fill(d.qfrc_actuator.begin(), d.qfrc_actuator.end(), R(0.0));
  if (!m.actuation || m.nu == 0) {
    std::fill(d.actuator_force.begin(), d.actuator_force.end(), R(0.0));
    return;
  }
  for (int u = 0; u < m.nu; ++u) {
    d.actuator_force[u] = unlimited_force(m, d, u);
  }
  for (int t = 0; t < m.ntendon; ++t) {
    if (m.tendon_actfrclimited[t]) {
      limit_tendon_force(m, d, t);
    }
  }
  for (int u = 0; u < m.nu; ++u) {
    apply_actuator(m, d, u);
  }
  for (int i = 0; i < m.nv && m.has_gravcomp; ++i) {
    add_actuator_gravcomp(m, d, i);
  }
  for (int j = 0; j < m.njnt; ++j) {
    limit_joint_force(m, d, j);
  }
}

}  // namespace fleet::physics
