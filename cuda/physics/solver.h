#pragma once

#include "cuda/physics/inertia.h"
#include "cuda/physics/line_search.h"
#include "cuda/physics/newton_matrix.h"

// The constraint solver: Newton's method on the convex cost
//   1/2 (qacc - qacc_smooth)' M (qacc - qacc_smooth) + sum of the rows' costs at J qacc - aref
// with an exact line search (Todorov 2014). Worlds of a pack iterate together; one that has
// converged is frozen, so that its result does not depend on its neighbours.

namespace fleet::physics {

/// Starts from qacc_warmstart or qacc_smooth, each world from the cheaper one. Fills jar and Ma.
template <class R>
void start(const auto& m, PhysicsData<R>& d) {
  DofRows<R>& rows = d.dof_rows;
  RowBlocks<R>& blocks = d.blocks;
  mul_J(d, d.qacc_smooth.data(), true, rows.jv.data(), blocks.jv.data());
  if (!m.warmstart) {
    std::copy_n(d.qacc_smooth.begin(), m.nv, d.qacc.begin());
    std::copy_n(d.qfrc_smooth.begin(), m.nv, d.Ma.begin());
    std::copy_n(rows.jv.begin(), rows.num, rows.jar.begin());
    std::copy_n(blocks.jv.begin(), blocks.num_rows, blocks.jar.begin());
    return;
  }
  const R smooth_cost = update_rows(d, rows.jv.data(), blocks.jv.data(), false);
  mul_J(d, d.qacc_warmstart.data(), true, rows.jar.data(), blocks.jar.data());
  R warm_cost = update_rows(d, rows.jar.data(), blocks.jar.data(), false);
  mul_M(m, d, d.qacc_warmstart.data(), d.Ma.data());
  for (int i = 0; i < m.nv; ++i) {
    warm_cost = fma(R(0.5) * (d.Ma[i] - d.qfrc_smooth[i]), d.qacc_warmstart[i] - d.qacc_smooth[i],
                    warm_cost);
  }
  const auto warm = less_equal(warm_cost, smooth_cost);
  for (int i = 0; i < m.nv; ++i) {
    d.qacc[i] = select(warm, d.qacc_warmstart[i], d.qacc_smooth[i]);
    d.Ma[i] = select(warm, d.Ma[i], d.qfrc_smooth[i]);
  }
  for (int r = 0; r < rows.num; ++r) {
    rows.jar[r] = select(warm, rows.jar[r], rows.jv[r]);
  }
  for (int r = 0; r < blocks.num_rows; ++r) {
    blocks.jar[r] = select(warm, blocks.jar[r], blocks.jv[r]);
  }
}

/// Forces, second derivatives and gradient at the present qacc, for the worlds of `worlds`.
/// @returns the gradient's norm
template <class R>
R update_gradient(const auto& m, PhysicsData<R>& d, const MaskOf<R>& worlds) {
  update_rows(d, d.dof_rows.jar.data(), d.blocks.jar.data(), true);
  constraint_force(m, d, worlds);
  R sum(0.0);
  for (int i = 0; i < m.nv; ++i) {
    d.grad[i] = d.Ma[i] - d.qfrc_smooth[i] - d.qfrc_constraint[i];
    sum = fma(d.grad[i], d.grad[i], sum);
  }
  return sqrt(sum);
}

template <class R>
void move(const auto& m, PhysicsData<R>& d, R alpha) {
  for (int i = 0; i < m.nv; ++i) {
    d.qacc[i] = fma(alpha, d.search[i], d.qacc[i]);
    d.Ma[i] = fma(alpha, d.Mv[i], d.Ma[i]);
  }
  for (int r = 0; r < d.dof_rows.num; ++r) {
    d.dof_rows.jar[r] = fma(alpha, d.dof_rows.jv[r], d.dof_rows.jar[r]);
  }
  for_each_live(d, [&](int, const auto& block) {
    for (int r = block.row; r < block.row + block.dim; ++r) {
      d.blocks.jar[r] = fma(alpha, d.blocks.jv[r], d.blocks.jar[r]);
    }
  });
}

/// The Newton direction of the active worlds; any finite one for the others.
template <class R>
void find_direction(const auto& m, PhysicsData<R>& d, const MaskOf<R>& active) {
  find_pattern(m, d);
  make_H(m, d, active);
  factor_H(m, d);
  for (int i = 0; i < m.nv; ++i) {
    d.search[i] = -d.grad[i];
  }
  solve_H(m, d, d.search.data());
  mul_M(m, d, d.search.data(), d.Mv.data());
  mul_J(d, d.search.data(), false, d.dof_rows.jv.data(), d.blocks.jv.data());
}

/// Fills qacc, qfrc_constraint and the rows' forces. Stops where the gradient's norm or the last
/// improvement, both over the trace of M, fall below the model's tolerance.
template <class R>
void solve(const auto& m, PhysicsData<R>& d) {
  d.solver_niter = 0;
  if (d.dof_rows.num == 0 && d.blocks.num == 0) {
    std::copy_n(d.qacc_smooth.begin(), m.nv, d.qacc.begin());
    std::fill_n(d.qfrc_constraint.begin(), m.nv, R(0.0));
    return;
  }
  R trace(0.0);
  for (int i = 0; i < m.nv; ++i) {
    trace += d.M[m.M_rowadr[i] + m.M_rownnz[i] - 1];
  }
  const R enough = R(m.tolerance) * trace;
  const MaskOf<R> all_worlds(true);
  find_live(d, all_worlds);
  start(m, d);
  auto active = less(enough, update_gradient(m, d, all_worlds));
  while (any(active) && d.solver_niter < m.iterations) {
    ++d.solver_niter;
    find_live(d, active);
    find_direction(m, d, active);
    const Step<R> step = line_search(m, d, active);
    move(m, d, step.alpha);
    const R gradient = update_gradient(m, d, active);
    active = active & less(enough, gradient) & less(enough, step.improvement);
  }
}

}  // namespace fleet::physics
