#pragma once

#include <algorithm>

#include "cuda/physics/cone.h"

// What the solver does with its rows: residuals, forces, and both mapped through J. A block counts
// only while some world that is still iterating has it: late iterations are those of a few worlds,
// and cost what these worlds' contacts cost.

namespace fleet::physics {

template <class R>
FLEET_HD BlockView<R> view_block(const PhysicsData<R>& d, int b) {
  const auto& block = d.blocks.block[b];
  return {block.kind, block.dim, &d.blocks.D[block.row], d.blocks.mu[b], &d.blocks.friction[5 * b]};
}

/// Lists the blocks that some world of `worlds` has.
template <class R>
void find_live(PhysicsData<R>& d, const MaskOf<R>& worlds) {
  RowBlocks<R>& blocks = d.blocks;
  blocks.num_live = 0;
  for (int b = 0; b < blocks.num; ++b) {
    if (any(worlds & less(R(0.0), blocks.D[blocks.block[b].row]))) {
      blocks.live[blocks.num_live++] = b;
    }
  }
}

/// Calls f(index, block) for the blocks that count at present.
template <class R, class F>
void for_each_live(const PhysicsData<R>& d, F&& f) {
  for (int i = 0; i < d.blocks.num_live; ++i) {
    const int b = d.blocks.live[i];
    f(b, d.blocks.block[b]);
  }
}

/// J x of row k of a block, minus aref if asked for.
template <class R>
FLEET_HD R mul_block_row(const PhysicsData<R>& d, const typename RowBlocks<R>::Block& block, int k,
                         const R* x, bool minus_aref) {
  const R* const J = &d.blocks.J[block.J + k * block.num_columns];
  R sum = minus_aref ? -d.blocks.aref[block.row + k] : R(0.0);
  for (int c = 0; c < block.num_columns; ++c) {
    sum = fma(J[c], x[block.columns[c]], sum);
  }
  return sum;
}
template <class R>
FLEET_HD R mul_dof_row(const DofRows<R>& rows, int r, const R* x, bool minus_aref) {
  const R value = rows.sign[r] * x[rows.dof[r]];
  return minus_aref ? value - rows.aref[r] : value;
}

/// J x of every row, minus aref if asked for.
template <class R>
void mul_J(const PhysicsData<R>& d, const R* x, bool minus_aref, R* dof_out, R* block_out) {
  for (int r = 0; r < d.dof_rows.num; ++r) {
    dof_out[r] = mul_dof_row(d.dof_rows, r, x, minus_aref);
  }
  for_each_live(d, [&](int, const auto& block) {
    for (int k = 0; k < block.dim; ++k) {
      block_out[block.row + k] = mul_block_row(d, block, k, x, minus_aref);
    }
  });
}

/// The cost of a row of one dof at a residual; writes its force and curvature.
template <class R>
FLEET_HD R update_dof_row(DofRows<R>& rows, int r, R jar) {
  return scalar_update(rows.D[r], jar, rows.frictionloss[r], r < rows.num_friction, rows.force[r],
                       rows.curvature[r]);
}

/// Forces of all rows at the given residuals, and second derivatives if asked for. @returns the cost
template <class R>
R update_rows(PhysicsData<R>& d, const R* dof_jar, const R* block_jar, bool with_H) {
  R cost(0.0);
  DofRows<R>& rows = d.dof_rows;
  for (int r = 0; r < rows.num; ++r) {
    cost += update_dof_row(rows, r, dof_jar[r]);
  }
  for_each_live(d, [&](int b, const auto& block) {
    cost += block_update(view_block(d, b), block_jar + block.row, &d.blocks.force[block.row],
                         with_H ? &d.blocks.H[block.H] : nullptr);
  });
  return cost;
}

/// qfrc_constraint = J' force, for the worlds of `worlds`
template <class R>
void constraint_force(const auto& m, PhysicsData<R>& d, const MaskOf<R>& worlds) {
  R* const sum = d.scratch_dof.data();
  std::fill_n(sum, m.nv, R(0.0));
  for (int r = 0; r < d.dof_rows.num; ++r) {
    R& out = sum[d.dof_rows.dof[r]];
    out = fma(d.dof_rows.sign[r], d.dof_rows.force[r], out);
  }
  for_each_live(d, [&](int, const auto& block) {
    const int n = block.num_columns;
    const R* const force = &d.blocks.force[block.row];
    for (int c = 0; c < n; ++c) {
      R total = sum[block.columns[c]];
      for (int k = 0; k < block.dim; ++k) {
        total = fma(d.blocks.J[block.J + k * n + c], force[k], total);
      }
      sum[block.columns[c]] = total;
    }
  });
  for (int i = 0; i < m.nv; ++i) {
    d.qfrc_constraint[i] = select(worlds, sum[i], d.qfrc_constraint[i]);
  }
}

/// contact.force from the rows' forces: of a pyramid, too, they are those along its axes.
template <class R>
void contact_forces(PhysicsData<R>& d) {
  std::fill_n(d.contact.force.begin(), 6 * d.contact.num, R(0.0));
  for (int b = 0; b < d.blocks.num; ++b) {
    const auto& block = d.blocks.block[b];
    for (int k = 0; block.contact >= 0 && k < block.dim; ++k) {
      d.contact.force[6 * block.contact + k] = d.blocks.force[block.row + k];
    }
  }
}

}  // namespace fleet::physics
