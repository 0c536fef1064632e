#pragma once

#include "cuda/physics/cone.h"
#include "cuda/physics/impedance.h"
#include "cuda/physics/spatial.h"

// Rows of the constraint solver: friction loss, limits, contacts. Only those that some world of the
// pack needs are made; a world that does not need one has D = 0 in it.

namespace fleet::physics {

template <class R>
ScalarOf<R> least_time_constant(const PhysicsModel<ScalarOf<R>>& m) {
  return m.refsafe ? 2 * m.timestep : ScalarOf<R>(0);
}

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

/// Begins a block of `dim` rows. @returns it, its J still to be filled
template <class R>
typename RowBlocks<R>::Block& add_block(PhysicsData<R>& d, BlockKind kind, int dim,
                                        const int* columns, int num_columns) {
  RowBlocks<R>& blocks = d.blocks;
  auto& block = blocks.block[blocks.num++];
  block = {.kind = kind,
           .contact = -1,
           .dim = dim,
           .num_columns = num_columns,
           .columns = columns,
           .row = blocks.num_rows,
           .J = blocks.num_J,
           .H = blocks.num_H};
  blocks.num_rows += dim;
  blocks.num_J += dim * num_columns;
  blocks.num_H += dim * dim;
  return block;
}

/// J qvel of one row of a block.
template <class R>
R row_velocity(const PhysicsData<R>& d, const typename RowBlocks<R>::Block& block, int k) {
  R sum(0.0);
  for (int c = 0; c < block.num_columns; ++c) {
    sum = fma(d.blocks.J[block.J + k * block.num_columns + c], d.qvel[block.columns[c]], sum);
  }
  return sum;
}

/// The numbers of a block of one row whose J is filled. @param frictionloss used by that kind alone
template <class R>
void finish_scalar_block(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d,
                         const typename RowBlocks<R>::Block& block, const MaskOf<R>& active,
                         R violation, R diag, R frictionloss, const ScalarOf<R>* solref,
                         const ScalarOf<R>* solimp) {
  RowBlocks<R>& blocks = d.blocks;
  const R imp = impedance(solimp, violation);
  const auto ref = reference(solref, solimp[1], least_time_constant<R>(m));
  const R spring =
      block.kind == BlockKind::kFrictionLoss ? R(0.0) : R(ref.K) * imp * violation;
  const R aref = -(R(ref.B) * row_velocity(d, block, 0)) - spring;
  const auto index = static_cast<std::size_t>(&block - blocks.block.data());
  blocks.D[block.row] = select(active, R(1.0) / regulariser(imp, diag), R(0.0));
  blocks.aref[block.row] = select(active, aref, R(0.0));
  blocks.mu[index] = R(1.0);
  blocks.friction[5 * index] = select(active, frictionloss, R(0.0));
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

/// The five friction coefficients of a pair: slide, slide, spin, roll, roll.
template <class R>
void pair_friction(const PhysicsData<R>& d, const GeomPair<ScalarOf<R>>& pair, R* friction) {
  constexpr int kWhich[5] = {0, 0, 1, 2, 2};
  for (int k = 0; k < 5; ++k) {
    const R first = d.field.geom_friction[3 * pair.geom1 + kWhich[k]];
    const R second = d.field.geom_friction[3 * pair.geom2 + kWhich[k]];
    const R mixed = pair.friction_rule == FrictionRule::kFirst    ? first
                    : pair.friction_rule == FrictionRule::kSecond ? second
                    : pair.friction_rule == FrictionRule::kOfPair ? R(pair.friction[k])
                                                                  : maximum(first, second);
    friction[k] = maximum(mixed, R(1e-5));
  }
}

/// Fills J: the velocity of body 2 at the contact against that of body 1, in the contact's frame.
template <class R>
void contact_jacobian(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d,
                      const GeomPair<ScalarOf<R>>& pair, const typename RowBlocks<R>::Block& block) {
  const Vec3<R> pos = load3(&d.contact.pos[3 * block.contact]);
  const Mat3<R> frame = load9(&d.contact.frame[9 * block.contact]);
  int root = -1;
  Vec3<R> arm{};
  for (int c = 0; c < block.num_columns; ++c) {
    const int dof = block.columns[c];
    if (const int next = m.body_rootid[m.dof_bodyid[dof]]; next != root) {
      root = next;
      arm = pos - load3(&d.subtree_com[3 * root]);
    }
    const Vec6<R> axis = load6(&d.cdof[6 * dof]);
    const R sign(m.pair_signs[pair.column_adr + c]);
    const Vec3<R> linear = (axis.linear + cross(axis.angular, arm)) * sign;
    R* const J = &d.blocks.J[block.J + c];
    const int n = block.num_columns;
    J[0] = dot(frame.row0, linear);
    if (block.dim > 1) {
      J[n] = dot(frame.row1, linear);
      J[2 * n] = dot(frame.row2, linear);
    }
    if (block.dim > 3) {
      const Vec3<R> angular = axis.angular * sign;
      J[3 * n] = dot(frame.row0, angular);
      if (block.dim > 4) {
        J[4 * n] = dot(frame.row1, angular);
        J[5 * n] = dot(frame.row2, angular);
      }
    }
  }
}

/// Regularisers, reference accelerations and cone of a contact whose J is filled.
template <class R>
void finish_contact(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d,
                    const GeomPair<ScalarOf<R>>& pair, const typename RowBlocks<R>::Block& block) {
  using T = ScalarOf<R>;
  RowBlocks<R>& blocks = d.blocks;
  const auto index = static_cast<std::size_t>(&block - blocks.block.data());
  R* const friction = &blocks.friction[5 * index];
  pair_friction(d, pair, friction);
  const R violation = d.contact.dist[block.contact] - R(pair.margin);
  const auto active = d.contact.active[block.contact] & less(violation, R(0.0));
  const R imp = impedance(pair.solimp.data(), violation);
  const auto ref = reference(pair.solref.data(), pair.solimp[1], least_time_constant<R>(m));
  const bool own = pair.solreffriction[0] != 0 || pair.solreffriction[1] != 0;
  const T tangent_B =
      m.elliptic && own
          ? reference(pair.solreffriction.data(), pair.solimp[1], least_time_constant<R>(m)).B
          : ref.B;
  const R tran = d.field.body_invweight0[2 * pair.body1] + d.field.body_invweight0[2 * pair.body2];
  R diag = tran;
  if (block.kind == BlockKind::kPyramidal) {
    diag = fma(friction[0] * friction[0], tran, tran);
  }
  const R R0 = regulariser(imp, diag);
  blocks.mu[index] = friction[0] * R(T(1) / std::sqrt(std::max(T(1e-15), m.impratio)));
  for (int k = 0; k < block.dim; ++k) {
    R Rk = R0;
    if (block.kind == BlockKind::kPyramidal) {
      Rk = R(2.0) * blocks.mu[index] * blocks.mu[index] * R0;
    } else if (k > 0) {
      const R ratio = friction[0] / friction[k - 1];
      Rk = R0 / R(std::max(T(1e-15), m.impratio)) * ratio * ratio;
    }
    const R damping = R(k == 0 ? ref.B : tangent_B) * row_velocity(d, block, k);
    const R spring = k == 0 ? R(ref.K) * imp * violation : R(0.0);
    blocks.D[block.row + k] = select(active, R(1.0) / Rk, R(0.0));
    blocks.aref[block.row + k] = select(active, -damping - spring, R(0.0));
  }
}

template <class R>
void make_contact_blocks(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int i = 0; i < d.contact.num; ++i) {
    const GeomPair<ScalarOf<R>>& pair = m.pairs[d.contact.pair[i]];
    if (pair.num_columns == 0) {
      continue;
    }
    const BlockKind kind = pair.condim == 1 ? BlockKind::kFrictionless
                           : m.elliptic     ? BlockKind::kElliptic
                                            : BlockKind::kPyramidal;
    auto& block =
        add_block(d, kind, pair.condim, &m.pair_columns[pair.column_adr], pair.num_columns);
    block.contact = i;
    contact_jacobian(m, d, pair, block);
    finish_contact(m, d, pair, block);
  }
}

/// All rows for the present positions and velocities.
template <class R>
void make_constraint(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  d.dof_rows.num = 0;
  d.blocks.num = d.blocks.num_rows = d.blocks.num_J = d.blocks.num_H = 0;
  make_frictionloss(m, d);
  make_tendon_friction(m, d);
  make_joint_limits(m, d);
  make_tendon_limits(m, d);
  make_contact_blocks(m, d);
}

}  // namespace fleet::physics
