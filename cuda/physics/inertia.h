#pragma once

#include <algorithm>

#include "cuda/physics/data.h"
#include "cuda/physics/spatial.h"

// The mass matrix, its factor M = L' D L, and solving with it. Rows hold a dof's ancestors and
// itself; the reverse order of elimination leaves no fill-in (Featherstone 2008, section 6.5).

namespace fleet::physics {

/// The entry of a matrix with M's pattern, or null where the pattern has none.
template <class R>
FLEET_HD R* entry(const auto& m, R* matrix, int row, int column) {
  for (int k = m.M_rowadr[row]; k < m.M_rowadr[row] + m.M_rownnz[row]; ++k) {
    if (m.M_colind[k] == column) {
      return matrix + k;
    }
  }
  return nullptr;
}

/// Adds armature J' J, where M has room, for the tendon's J.
template <class R>
FLEET_HD void add_tendon_armature(const auto& m, PhysicsData<R>& d, int t) {
  for (int a = m.tendon_adr[t]; a < m.tendon_adr[t] + m.tendon_num[t]; ++a) {
    for (int b = m.tendon_adr[t]; b <= a; ++b) {
      if (R* const out = entry(m, d.M.data(), m.wrap_dof[a], m.wrap_dof[b])) {
        *out += R(m.tendon_armature[t] * m.wrap_coef[a] * m.wrap_coef[b]);
      }
    }
  }
}

template <class R>
FLEET_HD void make_M_row(const auto& m, PhysicsData<R>& d, int i) {
  const Vec6<R> momentum = inertia_times(&d.crb[10 * m.dof_bodyid[i]], load6(&d.cdof[6 * i]));
  const int adr = m.M_rowadr[i];
  const int last = adr + m.M_rownnz[i] - 1;
  for (int k = adr; k <= last; ++k) {
    d.M[k] = dot(load6(&d.cdof[6 * m.M_colind[k]]), momentum);
  }
  d.M[last] += d.field.dof_armature[i];
}

template <class R>
void make_M(const auto& m, PhysicsData<R>& d) {
  std::copy(d.cinert.begin(), d.cinert.end(), d.crb.begin());
  for (int body = m.nbody - 1; body > 0; --body) {
    const int parent = m.body_parentid[body];
    for (int k = 0; k < 10 && parent > 0; ++k) {
      d.crb[10 * parent + k] += d.crb[10 * body + k];
    }
  }
  for (int i = 0; i < m.nv; ++i) {
    make_M_row(m, d, i);
  }
  for (int t = 0; t < m.ntendon; ++t) {
    if (m.tendon_armature[t] != 0) {
      add_tendon_armature(m, d, t);
    }
  }
}

/// Factors in place a matrix with M's pattern; writes the inverses of D's entries.
template <class R>
void factor(const auto& m, R* L, R* diag_inv) {
  for (int k = m.nv - 1; k >= 0; --k) {
    R* const row_k = L + m.M_rowadr[k];
    const int below = m.M_rownnz[k] - 1;  // entries beside the diagonal
    const R inverse = R(1.0) / row_k[below];
    diag_inv[k] = inverse;
    for (int c = below - 1; c >= 0; --c) {
      const int i = m.M_colind[m.M_rowadr[k] + c];
      const R t = row_k[c] * inverse;
      R* const row_i = L + m.M_rowadr[i];
      for (int j = 0; j <= c; ++j) {
        row_i[j] = fma(-t, row_k[j], row_i[j]);
      }
      row_k[c] = t;
    }
  }
}

/// x = (L' D L)^-1 x
template <class R>
void solve_factored(const auto& m, const R* L, const R* diag_inv, R* x) {
  for (int k = m.nv - 1; k >= 0; --k) {
    const R xk = x[k];
    for (int c = 0; c < m.M_rownnz[k] - 1; ++c) {
      R& xi = x[m.M_colind[m.M_rowadr[k] + c]];
      xi = fma(-L[m.M_rowadr[k] + c], xk, xi);
    }
  }
  for (int k = 0; k < m.nv; ++k) {
    R sum = x[k] * diag_inv[k];
    for (int c = 0; c < m.M_rownnz[k] - 1; ++c) {
      sum = fma(-L[m.M_rowadr[k] + c], x[m.M_colind[m.M_rowadr[k] + c]], sum);
    }
    x[k] = sum;
  }
}

template <class R>
void factor_M(const auto& m, PhysicsData<R>& d) {
  std::copy(d.M.begin(), d.M.end(), d.qLD.begin());
  factor(m, d.qLD.data(), d.qLDiagInv.data());
}

/// out = M x
template <class R>
void mul_M(const auto& m, const PhysicsData<R>& d, const R* x, R* out) {
  for (int i = 0; i < m.nv; ++i) {
    const int adr = m.M_rowadr[i];
    const int beside = m.M_rownnz[i] - 1;
    R sum = d.M[adr + beside] * x[i];
    for (int c = 0; c < beside; ++c) {
      const int j = m.M_colind[adr + c];
      sum = fma(d.M[adr + c], x[j], sum);
      out[j] = fma(d.M[adr + c], x[i], out[j]);
    }
    out[i] = sum;
  }
}

}  // namespace fleet::physics
