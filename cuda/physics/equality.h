#pragma once

#include <limits>

#include "cuda/physics/row_block.h"

// Equality constraints that couple the lengths of joints or of fixed tendons.

namespace fleet::physics {

template <class R>
FLEET_HD R coupled_length(const auto& m, const PhysicsData<R>& d, bool of_tendons, int id) {
  return of_tendons ? d.ten_length[id] : d.qpos[m.jnt_qposadr[id]];
}

template <class R>
FLEET_HD R coupled_invweight(const auto& m, const PhysicsData<R>& d, bool of_tendons, int id) {
  return of_tendons ? R(m.tendon_invweight0[id]) : d.field.dof_invweight0[m.jnt_dofadr[id]];
}

/// Its row is always there, and it pushes both ways.
template <class R>
FLEET_HD void fill_equality(const auto& m, PhysicsData<R>& d, const Coupling<ScalarOf<R>>& e,
                            const typename RowBlocks<R>::Block& block) {
  const auto& p = e.polycoef;
  R value(p[0]);
  R slope(0.0);
  R diag = coupled_invweight(m, d, e.of_tendons, e.id1);
  if (e.id2 >= 0) {
    const R x = coupled_length(m, d, e.of_tendons, e.id2) - R(e.rest2);
    value = fma(x, fma(x, fma(x, fma(x, R(p[4]), R(p[3])), R(p[2])), R(p[1])), R(p[0]));
    slope = fma(x, fma(x, fma(x, R(4 * p[4]), R(3 * p[3])), R(2 * p[2])), R(p[1]));
    diag += coupled_invweight(m, d, e.of_tendons, e.id2);
  }
  const R violation = coupled_length(m, d, e.of_tendons, e.id1) - R(e.rest1) - value;
  for (int c = 0; c < e.num_columns; ++c) {
    d.blocks.J[block.J + c] =
        fma(-slope, R(m.coupling_coef2[e.column_adr + c]), R(m.coupling_coef1[e.column_adr + c]));
  }
  finish_scalar_block(m, d, block, MaskOf<R>(true), violation, diag,
                      R(std::numeric_limits<ScalarOf<R>>::infinity()), e.solref.data(),
                      e.solimp.data());
}

template <class R>
void make_equalities(const auto& m, PhysicsData<R>& d) {
  for (const auto& e : m.couplings) {
    const int* const columns = &m.coupling_columns[e.column_adr];
    fill_equality(m, d, e, add_block(d, BlockKind::kEquality, 1, columns, e.num_columns));
  }
}

}  // namespace fleet::physics
