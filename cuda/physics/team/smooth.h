#pragma once

#include "cuda/physics/actuation.h"
#include "cuda/physics/kinematics.h"
#include "cuda/physics/passive.h"
#include "cuda/physics/team/inertia.h"
#include "cuda/physics/velocity.h"

// The stages before the constraint solver, by a team: kinematics to qacc_smooth.

namespace fleet::physics {

template <class Team, class R>
FLEET_HD void kinematics(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  for_each_outwards(team, plan, [&](int body) { body_kinematics(m, d, body); });
  team.for_each(m.ngeom, [&](int i) { geom_frame(m, d, i); });
  team.for_each(m.nsite, [&](int i) { site_frame(m, d, i); });
}

template <class Team, class R>
FLEET_HD void com_pos(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  team.for_each(m.nbody, [&](int body) { begin_subtree_com(d, body); });
  for_each_inwards(team, plan, true, [&](int body, int child) {
    R* const sum = &d.subtree_com[3 * body];
    store3(sum, load3(sum) + load3(&d.subtree_com[3 * child]));
  });
  team.for_each(m.nbody, [&](int body) { finish_subtree_com(d, body); });
  team.for_each(m.nbody - 1, [&](int i) { body_inertia(m, d, i + 1); });
  team.for_each(m.njnt, [&](int j) { joint_axes(m, d, j); });
}

template <class Team, class R>
FLEET_HD void transmission(const Team& team, const auto& m, PhysicsData<R>& d) {
  team.for_each(m.ntendon, [&](int t) { tendon_velocity(m, d, t); });
  team.for_each(m.nu, [&](int u) {
    actuator_transmission(m, d, u);
    actuator_velocity(m, d, u);
  });
}

/// Adds what a wrench on a body does to its dofs.
template <class Team, class R>
FLEET_HD void add_wrench(const Team& team, const auto& plan, const PhysicsData<R>& d, int body,
                         const Vec6<R>& wrench, R* out) {
  const int first = plan.chain_adr[body];
  team.for_each(plan.chain_adr[body + 1] - first, [&](int c) {
    const int i = plan.chain_dof[first + c];
    out[i] += dot(load6(&d.cdof[6 * i]), wrench);
  });
}

template <class Team, class R>
FLEET_HD void passive(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  team.for_each(m.nv, [&](int i) { damp_dof(m, d, i); });
  team.for_each(m.springs ? m.njnt : 0, [&](int j) {
    if (m.jnt_stiffness[j] != 0) {
      joint_spring(m, d, j);
    }
  });
  for_each_tendon_grouped(team, plan, [&](int t) { tendon_spring_damper(m, d, t); });
  for (const int body : m.fluid_bodies) {
    add_wrench(team, plan, d, body, fluid_wrench(m, d, body), d.qfrc_passive.data());
  }
  if (m.has_gravcomp) {
    fill(team, d.qfrc_gravcomp.data(), m.nv, R(0.0));
    for (int body = 1; body < m.nbody; ++body) {
      if (m.body_gravcomp[body] != 0) {
        add_wrench(team, plan, d, body, gravcomp_wrench(m, d, body), d.qfrc_gravcomp.data());
      }
    }
    team.for_each(m.nv, [&](int i) { add_passive_gravcomp(m, d, i); });
  }
}

template <class Team, class R>
FLEET_HD void rne(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  R* const acceleration = d.scratch_body.data();  // (nbody x 6), then as many forces
  R* const force = acceleration + 6 * m.nbody;
  team.once([&] { store6(acceleration, upward_gravity<R>(m)); });
  for_each_outwards(team, plan, [&](int body) { body_bias(m, d, body, acceleration, force); });
  for_each_inwards(team, plan, false, [&](int body, int child) {
    store6(force + 6 * body, load6(force + 6 * body) + load6(force + 6 * child));
  });
  team.for_each(m.nv, [&](int i) {
    d.qfrc_bias[i] = dot(load6(&d.cdof[6 * i]), load6(force + 6 * m.dof_bodyid[i]));
  });
}

template <class Team, class R>
FLEET_HD void actuation(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  fill(team, d.qfrc_actuator.data(), m.nv, R(0.0));
  if (!m.actuation || m.nu == 0) {
    fill(team, d.actuator_force.data(), m.nu, R(0.0));
    return;
  }
  team.for_each(m.nu, [&](int u) { d.actuator_force[u] = unlimited_force(m, d, u); });
  team.for_each(m.ntendon, [&](int t) {
    if (m.tendon_actfrclimited[t]) {
      limit_tendon_force(m, d, t);
    }
  });
  for_each_actuator_grouped(team, plan, [&](int u) { apply_actuator(m, d, u); });
  team.for_each(m.has_gravcomp ? m.nv : 0, [&](int i) { add_actuator_gravcomp(m, d, i); });
  team.for_each(m.njnt, [&](int j) { limit_joint_force(m, d, j); });
}

/// Fills qfrc_smooth and qacc_smooth from all forces but those of constraints.
template <class Team, class R>
FLEET_HD void smooth_acceleration(const Team& team, const auto& m, const auto& plan,
                                  PhysicsData<R>& d) {
  team.for_each(m.nv, [&](int i) {
    d.qfrc_smooth[i] = d.qfrc_passive[i] - d.qfrc_bias[i] + d.qfrc_applied[i] + d.qfrc_actuator[i];
  });
  for (int body = 1; body < m.nbody && d.has_applied; ++body) {
    add_wrench(team, plan, d, body, applied_wrench(m, d, body), d.qfrc_smooth.data());
  }
  copy(team, d.qfrc_smooth.data(), m.nv, d.qacc_smooth.data());
  solve_factored(team, m, plan, d.qLD.data(), d.qLDiagInv.data(), d.qacc_smooth.data());
}

}  // namespace fleet::physics
