#pragma once

#include "cuda/physics/contact_rows.h"
#include "cuda/physics/equality.h"

// Rows of the constraint solver: equalities, friction loss, limits, contacts. Only those that some world of the
// pack needs are made; a world that does not need one has D = 0 in it.

namespace fleet::physics {

/// Writes a row of one dof. @param violation pos - margin  @param frictionloss null: a limit
template <class R>
FLEET_HD void write_dof_row(const auto& m, PhysicsData<R>& d, int row, int dof, int id, double sign,
                            const MaskOf<R>& active, R violation, const R* frictionloss,
                            const ScalarOf<R>* solref, const ScalarOf<R>* solimp) {
  DofRows<R>& rows = d.dof_rows;
  const R imp = impedance(solimp, violation);
  const auto ref = reference(solref, solimp[1], least_time_constant<R>(m));
  const R spring = frictionloss != nullptr ? R(0.0) : R(ref.K) * imp * violation;
  const R aref = -(R(ref.B * ScalarOf<R>(sign)) * d.qvel[dof]) - spring;
  rows.dof[row] = dof;
  rows.id[row] = id;
  rows.sign[row] = R(sign);
  rows.D[row] = select(active, R(1.0) / regulariser(imp, d.field.dof_invweight0[dof]), R(0.0));
  rows.aref[row] = select(active, aref, R(0.0));
  rows.frictionloss[row] = select(active, frictionloss != nullptr ? *frictionloss : R(0.0), R(0.0));
}

template <class R>
FLEET_HD void write_friction_row(const auto& m, PhysicsData<R>& d, int row, int dof) {
  const R loss = d.field.dof_frictionloss[dof];
  write_dof_row(m, d, row, dof, dof, 1.0, less(R(0.0), loss), R(0.0), &loss, &m.dof_solref[2 * dof],
                &m.dof_solimp[5 * dof]);
}

template <class R>
void make_frictionloss(const auto& m, PhysicsData<R>& d) {
  for (int i = 0; i < m.nv && m.frictionloss; ++i) {
    if (m.dof_has_frictionloss[i]) {
      write_friction_row(m, d, d.dof_rows.num++, i);
    }
  }
  d.dof_rows.num_friction = d.dof_rows.num;
}

/// How far something is beyond a limit's margin, below 0, and where it is.
template <class R>
struct Limit {
  R violation;
  MaskOf<R> active;
};

/// @param side -1: the lower end of the range, 1: the upper  @param range (2)
template <class R>
FLEET_HD Limit<R> limit_of(R value, const ScalarOf<R>* range, R margin, int side) {
  const R bound(range[(side + 1) / 2]);
  const R dist = side < 0 ? value - bound : bound - value;
  return {dist - margin, less(dist, margin)};
}
template <class R>
FLEET_HD Limit<R> joint_limit(const auto& m, const PhysicsData<R>& d, int j, int side) {
  return limit_of<R>(d.qpos[m.jnt_qposadr[j]], &m.jnt_range[2 * j], R(m.jnt_margin[j]), side);
}
template <class R>
FLEET_HD Limit<R> tendon_limit(const auto& m, const PhysicsData<R>& d, int t, int side) {
  return limit_of<R>(d.ten_length[t], &m.tendon_range[2 * t], R(m.tendon_margin[t]), side);
}

template <class R>
FLEET_HD void write_limit_row(const auto& m, PhysicsData<R>& d, int row, int j, int side,
                              const Limit<R>& limit) {
  write_dof_row(m, d, row, m.jnt_dofadr[j], j, -side, limit.active, limit.violation,
                static_cast<const R*>(nullptr), &m.jnt_solref[2 * j], &m.jnt_solimp[5 * j]);
}

/// @param turn the joint's rotation as axis times angle
template <class R>
FLEET_HD Limit<R> ball_limit(const auto& m, const PhysicsData<R>& d, int j, Vec3<R>& turn) {
  turn = rotation_vector(normalised(load4(&d.qpos[m.jnt_qposadr[j]])));
  const R margin(m.jnt_margin[j]);
  const R dist = R(maximum(m.jnt_range[2 * j], m.jnt_range[2 * j + 1])) - norm(turn);
  return {dist - margin, less(dist, margin)};
}

template <class R>
FLEET_HD void fill_ball_limit(const auto& m, PhysicsData<R>& d, int j, const Vec3<R>& turn,
                              const Limit<R>& limit, const typename RowBlocks<R>::Block& block) {
  const R angle = norm(turn);
  const auto none = less(angle, R(1e-15));
  const R scale = R(-1.0) / select(none, R(1.0), angle);
  const Vec3<R> J = select<R>(limit.active & (!none), turn * scale, {R(0.0), R(0.0), R(0.0)});
  store3(&d.blocks.J[block.J], J);
  finish_scalar_block(m, d, block, limit.active, limit.violation,
                      d.field.dof_invweight0[m.jnt_dofadr[j]], R(0.0), &m.jnt_solref[2 * j],
                      &m.jnt_solimp[5 * j]);
}

template <class R>
void make_ball_limit(const auto& m, PhysicsData<R>& d, int j) {
  Vec3<R> turn;
  const Limit<R> limit = ball_limit(m, d, j, turn);
  if (any(limit.active)) {
    const auto& block = add_block(d, BlockKind::kLimit, 1, &m.dof_index[m.jnt_dofadr[j]], 3);
    fill_ball_limit(m, d, j, turn, limit, block);
  }
}

template <class R>
void make_joint_limits(const auto& m, PhysicsData<R>& d) {
  for (int j = 0; j < m.njnt && m.limits; ++j) {
    if (!m.jnt_limited[j]) {
      continue;
    }
    if (m.jnt_type[j] == static_cast<int>(Joint::kBall)) {
      make_ball_limit(m, d, j);
      continue;
    }
    for (const int side : {-1, 1}) {
      const Limit<R> limit = joint_limit(m, d, j, side);
      if (any(limit.active)) {
        write_limit_row(m, d, d.dof_rows.num++, j, side, limit);
      }
    }
  }
}

/// J of a block whose row is a fixed tendon's, times sign.
template <class R>
FLEET_HD void fill_tendon_J(const auto& m, PhysicsData<R>& d, int t, int sign,
                            const typename RowBlocks<R>::Block& block) {
  for (int w = 0; w < m.tendon_num[t]; ++w) {
    d.blocks.J[block.J + w] = R(m.wrap_coef[m.tendon_adr[t] + w] * ScalarOf<R>(sign));
  }
}
template <class R>
FLEET_HD void fill_tendon_friction(const auto& m, PhysicsData<R>& d, int t,
                                   const typename RowBlocks<R>::Block& block) {
  fill_tendon_J(m, d, t, 1, block);
  finish_scalar_block(m, d, block, MaskOf<R>(true), R(0.0), R(m.tendon_invweight0[t]),
                      R(m.tendon_frictionloss[t]), &m.tendon_solref_fri[2 * t],
                      &m.tendon_solimp_fri[5 * t]);
}
template <class R>
FLEET_HD void fill_tendon_limit(const auto& m, PhysicsData<R>& d, int t, int side,
                                const Limit<R>& limit, const typename RowBlocks<R>::Block& block) {
  fill_tendon_J(m, d, t, -side, block);
  finish_scalar_block(m, d, block, limit.active, limit.violation, R(m.tendon_invweight0[t]), R(0.0),
                      &m.tendon_solref_lim[2 * t], &m.tendon_solimp_lim[5 * t]);
}

template <class R>
auto& add_tendon_block(const auto& m, PhysicsData<R>& d, BlockKind kind, int t) {
  return add_block(d, kind, 1, &m.wrap_dof[m.tendon_adr[t]], m.tendon_num[t]);
}

template <class R>
void make_tendon_friction(const auto& m, PhysicsData<R>& d) {
  for (int t = 0; t < m.ntendon && m.frictionloss; ++t) {
    if (m.tendon_frictionloss[t] > 0) {
      fill_tendon_friction(m, d, t, add_tendon_block(m, d, BlockKind::kFrictionLoss, t));
    }
  }
}

template <class R>
void make_tendon_limits(const auto& m, PhysicsData<R>& d) {
  for (int t = 0; t < m.ntendon && m.limits; ++t) {
    for (int side = -1; m.tendon_limited[t] && side <= 1; side += 2) {
      const Limit<R> limit = tendon_limit(m, d, t, side);
      if (any(limit.active)) {
        fill_tendon_limit(m, d, t, side, limit, add_tendon_block(m, d, BlockKind::kLimit, t));
      }
    }
  }
}

/// All rows for the present positions and velocities.
template <class R>
void make_constraint(const auto& m, PhysicsData<R>& d) {
  d.dof_rows.num = 0;
  d.blocks.num = d.blocks.num_rows = d.blocks.num_J = d.blocks.num_H = 0;
  make_equalities(m, d);
  make_frictionloss(m, d);
  make_tendon_friction(m, d);
  make_joint_limits(m, d);
  make_tendon_limits(m, d);
  make_contact_blocks(m, d);
}

}  // namespace fleet::physics
