#pragma once

#include "cuda/physics/team/bits.h"
#include "cuda/physics/team/team.h"
#include "cuda/physics/team/team_data.h"

// The Newton system by a team: H in rows of a packed lower triangle, its entries spread over the
// lanes. As newton_matrix.h.

namespace fleet::physics {

/// Columns left of the diagonal that M or a live block has in a row.
template <class R>
FLEET_HD std::uint64_t row_pattern(const TeamData<R>& d, int i) {
  std::uint64_t pattern = d.M_pattern[i];
  for (int k = 0; k < d.blocks.num_live; ++k) {
    const std::uint64_t columns = d.block_columns[d.blocks.live[k]];
    pattern |= (columns & bit(i)) != 0 ? columns & bits_below(i) : 0;
  }
  return pattern;
}

/// H = M and the dofs' own rows.
template <class Team, class R>
FLEET_HD void begin_H(const Team& team, const auto& m, TeamData<R>& d) {
  fill(team, d.H.data(), m.nv * (m.nv + 1) / 2, R(0.0));
  team.for_each(m.nv, [&](int i) {
    d.H_pattern[i] = row_pattern(d, i);
    R* const row = H_row(d, i);
    for (int k = m.M_rowadr[i]; k < m.M_rowadr[i] + m.M_rownnz[i]; ++k) {
      row[m.M_colind[k]] = d.M[k];
    }
    for (int r = 0; r < d.dof_rows.num; ++r) {
      row[i] += d.dof_rows.dof[r] == i ? d.dof_rows.curvature[r] : R(0.0);
    }
  });
}

/// H += J' C J of a block, C its symmetric second derivative.
template <class Team, class R>
FLEET_HD void add_block_H(const Team& team, TeamData<R>& d,
                          const typename RowBlocks<R>::Block& block) {
  const int n = block.num_columns;
  const int dim = block.dim;
  const R* const C = &d.blocks.H[block.H];
  const R* const J = &d.blocks.J[block.J];
  team.for_each(dim * n, [&](int i) {
    const int k = i / n;
    const int c = i % n;
    R sum = C[k * dim] * J[c];
    for (int j = 1; j < dim; ++j) {
      sum = fma(j <= k ? C[k * dim + j] : C[j * dim + k], J[j * n + c], sum);
    }
    d.CJ[i] = sum;
  });
  team.for_each(n * n, [&](int i) {
    const int c = i / n;
    const int e = i % n;
    if (e <= c) {
      R& out = H_row(d, block.columns[c])[block.columns[e]];
      R sum = out;
      for (int k = 0; k < dim; ++k) {
        sum = fma(d.CJ[k * n + c], J[k * n + e], sum);
      }
      out = sum;
    }
  });
}

/// The Newton system. A block that does not press adds nothing.
template <class Team, class R>
FLEET_HD void make_H(const Team& team, const auto& m, TeamData<R>& d) {
  begin_H(team, m, d);
  for (int i = 0; i < d.blocks.num_live; ++i) {
    const auto& block = d.blocks.block[d.blocks.live[i]];
    if (any(less(R(0.0), d.blocks.H[block.H]))) {
      add_block_H(team, d, block);
    }
  }
}

/// Factors H in place, pivots from the last to the first, and fills in its pattern on the way.
template <class Team, class R>
FLEET_HD void factor_H(const Team& team, const auto& m, TeamData<R>& d) {
  for (int k = m.nv - 1; k >= 0; --k) {
    R* const row_k = H_row(d, k);
    const std::uint64_t pattern = d.H_pattern[k];
    const R inverse = R(1.0) / maximum(row_k[k], R(1e-15));
    team.for_each(k, [&](int i) {
      if ((pattern & bit(i)) != 0) {
        const R t = row_k[i] * inverse;
        R* const row_i = H_row(d, i);
        for (int j = 0; j <= i; ++j) {
          if ((pattern & bit(j)) != 0) {
            row_i[j] = fma(-t, row_k[j], row_i[j]);
          }
        }
      }
    });
    team.for_each(k + 1, [&](int i) {
      if (i == k) {
        d.H_diag_inv[k] = inverse;
      } else if ((pattern & bit(i)) != 0) {
        row_k[i] *= inverse;
        if (i == highest_bit(pattern)) {  // eliminating k joins all of its columns
          d.H_pattern[i] |= pattern & bits_below(i);
        }
      }
    });
  }
}

/// x = H^-1 x
template <class Team, class R>
FLEET_HD void solve_H(const Team& team, const auto& m, TeamData<R>& d, R* x) {
  for (int k = m.nv - 1; k > 0; --k) {
    team.for_each(k, [&](int i) { x[i] = fma(-H_row(d, k)[i], x[k], x[i]); });
  }
  team.for_each(m.nv, [&](int i) { x[i] *= d.H_diag_inv[i]; });
  for (int k = 0; k + 1 < m.nv; ++k) {
    team.for_each(m.nv - 1 - k, [&](int i) {
      const int row = k + 1 + i;
      x[row] = fma(-H_row(d, row)[k], x[k], x[row]);
    });
  }
}

}  // namespace fleet::physics
