#pragma once

#include <bit>

#include "cuda/physics/data.h"

// The Newton system H = M + J' (d2 cost) J and its factor H = L' D L. H is as sparse as the tree,
// except where a contact joins two branches: which entries are not zero is worked out per pack, on
// bits, from the columns of its blocks. Eliminating from the last dof to the first then fills in
// nothing between branches that no contact joins.

namespace fleet::physics {

/// Columns that some entry of the factor needs, row by row.
template <class R>
void find_pattern(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  d.H_pattern = d.M_pattern;
  for (int b = 0; b < d.blocks.num; ++b) {
    const auto& block = d.blocks.block[b];
    std::uint64_t earlier = 0;
    for (int c = 0; c < block.num_columns; ++c) {
      d.H_pattern[block.columns[c]] |= earlier;
      earlier |= std::uint64_t{1} << block.columns[c];
    }
  }
  for (int k = m.nv - 1; k >= 0; --k) {
    std::uint64_t row = d.H_pattern[k];
    int* const columns = &d.H_colind[k * m.nv];
    int count = 0;
    for (std::uint64_t left = row; left != 0; left &= left - 1) {
      columns[count++] = std::countr_zero(left);
    }
    d.H_rownnz[k] = count;
    if (count > 1) {  // eliminating k joins all of its columns
      const int last = columns[count - 1];
      d.H_pattern[last] |= row & ~(std::uint64_t{1} << last);
    }
  }
}

/// H = M on the pattern.
template <class R>
void begin_H(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int i = 0; i < m.nv; ++i) {
    R* const row = &d.H[i * m.nv];
    for (int c = 0; c < d.H_rownnz[i]; ++c) {
      row[d.H_colind[i * m.nv + c]] = R(0.0);
    }
    for (int k = m.M_rowadr[i]; k < m.M_rowadr[i] + m.M_rownnz[i]; ++k) {
      row[m.M_colind[k]] = d.M[k];
    }
  }
}

/// H += J' C J of one block, C its symmetric second derivative.
template <class R>
void add_block_H(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d,
                 const typename RowBlocks<R>::Block& block) {
  const int dim = block.dim;
  const int n = block.num_columns;
  const R* const C = &d.blocks.H[block.H];
  const R* const J = &d.blocks.J[block.J];
  for (int c = 0; c < n; ++c) {
    R CJ[kMaxDim];
    for (int k = 0; k < dim; ++k) {
      CJ[k] = C[k * dim] * J[c];
      for (int j = 1; j < dim; ++j) {
        CJ[k] = fma(j <= k ? C[k * dim + j] : C[j * dim + k], J[j * n + c], CJ[k]);
      }
    }
    R* const row = &d.H[block.columns[c] * m.nv];
    for (int e = 0; e <= c; ++e) {
      R& out = row[block.columns[e]];
      R sum = out;
      for (int k = 0; k < dim; ++k) {
        sum = fma(CJ[k], J[k * n + e], sum);
      }
      out = sum;
    }
  }
}

template <class R>
void make_H(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  begin_H(m, d);
  for (int r = 0; r < d.dof_rows.num; ++r) {
    d.H[d.dof_rows.dof[r] * (m.nv + 1)] += d.dof_rows.curvature[r];
  }
  for (int b = 0; b < d.blocks.num; ++b) {
    add_block_H(m, d, d.blocks.block[b]);
  }
}

/// Factors H in place; a pivot that rounding has lost becomes tiny, and the line search takes over.
template <class R>
void factor_H(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  const int nv = m.nv;
  for (int k = nv - 1; k >= 0; --k) {
    R* const row_k = &d.H[k * nv];
    const int* const columns = &d.H_colind[k * nv];
    const R inverse = R(1.0) / maximum(row_k[k], R(1e-15));
    d.H_diag_inv[k] = inverse;
    for (int c = d.H_rownnz[k] - 1; c >= 0; --c) {
      const int i = columns[c];
      const R t = row_k[i] * inverse;
      R* const row_i = &d.H[i * nv];
      for (int e = 0; e <= c; ++e) {
        const int j = columns[e];
        row_i[j] = fma(-t, row_k[j], row_i[j]);
      }
      row_k[i] = t;
    }
  }
}

/// x = H^-1 x
template <class R>
void solve_H(const PhysicsModel<ScalarOf<R>>& m, const PhysicsData<R>& d, R* x) {
  const int nv = m.nv;
  for (int k = nv - 1; k >= 0; --k) {
    const int* const columns = &d.H_colind[k * nv];
    const R* const row = &d.H[k * nv];
    const R xk = x[k];
    for (int c = 0; c < d.H_rownnz[k]; ++c) {
      x[columns[c]] = fma(-row[columns[c]], xk, x[columns[c]]);
    }
  }
  for (int k = 0; k < nv; ++k) {
    const int* const columns = &d.H_colind[k * nv];
    const R* const row = &d.H[k * nv];
    R sum = x[k] * d.H_diag_inv[k];
    for (int c = 0; c < d.H_rownnz[k]; ++c) {
      sum = fma(-row[columns[c]], x[columns[c]], sum);
    }
    x[k] = sum;
  }
}

}  // namespace fleet::physics
