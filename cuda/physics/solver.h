#pragma once

#include "cuda/physics/cone.h"
#include "cuda/physics/inertia.h"
#include "cuda/physics/newton_matrix.h"

// The constraint solver: Newton's method on the convex cost
//   1/2 (qacc - qacc_smooth)' M (qacc - qacc_smooth) + sum of the rows' costs at J qacc - aref
// with an exact line search (Todorov 2014). Worlds of a pack iterate together; one that has
// converged is frozen, so that its result does not depend on its neighbours.

namespace fleet::physics {

template <class R>
BlockView<R> view_block(const PhysicsData<R>& d, int b) {
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

/// J x of every row, minus aref if asked for.
template <class R>
void mul_J(const PhysicsData<R>& d, const R* x, bool minus_aref, R* dof_out, R* block_out) {
  for (int r = 0; r < d.dof_rows.num; ++r) {
    const R value = d.dof_rows.sign[r] * x[d.dof_rows.dof[r]];
    dof_out[r] = minus_aref ? value - d.dof_rows.aref[r] : value;
  }
  for_each_live(d, [&](int, const auto& block) {
    const int n = block.num_columns;
    for (int k = 0; k < block.dim; ++k) {
      const R* const J = &d.blocks.J[block.J + k * n];
      R sum = minus_aref ? -d.blocks.aref[block.row + k] : R(0.0);
      for (int c = 0; c < n; ++c) {
        sum = fma(J[c], x[block.columns[c]], sum);
      }
      block_out[block.row + k] = sum;
    }
  });
}

/// Forces of all rows at the given residuals, and second derivatives if asked for. @returns the cost
template <class R>
R update_rows(PhysicsData<R>& d, const R* dof_jar, const R* block_jar, bool with_H) {
  R cost(0.0);
  DofRows<R>& rows = d.dof_rows;
  for (int r = 0; r < rows.num; ++r) {
    cost += scalar_update(rows.D[r], dof_jar[r], rows.frictionloss[r], r < rows.num_friction,
                          rows.force[r], rows.curvature[r]);
  }
  for_each_live(d, [&](int b, const auto& block) {
    cost += block_update(view_block(d, b), block_jar + block.row, &d.blocks.force[block.row],
                         with_H ? &d.blocks.H[block.H] : nullptr);
  });
  return cost;
}

/// qfrc_constraint = J' force, for the worlds of `worlds`
template <class R>
void constraint_force(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d,
                      const MaskOf<R>& worlds) {
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

/// Starts from qacc_warmstart or qacc_smooth, each world from the cheaper one. Fills jar and Ma.
template <class R>
void start(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
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
R update_gradient(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, const MaskOf<R>& worlds) {
  update_rows(d, d.dof_rows.jar.data(), d.blocks.jar.data(), true);
  constraint_force(m, d, worlds);
  R sum(0.0);
  for (int i = 0; i < m.nv; ++i) {
    d.grad[i] = d.Ma[i] - d.qfrc_smooth[i] - d.qfrc_constraint[i];
    sum = fma(d.grad[i], d.grad[i], sum);
  }
  return sqrt(sum);
}

/// The slope of the whole cost at qacc + alpha search. @param gauss that of the smooth part at 0
template <class R>
Slope<R> slope_at(const PhysicsData<R>& d, const Slope<R>& gauss, R alpha) {
  Slope<R> slope{fma(alpha, gauss.second, gauss.first), gauss.second};
  const DofRows<R>& rows = d.dof_rows;
  for (int r = 0; r < rows.num; ++r) {
    R force, curvature;
    scalar_update(rows.D[r], fma(alpha, rows.jv[r], rows.jar[r]), rows.frictionloss[r],
                  r < rows.num_friction, force, curvature);
    slope.first = fma(-force, rows.jv[r], slope.first);
    slope.second = fma(curvature * rows.jv[r], rows.jv[r], slope.second);
  }
  for_each_live(d, [&](int b, const auto& block) {
    add_slope(view_block(d, b), &d.blocks.jar[block.row], &d.blocks.jv[block.row], alpha, slope);
  });
  return slope;
}

template <class R>
struct Step {
  R alpha;
  R improvement;  ///< of the cost, by the trapezoid under its slope
};

/// The step along `search` where the slope vanishes: Newton's method between the tightest known
/// bounds, starting from 1. A world outside `active` takes no step.
template <class R>
Step<R> line_search(const PhysicsModel<ScalarOf<R>>& m, const PhysicsData<R>& d,
                    const MaskOf<R>& active) {
  Slope<R> gauss;
  R first(0.0);
  for (int i = 0; i < m.nv; ++i) {
    gauss.first = fma(d.search[i], d.Ma[i] - d.qfrc_smooth[i], gauss.first);
    gauss.second = fma(d.search[i], d.Mv[i], gauss.second);
    first = fma(d.search[i], d.grad[i], first);
  }
  const R zero(0.0);
  const auto descends = active & less(first, zero);
  const R enough = R(m.ls_tolerance) * abs(first);
  R low(0.0), alpha(1.0), best(0.0), best_slope = first;
  R high(-1.0);  // none yet
  auto open = descends;
  for (int i = 0; i < m.ls_iterations && any(open); ++i) {
    const Slope<R> slope = slope_at(d, gauss, alpha);
    const auto closer = open & less(abs(slope.first), abs(best_slope));
    best = select(closer, alpha, best);
    best_slope = select(closer, slope.first, best_slope);
    open = open & less(enough, abs(slope.first));
    const auto before = less(slope.first, zero);
    low = select(before, alpha, low);
    high = select(before, high, alpha);
    const auto bounded = less(zero, high);
    const auto curved = less(zero, slope.second);
    const R next = alpha - slope.first / select(curved, slope.second, R(1.0));
    const auto inside = curved & less(low, next) & ((!bounded) | less(next, high));
    const R fallback = select(bounded, R(0.5) * (low + high), R(2.0) * alpha);
    alpha = select(inside, next, fallback);
  }
  best = select(descends, best, zero);
  return {best, select(descends, R(-0.5) * best * (first + best_slope), zero)};
}

template <class R>
void move(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, R alpha) {
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
void find_direction(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d,
                    const MaskOf<R>& active) {
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
void solve(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
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
