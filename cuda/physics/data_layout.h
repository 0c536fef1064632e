#pragma once

#include "cuda/physics/data.h"

// Where the arrays of PhysicsData lie in a block of memory, and how long they are.

namespace fleet::physics {

/// How many contacts and constraint rows there is room for, and what follows from that.
struct Capacity {
  int contacts = 0;
  int blocks = 0, block_rows = 0;  ///< of RowBlocks
  int J = 0, block_H = 0;          ///< numbers in all blocks
  int H = 0, H_colind = 0;         ///< numbers of the Newton system, and of its pattern
};

/// What all blocks beside contacts could need.
FLEET_HD Capacity capacity_of_other_blocks(const auto& m) {
  const int blocks = m.njnt + 3 * m.ntendon + static_cast<int>(m.couplings.size());
  return {.contacts = 0,
          .blocks = blocks,
          .block_rows = blocks,
          .J = 3 * m.njnt + 3 * m.nwrap + static_cast<int>(m.coupling_columns.size()),
          .block_H = blocks};
}

/// Room for every block that the model could ever ask for: never hit.
FLEET_HD Capacity full_capacity(const auto& m) {
  Capacity c = capacity_of_other_blocks(m);
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

template <class R>
FLEET_HD void take_state(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  block.take(d.qpos, m.nq);
  block.take(d.qvel, m.nv);
  block.take(d.act, m.na);
  block.take(d.ctrl, m.nu);
  block.take(d.qacc_warmstart, m.nv);
  block.take(d.qfrc_applied, m.nv);
  block.take(d.xfrc_applied, 6 * m.nbody);
}

template <class R>
FLEET_HD void take_positions(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  block.take(d.xpos, 3 * m.nbody);
  block.take(d.xquat, 4 * m.nbody);
  block.take(d.xmat, 9 * m.nbody);
  block.take(d.xipos, 3 * m.nbody);
  block.take(d.ximat, 9 * m.nbody);
  block.take(d.xanchor, 3 * m.njnt);
  block.take(d.xaxis, 3 * m.njnt);
  block.take(d.geom_xpos, 3 * m.ngeom);
  block.take(d.geom_xmat, 9 * m.ngeom);
  block.take(d.site_xpos, 3 * m.nsite);
  block.take(d.site_xmat, 9 * m.nsite);
  block.take(d.subtree_com, 3 * m.nbody);
  block.take(d.cinert, 10 * m.nbody);
  block.take(d.cdof, 6 * m.nv);
  block.take(d.crb, 10 * m.nbody);
  block.take(d.M, m.nC);
  block.take(d.qLD, m.nC);
  block.take(d.qLDiagInv, m.nv);
  block.take(d.ten_length, m.ntendon);
  block.take(d.actuator_length, m.nu);
  block.take(d.actuator_moment, static_cast<int>(m.moment_colind.size()));
}

template <class R>
FLEET_HD void take_constraints(const auto& m, const Capacity& c, PhysicsData<R>& d,
                               ArrayBlock& block) {
  Contacts<R>& contact = d.contact;
  block.take(contact.slot, c.contacts);
  block.take(contact.pair, c.contacts);
  block.take(contact.active, c.contacts);
  block.take(contact.dist, c.contacts);
  block.take(contact.pos, 3 * c.contacts);
  block.take(contact.frame, 9 * c.contacts);
  block.take(contact.force, 6 * c.contacts);
  DofRows<R>& rows = d.dof_rows;
  const int num_rows = m.nv + 2 * m.njnt;
  block.take(rows.dof, num_rows);
  block.take(rows.id, num_rows);
  for (auto* array : {&rows.sign, &rows.D, &rows.aref, &rows.frictionloss, &rows.jar, &rows.jv,
                      &rows.force, &rows.curvature}) {
    block.take(*array, num_rows);
  }
  RowBlocks<R>& blocks = d.blocks;
  block.take(blocks.block, c.blocks);
  block.take(blocks.live, c.blocks);
  block.take(blocks.mu, c.blocks);
  block.take(blocks.friction, 5 * c.blocks);
  for (auto* array : {&blocks.D, &blocks.aref, &blocks.jar, &blocks.jv, &blocks.force}) {
    block.take(*array, c.block_rows);
  }
  block.take(blocks.J, c.J);
  block.take(blocks.H, c.block_H);
}

template <class R>
FLEET_HD void take_dynamics(const auto& m, const Capacity& c, PhysicsData<R>& d,
                            ArrayBlock& block) {
  block.take(d.cvel, 6 * m.nbody);
  block.take(d.cdof_dot, 6 * m.nv);
  block.take(d.ten_velocity, m.ntendon);
  block.take(d.actuator_velocity, m.nu);
  block.take(d.tendon_at_limit, m.ntendon);
  block.take(d.actuator_force, m.nu);
  block.take(d.act_dot, m.na);
  for (auto* array : {&d.qfrc_passive, &d.qfrc_gravcomp, &d.qfrc_bias, &d.qfrc_actuator,
                      &d.qfrc_smooth, &d.qacc_smooth, &d.qacc, &d.qfrc_constraint}) {
    block.take(*array, m.nv);
  }
  block.take(d.H, c.H);
  block.take(d.H_colind, c.H_colind);
  block.take(d.M_pattern, m.nv);
  block.take(d.H_pattern, m.nv);
  block.take(d.H_rownnz, m.nv);
  for (auto* array : {&d.H_diag_inv, &d.Ma, &d.grad, &d.search, &d.Mv}) {
    block.take(*array, m.nv);
  }
}

template <class R>
FLEET_HD void take_rest(const auto& m, PhysicsData<R>& d, ArrayBlock& block) {
  block.take(d.subtree_linvel, 3 * m.nbody);
  block.take(d.subtree_angmom, 3 * m.nbody);
  block.take(d.cacc, 6 * m.nbody);
  block.take(d.cfrc_int, 6 * m.nbody);
  block.take(d.cfrc_ext, 6 * m.nbody);
  block.take(d.sensordata, m.nsensordata);
  const int num_free = static_cast<int>(m.free_bodies.size());
  block.take(d.fluid_axes, m.fluid_bodies.empty() ? 0 : 6 * m.nv);
  block.take(d.free_matrix, 36 * num_free);
  block.take(d.free_qacc, 6 * num_free);
  const bool staged = m.integrator == Integrator::kRungeKutta;
  RungeKuttaMemory<R>& k = d.stages;
  block.take(k.qpos, staged ? m.nq : 0);
  block.take(k.act, staged ? m.na : 0);
  block.take(k.act_dot_sum, staged ? m.na : 0);
  for (auto* array : {&k.qvel, &k.velocity, &k.turned, &k.velocity_sum, &k.qacc_sum}) {
    block.take(*array, staged ? m.nv : 0);
  }
  block.take(d.scratch_body, 12 * m.nbody);
  block.take(d.scratch_dof, 4 * m.nv);
}

/// All arrays but the model's own fields.
template <class R>
FLEET_HD void take_arrays(const auto& m, const Capacity& c, PhysicsData<R>& d, ArrayBlock& block) {
  take_state(m, d, block);
  take_positions(m, d, block);
  take_constraints(m, c, d, block);
  take_dynamics(m, c, d, block);
  take_rest(m, d, block);
}

}  // namespace fleet::physics
