#pragma once

#include "cuda/physics/row_block.h"
#include "cuda/physics/spatial.h"

// Rows of the constraint solver for the contacts that collide() has found.

namespace fleet::physics {

/// The five friction coefficients of a pair: slide, slide, spin, roll, roll.
template <class R>
FLEET_HD void pair_friction(const PhysicsData<R>& d, const GeomPair<ScalarOf<R>>& pair,
                            R* friction) {
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

/// Fills a column of J: the velocity of body 2 at the contact against that of body 1, in the
/// contact's frame.  @param arm from the centre of the dof's tree to the contact, m
template <class R>
FLEET_HD void contact_column(const auto& m, PhysicsData<R>& d, const GeomPair<ScalarOf<R>>& pair,
                             const typename RowBlocks<R>::Block& block, const Mat3<R>& frame,
                             const Vec3<R>& arm, int c) {
  const Vec6<R> axis = load6(&d.cdof[6 * block.columns[c]]);
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

template <class R>
void contact_jacobian(const auto& m, PhysicsData<R>& d, const GeomPair<ScalarOf<R>>& pair,
                      const typename RowBlocks<R>::Block& block) {
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
    contact_column(m, d, pair, block, frame, arm, c);
  }
}

/// Regularisers, reference accelerations and cone of a contact whose J is filled.
template <class R>
FLEET_HD void finish_contact(const auto& m, PhysicsData<R>& d, const GeomPair<ScalarOf<R>>& pair,
                             const typename RowBlocks<R>::Block& block) {
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
  blocks.mu[index] = friction[0] * R(T(1) / std::sqrt(maximum(T(1e-15), m.impratio)));
  for (int k = 0; k < block.dim; ++k) {
    R Rk = R0;
    if (block.kind == BlockKind::kPyramidal) {
      Rk = R(2.0) * blocks.mu[index] * blocks.mu[index] * R0;
    } else if (k > 0) {
      const R ratio = friction[0] / friction[k - 1];
      Rk = R0 / R(maximum(T(1e-15), m.impratio)) * ratio * ratio;
    }
    const R damping = R(k == 0 ? ref.B : tangent_B) * row_velocity(d, block, k);
    const R spring = k == 0 ? R(ref.K) * imp * violation : R(0.0);
    blocks.D[block.row + k] = select(active, R(1.0) / Rk, R(0.0));
    blocks.aref[block.row + k] = select(active, -damping - spring, R(0.0));
  }
}

FLEET_HD BlockKind contact_kind(const auto& m, int condim) {
  return condim == 1  ? BlockKind::kFrictionless
         : m.elliptic ? BlockKind::kElliptic
                      : BlockKind::kPyramidal;
}

template <class R>
void make_contact_blocks(const auto& m, PhysicsData<R>& d) {
  for (int i = 0; i < d.contact.num; ++i) {
    const GeomPair<ScalarOf<R>>& pair = m.pairs[d.contact.pair[i]];
    if (pair.num_columns == 0) {
      continue;
    }
    auto& block = add_block(d, contact_kind(m, pair.condim), pair.condim,
                            &m.pair_columns[pair.column_adr], pair.num_columns);
    block.contact = i;
    contact_jacobian(m, d, pair, block);
    finish_contact(m, d, pair, block);
  }
}

}  // namespace fleet::physics
