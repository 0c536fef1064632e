#pragma once

#include "cuda/physics/contact_rows.h"
#include "cuda/physics/equality.h"

// Rows of the constraint solver: equalities, friction loss, limits, contacts. Only those that some world of the
// pack needs are made; a world that does not need one has D = 0 in it.

namespace fleet::physics {

/// Adds a row of one dof. @param violation pos - margin  @param frictionloss null: a limit
template <class R>
void add_dof_row(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, int dof, int id, double sign,
                 const MaskOf<R>& active, R violation, const R* frictionloss,
                 const ScalarOf<R>* solref, const ScalarOf<R>* solimp) {
  DofRows<R>& rows = d.dof_rows;
  const int row = rows.num++;
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
void make_frictionloss(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int i = 0; i < m.nv && m.frictionloss; ++i) {
    if (m.dof_has_frictionloss[i]) {
      const R loss = d.field.dof_frictionloss[i];
      add_dof_row(m, d, i, i, 1.0, less(R(0.0), loss), R(0.0), &loss, &m.dof_solref[2 * i],
                  &m.dof_solimp[5 * i]);
    }
  }
  d.dof_rows.num_friction = d.dof_rows.num;
}

template <class R>
void make_ball_limit(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, int j) {
  const Vec3<R> turn = rotation_vector(normalised(load4(&d.qpos[m.jnt_qposadr[j]])));
  const R angle = norm(turn);
  const R margin(m.jnt_margin[j]);
  const R dist = R(std::max(m.jnt_range[2 * j], m.jnt_range[2 * j + 1])) - angle;
  const auto active = less(dist, margin);
  if (!any(active)) {
    return;
  }
  const int dof = m.jnt_dofadr[j];
  auto& block = add_block(d, BlockKind::kLimit, 1, &m.dof_index[dof], 3);
  const auto none = less(angle, R(1e-15));
  const R scale = R(-1.0) / select(none, R(1.0), angle);
  const Vec3<R> J = select<R>(active & (!none), turn * scale, {R(0.0), R(0.0), R(0.0)});
  store3(&d.blocks.J[block.J], J);
  finish_scalar_block(m, d, block, active, dist - margin, d.field.dof_invweight0[dof], R(0.0),
                      &m.jnt_solref[2 * j], &m.jnt_solimp[5 * j]);
}

template <class R>
void make_joint_limits(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int j = 0; j < m.njnt && m.limits; ++j) {
    if (!m.jnt_limited[j]) {
      continue;
    }
    if (m.jnt_type[j] == static_cast<int>(Joint::kBall)) {
      make_ball_limit(m, d, j);
      continue;
    }
    const R value = d.qpos[m.jnt_qposadr[j]];
    const R margin(m.jnt_margin[j]);
    for (const int side : {-1, 1}) {
      const R bound(m.jnt_range[2 * j + (side + 1) / 2]);
      const R dist = side < 0 ? value - bound : bound - value;
      const auto active = less(dist, margin);
      if (any(active)) {
        add_dof_row(m, d, m.jnt_dofadr[j], j, -side, active, dist - margin,
                    static_cast<const R*>(nullptr), &m.jnt_solref[2 * j], &m.jnt_solimp[5 * j]);
      }
    }
  }
}

/// A block whose row is a fixed tendon's, times sign.
template <class R>
typename RowBlocks<R>::Block& add_tendon_block(const PhysicsModel<ScalarOf<R>>& m,
                                               PhysicsData<R>& d, BlockKind kind, int t, int sign) {
  const int adr = m.tendon_adr[t];
  auto& block = add_block(d, kind, 1, &m.wrap_dof[adr], m.tendon_num[t]);
  for (int w = 0; w < m.tendon_num[t]; ++w) {
    d.blocks.J[block.J + w] = R(m.wrap_coef[adr + w] * ScalarOf<R>(sign));
  }
  return block;
}

template <class R>
void make_tendon_friction(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int t = 0; t < m.ntendon && m.frictionloss; ++t) {
    if (m.tendon_frictionloss[t] > 0) {
      auto& block = add_tendon_block(m, d, BlockKind::kFrictionLoss, t, 1);
      finish_scalar_block(m, d, block, MaskOf<R>(true), R(0.0), R(m.tendon_invweight0[t]),
                          R(m.tendon_frictionloss[t]), &m.tendon_solref_fri[2 * t],
                          &m.tendon_solimp_fri[5 * t]);
    }
  }
}

template <class R>
void make_tendon_limits(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int t = 0; t < m.ntendon && m.limits; ++t) {
    for (int side = -1; m.tendon_limited[t] && side <= 1; side += 2) {
      const R bound(m.tendon_range[2 * t + (side + 1) / 2]);
      const R dist = side < 0 ? d.ten_length[t] - bound : bound - d.ten_length[t];
      const R margin(m.tendon_margin[t]);
      const auto active = less(dist, margin);
      if (any(active)) {
        auto& block = add_tendon_block(m, d, BlockKind::kLimit, t, -side);
        finish_scalar_block(m, d, block, active, dist - margin, R(m.tendon_invweight0[t]), R(0.0),
                            &m.tendon_solref_lim[2 * t], &m.tendon_solimp_lim[5 * t]);
      }
    }
  }
}

/// All rows for the present positions and velocities.
template <class R>
void make_constraint(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
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
