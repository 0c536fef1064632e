#pragma once

#include "cuda/physics/team/inertia.h"
#include "cuda/physics/team/newton_matrix.h"
#include "cuda/physics/team/rows.h"

// The constraint solver by a team, for one world, which leaves as soon as it has converged. As
// solver.h.

namespace fleet::physics {

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

template <class Team, class R>
FLEET_HD void find_direction(const Team& team, const auto& m, const auto& plan, TeamData<R>& d) {
  make_H(team, m, d);
  factor_H(team, m, d);
  team.for_each(m.nv, [&](int i) { d.search[i] = -d.grad[i]; });
  solve_H(team, m, d, d.search.data());
  mul_M(team, m, plan, d, d.search.data(), d.Mv.data());
  mul_J(team, d, d.search.data(), false, d.dof_rows.jv.data(), d.blocks.jv.data());
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

}  // namespace fleet::physics
