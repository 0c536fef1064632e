#pragma once

#include "cuda/physics/line_search.h"
#include "cuda/physics/rows.h"
#include "cuda/physics/team/bits.h"
#include "cuda/physics/team/team.h"
#include "cuda/physics/team/team_data.h"

// What the solver does with its rows, by a team: a row, or a block, to a lane. As rows.h.

namespace fleet::physics {

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
