#pragma once

#include "cuda/physics/inertia.h"
#include "cuda/physics/team/order.h"

// The mass matrix, its factor, and solving with it, by a team. As inertia.h.

namespace fleet::physics {

template <class Team, class R>
FLEET_HD void make_M(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  copy(team, d.cinert.data(), 10 * m.nbody, d.crb.data());
  for_each_inwards(team, plan, false, [&](int body, int child) {
    for (int k = 0; k < 10; ++k) {
      d.crb[10 * body + k] += d.crb[10 * child + k];
    }
  });
  team.for_each(m.nv, [&](int i) { make_M_row(m, d, i); });
  for_each_tendon_grouped(team, plan, [&](int t) {
    if (m.tendon_armature[t] != 0) {
      add_tendon_armature(m, d, t);
    }
  });
}

/// As factor(): pivots from the last to the first; the entries that one pivot changes are spread.
template <class Team, class R>
FLEET_HD void factor(const Team& team, const auto& m, R* L, R* diag_inv) {
  for (int k = m.nv - 1; k >= 0; --k) {
    R* const row_k = L + m.M_rowadr[k];
    const int below = m.M_rownnz[k] - 1;
    const int* const columns = &m.M_colind[m.M_rowadr[k]];
    const R inverse = R(1.0) / row_k[below];
    team.for_each(below * below, [&](int e) {
      const int c = e / below;
      const int j = e % below;
      if (j <= c) {
        R& out = L[m.M_rowadr[columns[c]] + j];
        out = fma(-(row_k[c] * inverse), row_k[j], out);
      }
    });
    team.for_each(below + 1, [&](int c) {
      if (c == below) {
        diag_inv[k] = inverse;
      } else {
        row_k[c] *= inverse;
      }
    });
  }
}

/// x = (L' D L)^-1 x, dofs of one rank at the same time.
template <class Team, class R>
FLEET_HD void solve_factored(const Team& team, const auto& m, const auto& plan, const R* L,
                             const R* diag_inv, R* x) {
  const int num_ranks = static_cast<int>(plan.rank_adr.size()) - 1;
  const auto for_each_of_rank = [&](int rank, const auto& f) {
    const int first = plan.rank_adr[rank];
    team.for_each(plan.rank_adr[rank + 1] - first, [&](int i) { f(plan.rank_dof[first + i]); });
  };
  for (int rank = num_ranks - 1; rank >= 0; --rank) {
    for_each_of_rank(rank, [&](int i) {
      R sum = x[i];
      for (int c = plan.below_adr[i]; c < plan.below_adr[i + 1]; ++c) {
        sum = fma(-L[plan.below_entry[c]], x[plan.below_row[c]], sum);
      }
      x[i] = sum;
    });
  }
  for (int rank = 0; rank < num_ranks; ++rank) {
    for_each_of_rank(rank, [&](int k) {
      R sum = x[k] * diag_inv[k];
      for (int c = m.M_rowadr[k]; c < m.M_rowadr[k] + m.M_rownnz[k] - 1; ++c) {
        sum = fma(-L[c], x[m.M_colind[c]], sum);
      }
      x[k] = sum;
    });
  }
}

/// out = M x
template <class Team, class R>
FLEET_HD void mul_M(const Team& team, const auto& m, const auto& plan, const PhysicsData<R>& d,
                    const R* x, R* out) {
  team.for_each(m.nv, [&](int i) {
    const int adr = m.M_rowadr[i];
    const int beside = m.M_rownnz[i] - 1;
    R sum = d.M[adr + beside] * x[i];
    for (int c = adr; c < adr + beside; ++c) {
      sum = fma(d.M[c], x[m.M_colind[c]], sum);
    }
    for (int c = plan.below_adr[i + 1] - 1; c >= plan.below_adr[i]; --c) {
      sum = fma(d.M[plan.below_entry[c]], x[plan.below_row[c]], sum);
    }
    out[i] = sum;
  });
}

}  // namespace fleet::physics
