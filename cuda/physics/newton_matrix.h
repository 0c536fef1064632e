#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include "cuda/physics/data.h"

// The Newton system H = M + J' (d2 cost) J and its factor H = L' D L. H is as sparse as the tree,
// except where a contact joins two branches: which entries are not zero is worked out per pack, on
// bits, from the columns of its blocks. Eliminating from the last dof to the first then fills in
// nothing between branches that no contact joins.

namespace fleet::physics {

/// Columns that some entry of the factor needs, row by row, for the live blocks.
template <class R>
void find_pattern(const auto& m, PhysicsData<R>& d) {
  std::copy(d.M_pattern.begin(), d.M_pattern.end(), d.H_pattern.begin());
  for (int i = 0; i < d.blocks.num_live; ++i) {
    const auto& block = d.blocks.block[d.blocks.live[i]];
    std::uint64_t earlier = 0;
    for (int c = 0; c < block.num_columns; ++c) {
      d.H_pattern[block.columns[c]] |= earlier;
      earlier |= std::uint64_t{1} << block.columns[c];
    }
  }
  for (int k = m.nv - 1; k >= 0; --k) {
    const std::uint64_t row = d.H_pattern[k];
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
void begin_H(const auto& m, PhysicsData<R>& d) {
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

/// H += J' C J of one block of kDim rows, C its symmetric second derivative.
template <int kDim, class R>
void add_block_H_of(const auto& m, PhysicsData<R>& d, const typename RowBlocks<R>::Block& block) {
  const int n = block.num_columns;
  const R* const C = &d.blocks.H[block.H];
  const R* const J = &d.blocks.J[block.J];
  for (int c = 0; c < n; ++c) {
    R CJ[kDim];
    for (int k = 0; k < kDim; ++k) {
      CJ[k] = C[k * kDim] * J[c];
      for (int j = 1; j < kDim; ++j) {
        CJ[k] = fma(j <= k ? C[k * kDim + j] : C[j * kDim + k], J[j * n + c], CJ[k]);
      }
    }
    R* const row = &d.H[block.columns[c] * m.nv];
    for (int e = 0; e <= c; ++e) {
      R sum = row[block.columns[e]];
      for (int k = 0; k < kDim; ++k) {
        sum = fma(CJ[k], J[k * n + e], sum);
      }
      row[block.columns[e]] = sum;
    }
  }
}

template <class R>
void add_block_H(const auto& m, PhysicsData<R>& d, const typename RowBlocks<R>::Block& block) {
  switch (block.dim) {
    case 1:
      return add_block_H_of<1>(m, d, block);
    case 3:
      return add_block_H_of<3>(m, d, block);
    case 4:
      return add_block_H_of<4>(m, d, block);
    default:
      return add_block_H_of<6>(m, d, block);
  }
}

/// The Newton system. A block that no active world presses on adds nothing to theirs.
template <class R>
void make_H(const auto& m, PhysicsData<R>& d, const MaskOf<R>& active) {
  begin_H(m, d);
  for (int r = 0; r < d.dof_rows.num; ++r) {
    d.H[d.dof_rows.dof[r] * (m.nv + 1)] += d.dof_rows.curvature[r];
  }
  for (int i = 0; i < d.blocks.num_live; ++i) {
    const auto& block = d.blocks.block[d.blocks.live[i]];
    if (any(active & less(R(0.0), d.blocks.H[block.H]))) {
      add_block_H(m, d, block);
    }
  }
}

/// Neighbouring columns of a row, [first, end).
struct ColumnRuns {
  int num = 0;
  std::array<int, 64> first, end;
};

inline ColumnRuns find_runs(std::uint64_t columns) {
  ColumnRuns runs;
  while (columns != 0) {
    const int first = std::countr_zero(columns);
    const int length = std::countr_one(columns >> first);
    runs.first[runs.num] = first;
    runs.end[runs.num++] = first + length;
    columns &= first + length == 64 ? 0 : ~std::uint64_t{0} << (first + length);
  }
  return runs;
}

/// out -= t * from, over the columns up to `last`.
template <class R>
void subtract_row(const ColumnRuns& runs, int last, R t, const R* from, R* out) {
  for (int r = 0; r < runs.num && runs.first[r] <= last; ++r) {
    const int end = std::min(runs.end[r], last + 1);
    for (int j = runs.first[r]; j < end; ++j) {
      out[j] = fma(-t, from[j], out[j]);
    }
  }
}

/// Factors H in place; a pivot that rounding has lost becomes tiny, and the line search takes over.
template <class R>
void factor_H(const auto& m, PhysicsData<R>& d) {
  const int nv = m.nv;
  for (int k = nv - 1; k >= 0; --k) {
    R* const row_k = &d.H[k * nv];
    const int* const columns = &d.H_colind[k * nv];
    const R inverse = R(1.0) / maximum(row_k[k], R(1e-15));
    d.H_diag_inv[k] = inverse;
    const ColumnRuns runs = find_runs(d.H_pattern[k]);
    for (int c = d.H_rownnz[k] - 1; c >= 0; --c) {
      const int i = columns[c];
      const R t = row_k[i] * inverse;
      subtract_row(runs, i, t, row_k, &d.H[i * nv]);
      row_k[i] = t;
    }
  }
}

/// x = H^-1 x
template <class R>
void solve_H(const auto& m, const PhysicsData<R>& d, R* x) {
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
