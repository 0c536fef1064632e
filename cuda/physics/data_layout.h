#pragma once

#include "cuda/physics/data.h"

// Where the arrays of PhysicsData lie in a block of memory, and how long they are.

namespace fleet::physics {

/// How many contacts and constraint rows there is room for, and what follows from that.
struct Capacity {
  int contacts = 0;
  int dof_rows = 0;
  int blocks = 0, block_rows = 0;  ///< of RowBlocks
  int J = 0, block_H = 0;          ///< numbers in all blocks
  int H = 0, H_colind = 0;         ///< numbers of the Newton system, and of its pattern
};

/// What all rows and blocks beside contacts could need.
FLEET_HD Capacity capacity_without_contacts(const auto& m) {
  int balls = 0;  // with a limit
  Capacity c;
  for (int i = 0; i < m.nv; ++i) {
    c.dof_rows += m.dof_has_frictionloss[i] ? 1 : 0;
  }
  for (int j = 0; j < m.njnt; ++j) {
    const bool ball = m.jnt_type[j] == static_cast<int>(Joint::kBall);
    balls += m.jnt_limited[j] && ball ? 1 : 0;
    c.dof_rows += m.jnt_limited[j] && !ball ? 2 : 0;
  }
  c.blocks = c.block_rows = c.block_H =
      balls + 3 * m.ntendon + static_cast<int>(m.couplings.size());
  c.J = 3 * balls + 3 * m.nwrap + static_cast<int>(m.coupling_columns.size());
  return c;
}

/// Room for every block that the model could ever ask for: never hit.
FLEET_HD Capacity full_capacity(const auto& m) {
  Capacity c = capacity_without_contacts(m);
  c.contacts = m.nslot;
  for (const auto& pair : m.pairs) {
    c.blocks += pair.num_slots;
    c.block_rows += pair.num_slots * pair.condim;
    c.block_H += pair.num_slots * pair.condim * pair.condim;
    c.J += pair.num_slots * pair.condim * pair.num_columns;
  }
  c.H = c.H_colind = m.nv * m.nv;
  return c;
}

/// Takes several arrays of the same size.
template <class... Arrays>
FLEET_HD void take_each(ArrayBlock& block, int size, Arrays&... arrays) {
  (block.take(arrays, size), ...);
}

/// State and positions: from the start of a step to its end, as all that is called lasting.
template <class R>
FLEET_HD void take_lasting_positions(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  take_each(block, m.nq, d.qpos);
  take_each(block, m.nv, d.qvel, d.qacc_warmstart, d.qfrc_applied);
  take_each(block, m.na, d.act);
  take_each(block, m.nu, d.ctrl, d.actuator_length);
  take_each(block, 3 * m.nbody, d.xpos, d.xipos, d.subtree_com);
  take_each(block, 4 * m.nbody, d.xquat);
  take_each(block, 6 * m.nbody, d.xfrc_applied);
  take_each(block, 9 * m.nbody, d.xmat, d.ximat);
  take_each(block, 10 * m.nbody, d.cinert);
  take_each(block, 3 * m.ngeom, d.geom_xpos);
  take_each(block, 9 * m.ngeom, d.geom_xmat);
  take_each(block, 3 * m.nsite, d.site_xpos);
  take_each(block, 9 * m.nsite, d.site_xmat);
  take_each(block, 6 * m.nv, d.cdof);
  take_each(block, m.nC, d.M);
  take_each(block, m.nv, d.M_pattern);
  take_each(block, m.ntendon, d.ten_length);
  take_each(block, static_cast<int>(m.moment_colind.size()), d.actuator_moment);
}

template <class R>
FLEET_HD void take_lasting_rows(const Capacity& c, PhysicsData<R>& d, ArrayBlock& block) {
  Contacts<R>& contact = d.contact;
  take_each(block, c.contacts, contact.slot, contact.pair, contact.active, contact.dist);
  take_each(block, 3 * c.contacts, contact.pos);
  take_each(block, 9 * c.contacts, contact.frame);
  take_each(block, 6 * c.contacts, contact.force);
  DofRows<R>& rows = d.dof_rows;
  take_each(block, c.dof_rows, rows.dof, rows.id, rows.sign, rows.D, rows.aref, rows.frictionloss,
            rows.jar, rows.jv, rows.force, rows.curvature);
}

template <class R>
FLEET_HD void take_lasting_dynamics(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  take_each(block, 6 * m.nbody, d.cvel);
  take_each(block, 6 * m.nv, d.cdof_dot);
  take_each(block, m.ntendon, d.ten_velocity, d.tendon_at_limit);
  take_each(block, m.nu, d.actuator_velocity, d.actuator_force);
  take_each(block, m.na, d.act_dot);
  take_each(block, m.nv, d.qfrc_passive, d.qfrc_gravcomp, d.qfrc_bias, d.qfrc_actuator,
            d.qfrc_smooth, d.qacc_smooth, d.qacc, d.qfrc_constraint);
  take_each(block, m.nsensordata, d.sensordata);
  take_each(block, 6 * static_cast<int>(m.free_bodies.size()), d.free_qacc);
  const bool staged = m.integrator == Integrator::kRungeKutta;
  RungeKuttaMemory<R>& k = d.stages;
  take_each(block, staged ? m.nq : 0, k.qpos);
  take_each(block, staged ? m.na : 0, k.act, k.act_dot_sum);
  take_each(block, staged ? m.nv : 0, k.qvel, k.velocity, k.turned, k.velocity_sum, k.qacc_sum);
}

/// What only the stages before the solver use.
template <class R>
FLEET_HD void take_before_solver(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  take_each(block, 3 * m.njnt, d.xanchor, d.xaxis);
}
/// The same, or lasting where there are loose bodies, whose integrator reads it.
template <class R>
FLEET_HD void take_crb(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  take_each(block, 10 * m.nbody, d.crb);
}

/// What the stages before the solver use, and, for other numbers, those after it.
template <class R>
FLEET_HD void take_around_solver(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  take_each(block, m.nC, d.qLD);
  take_each(block, m.nv, d.qLDiagInv);
  take_each(block, 12 * m.nbody, d.scratch_body);
  take_each(block, 4 * m.nv, d.scratch_dof);
}

/// What only the solver and the making of its rows use.
template <class R>
FLEET_HD void take_solver(const auto& m, const Capacity& c, PhysicsData<R>& d, ArrayBlock& block) {
  RowBlocks<R>& blocks = d.blocks;
  take_each(block, c.blocks, blocks.block, blocks.live, blocks.mu);
  take_each(block, 5 * c.blocks, blocks.friction);
  take_each(block, c.block_rows, blocks.D, blocks.aref, blocks.jar, blocks.jv, blocks.force);
  take_each(block, c.J, blocks.J);
  take_each(block, c.block_H, blocks.H);
  take_each(block, c.H, d.H);
  take_each(block, c.H_colind, d.H_colind);
  take_each(block, m.nv, d.H_pattern, d.H_rownnz, d.H_diag_inv, d.Ma, d.grad, d.search, d.Mv);
}

/// What only sensors and integrators use.
template <class R>
FLEET_HD void take_after_solver(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  take_each(block, 3 * m.nbody, d.subtree_linvel, d.subtree_angmom);
  take_each(block, 6 * m.nbody, d.cacc, d.cfrc_int, d.cfrc_ext);
  take_each(block, m.fluid_bodies.empty() ? 0 : 6 * m.nv, d.fluid_axes);
  take_each(block, 36 * static_cast<int>(m.free_bodies.size()), d.free_matrix);
}

template <class R>
FLEET_HD void take_lasting(const auto& m, const Capacity& c, PhysicsData<R>& d, ArrayBlock& block) {
  take_lasting_positions(m, d, block);
  take_lasting_rows(c, d, block);
  take_lasting_dynamics(m, d, block);
}

/// All arrays but the model's own fields, one after the other.
template <class R>
FLEET_HD void take_arrays(const auto& m, const Capacity& c, PhysicsData<R>& d, ArrayBlock& block) {
  take_lasting(m, c, d, block);
  take_before_solver(m, d, block);
  take_crb(m, d, block);
  take_around_solver(m, d, block);
  take_solver(m, c, d, block);
  take_after_solver(m, d, block);
}

}  // namespace fleet::physics
