#pragma once

#include "cuda/physics/cone_slope.h"
#include "cuda/physics/rows.h"

namespace fleet::physics {

/// Adds the slope of the cost of a row of one dof at jar + alpha jv.
template <class R>
FLEET_HD void add_dof_row_slope(const DofRows<R>& rows, int r, R alpha, Slope<R>& slope) {
  R force, curvature;
  scalar_update(rows.D[r], fma(alpha, rows.jv[r], rows.jar[r]), rows.frictionloss[r],
                r < rows.num_friction, force, curvature);
  slope.first = fma(-force, rows.jv[r], slope.first);
  slope.second = fma(curvature * rows.jv[r], rows.jv[r], slope.second);
}

/// The slope of the whole cost at qacc + alpha search. @param gauss that of the smooth part at 0
template <class R>
Slope<R> slope_at(const PhysicsData<R>& d, const Slope<R>& gauss, R alpha) {
  Slope<R> slope{fma(alpha, gauss.second, gauss.first), gauss.second};
  const DofRows<R>& rows = d.dof_rows;
  for (int r = 0; r < rows.num; ++r) {
    add_dof_row_slope(rows, r, alpha, slope);
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

/// The step where the slope vanishes: Newton's method between the tightest known bounds, starting
/// from 1. A world outside `active` takes no step.
/// @param first the slope at 0  @param slope_at the Slope at a step
template <class R, class F>
FLEET_HD Step<R> find_step(const auto& m, const MaskOf<R>& active, R first, F&& slope_at) {
  const R zero(0.0);
  const auto descends = active & less(first, zero);
  const R enough = R(m.ls_tolerance) * abs(first);
  R low(0.0), alpha(1.0), best(0.0), best_slope = first;
  R high(-1.0);  // none yet
  auto open = descends;
  for (int i = 0; i < m.ls_iterations && any(open); ++i) {
    const Slope<R> slope = slope_at(alpha);
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

/// The step along `search`.
template <class R>
Step<R> line_search(const auto& m, const PhysicsData<R>& d, const MaskOf<R>& active) {
  Slope<R> gauss;
  R first(0.0);
  for (int i = 0; i < m.nv; ++i) {
    gauss.first = fma(d.search[i], d.Ma[i] - d.qfrc_smooth[i], gauss.first);
    gauss.second = fma(d.search[i], d.Mv[i], gauss.second);
    first = fma(d.search[i], d.grad[i], first);
  }
  return find_step(m, active, first, [&](R alpha) { return slope_at(d, gauss, alpha); });
}

}  // namespace fleet::physics
