#pragma once

#include "cuda/physics/line_search.h"
#include "cuda/physics/solver.h"
#include "cuda/physics/team/smooth.h"
#include "cuda/physics/team/team_data.h"

// The constraint solver by a team: rows, dofs or entries of the Newton system to a lane. As
// solver.h, for one world, which leaves as soon as it has converged.

namespace fleet::physics {

FLEET_HD inline int count_bits(std::uint64_t bits) {
#ifdef __CUDA_ARCH__
  return __popcll(bits);
#else
  return __builtin_popcountll(bits);
#endif
}
/// Of bits that are not all 0.
FLEET_HD inline int highest_bit(std::uint64_t bits) {
#ifdef __CUDA_ARCH__
  return 63 - __clzll(static_cast<long long>(bits));
#else
  return 63 - __builtin_clzll(bits);
#endif
}
FLEET_HD inline std::uint64_t bit(int i) { return std::uint64_t{1} << i; }
FLEET_HD inline std::uint64_t bits_below(int i) { return bit(i) - 1; }

template <class R>
FLEET_HD Slope<R> operator+(const Slope<R>& a, const Slope<R>& b) {
  return {a.first + b.first, a.second + b.second};
}

/// Lists the blocks that are in force.
template <class Team, class R>
FLEET_HD void find_live(const Team& team, TeamData<R>& d) {
  RowBlocks<R>& blocks = d.blocks;
  const int num = team.place(
      blocks.num, [&](int b) { return any(less(R(0.0), blocks.D[blocks.block[b].row])) ? 1 : 0; },
      [&](int b, int at, int) { blocks.live[at] = b; });
  team.once([&] { blocks.num_live = num; });
}

template <class Team, class R>
FLEET_HD void mul_J(const Team& team, TeamData<R>& d, const R* x, bool minus_aref, R* dof_out,
                    R* block_out) {
  const int num_dof_rows = d.dof_rows.num;
  team.for_each(num_dof_rows + d.blocks.num_rows, [&](int i) {
    if (i < num_dof_rows) {
      dof_out[i] = mul_dof_row(d.dof_rows, i, x, minus_aref);
    } else {
      const int row = i - num_dof_rows;
      const auto& block = d.blocks.block[d.row_block[row]];
      block_out[row] = mul_block_row(d, block, row - block.row, x, minus_aref);
    }
  });
}

/// Forces of all rows at the given residuals, and second derivatives if asked for. @returns the
/// cost
template <class Team, class R>
FLEET_HD R update_rows(const Team& team, TeamData<R>& d, const R* dof_jar, const R* block_jar,
                       bool with_H) {
  const int num_dof_rows = d.dof_rows.num;
  return team.sum(num_dof_rows + d.blocks.num_live, [&](int i) {
    if (i < num_dof_rows) {
      return update_dof_row(d.dof_rows, i, dof_jar[i]);
    }
    const int b = d.blocks.live[i - num_dof_rows];
    const auto& block = d.blocks.block[b];
    return block_update(view_block(d, b), block_jar + block.row, &d.blocks.force[block.row],
                        with_H ? &d.blocks.H[block.H] : nullptr);
  });
}

/// J' force of one dof.
template <class R>
FLEET_HD R dof_constraint_force(const TeamData<R>& d, int dof) {
  R sum(0.0);
  const DofRows<R>& rows = d.dof_rows;
  for (int r = 0; r < rows.num; ++r) {
    sum = rows.dof[r] == dof ? fma(rows.sign[r], rows.force[r], sum) : sum;
  }
  for (int i = 0; i < d.blocks.num_live; ++i) {
    const int b = d.blocks.live[i];
    if ((d.block_columns[b] & bit(dof)) != 0) {
      const auto& block = d.blocks.block[b];
      const int c = count_bits(d.block_columns[b] & bits_below(dof));
      for (int k = 0; k < block.dim; ++k) {
        sum = fma(d.blocks.J[block.J + k * block.num_columns + c], d.blocks.force[block.row + k],
                  sum);
      }
    }
  }
  return sum;
}

/// Forces, second derivatives and gradient at the present qacc. @returns the gradient's norm
template <class Team, class R>
FLEET_HD R update_gradient(const Team& team, const auto& m, TeamData<R>& d) {
  update_rows(team, d, d.dof_rows.jar.data(), d.blocks.jar.data(), true);
  return sqrt(team.sum(m.nv, [&](int i) {
    d.qfrc_constraint[i] = dof_constraint_force(d, i);
    d.grad[i] = d.Ma[i] - d.qfrc_smooth[i] - d.qfrc_constraint[i];
    return d.grad[i] * d.grad[i];
  }));
}

/// Starts from qacc_warmstart or qacc_smooth, the cheaper one. Fills jar and Ma.
template <class Team, class R>
FLEET_HD void start(const Team& team, const auto& m, const auto& plan, TeamData<R>& d) {
  DofRows<R>& rows = d.dof_rows;
  RowBlocks<R>& blocks = d.blocks;
  mul_J(team, d, d.qacc_smooth.data(), true, rows.jv.data(), blocks.jv.data());
  bool warm = false;
  if (m.warmstart) {
    const R smooth_cost = update_rows(team, d, rows.jv.data(), blocks.jv.data(), false);
    mul_J(team, d, d.qacc_warmstart.data(), true, rows.jar.data(), blocks.jar.data());
    R warm_cost = update_rows(team, d, rows.jar.data(), blocks.jar.data(), false);
    mul_M(team, m, plan, d, d.qacc_warmstart.data(), d.Ma.data());
    warm_cost += team.sum(m.nv, [&](int i) {
      return R(0.5) * (d.Ma[i] - d.qfrc_smooth[i]) * (d.qacc_warmstart[i] - d.qacc_smooth[i]);
    });
    warm = warm_cost <= smooth_cost;
  }
  if (warm) {
    copy(team, d.qacc_warmstart.data(), m.nv, d.qacc.data());
    return;
  }
  copy(team, d.qacc_smooth.data(), m.nv, d.qacc.data());
  copy(team, d.qfrc_smooth.data(), m.nv, d.Ma.data());
  copy(team, rows.jv.data(), rows.num, rows.jar.data());
  copy(team, blocks.jv.data(), blocks.num_rows, blocks.jar.data());
}

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

template <class Team, class R>
FLEET_HD void find_direction(const Team& team, const auto& m, const auto& plan, TeamData<R>& d) {
  make_H(team, m, d);
  factor_H(team, m, d);
  team.for_each(m.nv, [&](int i) { d.search[i] = -d.grad[i]; });
  solve_H(team, m, d, d.search.data());
  mul_M(team, m, plan, d, d.search.data(), d.Mv.data());
  mul_J(team, d, d.search.data(), false, d.dof_rows.jv.data(), d.blocks.jv.data());
}

/// The slope of the rows' cost at qacc + alpha search.
template <class Team, class R>
FLEET_HD Slope<R> rows_slope(const Team& team, const TeamData<R>& d, R alpha) {
  const int num_dof_rows = d.dof_rows.num;
  return team.sum(num_dof_rows + d.blocks.num_live, [&](int i) {
    Slope<R> slope;
    if (i < num_dof_rows) {
      add_dof_row_slope(d.dof_rows, i, alpha, slope);
    } else {
      const int b = d.blocks.live[i - num_dof_rows];
      const int row = d.blocks.block[b].row;
      add_slope(view_block(d, b), &d.blocks.jar[row], &d.blocks.jv[row], alpha, slope);
    }
    return slope;
  });
}

template <class Team, class R>
FLEET_HD Step<R> line_search(const Team& team, const auto& m, const TeamData<R>& d) {
  const Slope<R> gauss = team.sum(m.nv, [&](int i) {
    return Slope<R>{d.search[i] * (d.Ma[i] - d.qfrc_smooth[i]), d.search[i] * d.Mv[i]};
  });
  const R first = team.sum(m.nv, [&](int i) { return d.search[i] * d.grad[i]; });
  return find_step(m, MaskOf<R>(true), first, [&](R alpha) {
    const Slope<R> smooth{fma(alpha, gauss.second, gauss.first), gauss.second};
    return smooth + rows_slope(team, d, alpha);
  });
}

template <class Team, class R>
FLEET_HD void move(const Team& team, const auto& m, TeamData<R>& d, R alpha) {
  const auto add = [&](const Array<R>& step, int count, Array<R>& to) {
    team.for_each(count, [&](int i) { to[i] = fma(alpha, step[i], to[i]); });
  };
  add(d.search, m.nv, d.qacc);
  add(d.Mv, m.nv, d.Ma);
  add(d.dof_rows.jv, d.dof_rows.num, d.dof_rows.jar);
  add(d.blocks.jv, d.blocks.num_rows, d.blocks.jar);
}

/// Fills qacc, qfrc_constraint and the rows' forces.
template <class Team, class R>
FLEET_HD void solve(const Team& team, const auto& m, const auto& plan, TeamData<R>& d) {
  if (d.dof_rows.num == 0 && d.blocks.num == 0) {
    copy(team, d.qacc_smooth.data(), m.nv, d.qacc.data());
    fill(team, d.qfrc_constraint.data(), m.nv, R(0.0));
    team.once([&] { d.solver_niter = 0; });
    return;
  }
  const R trace = team.sum(m.nv, [&](int i) { return d.M[m.M_rowadr[i] + m.M_rownnz[i] - 1]; });
  const R enough = R(m.tolerance) * trace;
  find_live(team, d);
  start(team, m, plan, d);
  bool active = enough < update_gradient(team, m, d);
  int iterations = 0;
  for (; active && iterations < m.iterations; ++iterations) {
    find_direction(team, m, plan, d);
    const Step<R> step = line_search(team, m, d);
    move(team, m, d, step.alpha);
    active = enough < update_gradient(team, m, d) && enough < step.improvement;
  }
  team.once([&] { d.solver_niter = iterations; });
}

template <class Team, class R>
FLEET_HD void contact_forces(const Team& team, TeamData<R>& d) {
  fill(team, d.contact.force.data(), 6 * d.contact.num, R(0.0));
  team.for_each(d.blocks.num, [&](int b) {
    const auto& block = d.blocks.block[b];
    for (int k = 0; block.contact >= 0 && k < block.dim; ++k) {
      d.contact.force[6 * block.contact + k] = d.blocks.force[block.row + k];
    }
  });
}

}  // namespace fleet::physics
