#pragma once

#include "cuda/physics/inertia.h"

// Loose bodies (a free joint, and no joint below it) under implicitfast: their gyroscopic force,
// whose derivative is not symmetric, is taken implicitly too, body by body.

namespace fleet::physics {

/// Solves A x = b by elimination; each world has its own pivots. A world whose matrix is singular
/// keeps x.
template <class R>
FLEET_HD void solve6(R A[6][6], R b[6], R* x) {
  auto regular = MaskOf<R>(true);
  for (int k = 0; k < 6; ++k) {
    for (int i = k + 1; i < 6; ++i) {
      const auto swap = less(abs(A[k][k]), abs(A[i][k]));
      const auto exchange = [&](R& first, R& second) {
        const R kept = first;
        first = select(swap, second, first);
        second = select(swap, kept, second);
      };
      for (int j = k; j < 6; ++j) {
        exchange(A[k][j], A[i][j]);
      }
      exchange(b[k], b[i]);
    }
    const auto solid = less_equal(R(1e-15), abs(A[k][k]));
    regular = regular & solid;
    A[k][k] = R(1.0) / select(solid, A[k][k], R(1.0));
    for (int i = k + 1; i < 6; ++i) {
      const R t = A[i][k] * A[k][k];
      for (int j = k + 1; j < 6; ++j) {
        A[i][j] = fma(-t, A[k][j], A[i][j]);
      }
      b[i] = fma(-t, b[k], b[i]);
    }
  }
  for (int k = 5; k >= 0; --k) {
    for (int j = k + 1; j < 6; ++j) {
      b[k] = fma(-A[k][j], b[j], b[k]);
    }
    b[k] *= A[k][k];
    x[k] = select(regular, b[k], x[k]);
  }
}

/// Adds timestep * d(bias force)/d(velocity) to the columns of a body's rotation. With s from its
/// origin to the centre of mass of it and all that is welded to it, w its angular velocity and I
/// the inertia of it all, in the world frame, the bias force is m w x (w x s), the bias torque
/// about the centre of mass w x I w.
template <class R>
FLEET_HD void add_gyroscopic(const auto& m, const PhysicsData<R>& d, int body, R A[6][6]) {
  const Mat3<R> frame = load9(&d.xmat[9 * body]);
  const R* const crb = &d.crb[10 * body];  // about the tree's centre of mass
  const auto inertia = [&](const Vec3<R>& v) {
    return inertia_times(crb, {v, {R(0.0), R(0.0), R(0.0)}}).angular;
  };
  const Vec3<R> s = load3(&d.subtree_com[3 * body]) - load3(&d.xpos[3 * body]);
  const Vec3<R> w = frame * load3(&d.qvel[m.body_dofadr[body] + 3]);
  const Vec3<R> ws = cross(w, s);
  const Vec3<R> Iw = inertia(w);
  const R h(m.timestep);
  for (int c = 0; c < 3; ++c) {
    const Vec3<R> a = column(frame, c);
    const Vec3<R> force = (cross(a, ws) + cross(w, cross(a, s))) * (h * crb[9]);
    const Vec3<R> torque = (cross(a, Iw) + cross(w, inertia(a))) * h + cross(s, force);
    const Vec3<R> turning = transposed_times(frame, torque);
    const R turned[6] = {force.x, force.y, force.z, turning.x, turning.y, turning.z};
    for (int row = 0; row < 6; ++row) {
      A[row][3 + c] += turned[row];
    }
  }
}

/// Begins the block, (6 x 6), of free_bodies[loose] from a matrix with M's pattern, which knows
/// nothing beside the diagonal of bodies that MuJoCo calls simple.
template <class R>
FLEET_HD void begin_free_body(const auto& m, PhysicsData<R>& d, const R* matrix, int loose) {
  R* const block = &d.free_matrix[36 * loose];
  for (int k = 0; k < 36; ++k) {
    block[k] = R(0.0);
  }
  const int first = m.body_dofadr[m.free_bodies[loose]];
  for (int i = first; i < first + 6; ++i) {
    for (int k = m.M_rowadr[i]; k < m.M_rowadr[i] + m.M_rownnz[i]; ++k) {
      const int j = m.M_colind[k];
      block[6 * (i - first) + j - first] = block[6 * (j - first) + i - first] = matrix[k];
    }
  }
}

template <class R>
void begin_free_bodies(const auto& m, PhysicsData<R>& d, const R* matrix) {
  for (int i = 0; i < static_cast<int>(m.free_bodies.size()); ++i) {
    begin_free_body(m, d, matrix, i);
  }
}

/// Adds to an entry on or below the diagonal of the system: to a loose body's block, or to the
/// matrix where M's pattern has room.
template <class R>
FLEET_HD void add_implicit(const auto& m, PhysicsData<R>& d, R* matrix, int row, int column,
                           R value) {
  const int loose = m.dof_free[row];
  if (loose < 0) {
    if (R* const out = entry(m, matrix, row, column)) {
      *out += value;
    }
    return;
  }
  const int first = m.body_dofadr[m.free_bodies[loose]];
  R* const block = &d.free_matrix[36 * loose];
  block[6 * (row - first) + column - first] += value;
  if (row != column) {
    block[6 * (column - first) + row - first] += value;
  }
}

/// Solves for the acceleration of free_bodies[loose], into free_qacc (6 each).  @param force (nv)
template <class R>
FLEET_HD void solve_free_body(const auto& m, PhysicsData<R>& d, const R* force, int loose) {
  const int body = m.free_bodies[loose];
  R A[6][6];
  R b[6];
  for (int r = 0; r < 6; ++r) {
    b[r] = force[m.body_dofadr[body] + r];
    for (int c = 0; c < 6; ++c) {
      A[r][c] = d.free_matrix[36 * loose + 6 * r + c];
    }
  }
  add_gyroscopic(m, d, body, A);
  solve6(A, b, &d.free_qacc[6 * loose]);
}

template <class R>
void solve_free_bodies(const auto& m, PhysicsData<R>& d, const R* force) {
  for (int i = 0; i < static_cast<int>(m.free_bodies.size()); ++i) {
    solve_free_body(m, d, force, i);
  }
}

}  // namespace fleet::physics
