#pragma once

#include "cuda/physics/integrate.h"
#include "cuda/physics/runge_kutta.h"
#include "cuda/physics/team/inertia.h"
#include "cuda/physics/team/team_data.h"

// From accelerations to the next state, by a team. As integrate.h and runge_kutta.h.

namespace fleet::physics {

/// @param qacc, velocity (nv) velocity may be d.qvel: the new one
template <class Team, class R>
FLEET_HD void advance(const Team& team, const auto& m, PhysicsData<R>& d, const R* qacc,
                      const R* velocity) {
  const R h(m.timestep);
  team.for_each(m.actuation ? m.nu : 0, [&](int u) { advance_activation(m, d, u); });
  team.for_each(m.nv, [&](int i) {
    d.qvel[i] = fma(h, qacc[i], d.qvel[i]);
    d.qacc_warmstart[i] = d.qacc[i];
  });
  team.for_each(m.njnt, [&](int j) { integrate_joint(m, d.qpos.data(), velocity, h, j); });
}

/// The fluid's part of subtract_damping(), body by body.
template <class Team, class R>
FLEET_HD void subtract_fluid_damping(const Team& team, const auto& m, const auto& plan,
                                     PhysicsData<R>& d, R* matrix) {
  for (const int body : m.fluid_bodies) {
    const int first = plan.chain_adr[body];
    const int num = plan.chain_adr[body + 1] - first;
    team.for_each(num, [&](int c) { fluid_axis(m, d, body, plan.chain_dof[first + c]); });
    const Vec6<R> slope = drag_slope(m, d, body);
    team.for_each(num * num, [&](int e) {
      const int row = plan.chain_dof[first + e / num];
      const int column = plan.chain_dof[first + e % num];
      if (column <= row) {
        add_implicit(m, d, matrix, row, column,
                     R(m.timestep) * fluid_damping_of(d, slope, row, column));
      }
    });
  }
}

template <class Team, class R>
FLEET_HD void subtract_damping(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d,
                               R* matrix) {
  if (m.actuation) {
    for_each_actuator_grouped(team, plan,
                              [&](int u) { subtract_actuator_damping(m, d, matrix, u); });
  }
  if (m.dampers) {
    for_each_tendon_grouped(team, plan, [&](int t) { subtract_tendon_damping(m, d, matrix, t); });
  }
  subtract_fluid_damping(team, m, plan, d, matrix);
}

/// Fills scratch_dof.  @param fast implicitfast; else Euler's, which knows of joint damping alone
template <class Team, class R>
FLEET_HD void implicit_acceleration(const Team& team, const auto& m, const auto& plan,
                                    PhysicsData<R>& d, bool fast) {
  R* const matrix = d.qLD.data();
  R* const acceleration = d.scratch_dof.data();
  const int num_free = fast ? static_cast<int>(m.free_bodies.size()) : 0;
  copy(team, d.M.data(), m.nC, matrix);
  team.for_each(m.nv, [&](int i) { begin_implicit_row(m, d, acceleration, i); });
  team.for_each(num_free, [&](int i) { begin_free_body(m, d, matrix, i); });
  if (fast) {
    subtract_damping(team, m, plan, d, matrix);
  }
  team.for_each(num_free, [&](int i) { solve_free_body(m, d, acceleration, i); });
  factor(team, m, matrix, d.qLDiagInv.data());
  solve_factored(team, m, plan, matrix, d.qLDiagInv.data(), acceleration);
  team.for_each(6 * num_free, [&](int i) {
    acceleration[m.body_dofadr[m.free_bodies[i / 6]] + i % 6] = d.free_qacc[i];
  });
}

template <class Team, class R>
FLEET_HD void euler(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  const R* qacc = d.qacc.data();
  if (m.has_damping && m.eulerdamp && m.dampers) {
    implicit_acceleration(team, m, plan, d, false);
    qacc = d.scratch_dof.data();
  }
  advance(team, m, d, qacc, d.qvel.data());
}

template <class Team, class R>
FLEET_HD void implicit_fast(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  implicit_acceleration(team, m, plan, d, true);
  advance(team, m, d, d.scratch_dof.data(), d.qvel.data());
}

/// The state of the next stage, `time` s after the step's start at the rates of this one.
template <class Team, class R>
FLEET_HD void begin_stage(const Team& team, const auto& m, PhysicsData<R>& d, R time) {
  RungeKuttaMemory<R>& k = d.stages;
  copy(team, k.qpos.data(), m.nq, d.qpos.data());
  team.for_each(m.njnt,
                [&](int j) { integrate_joint(m, d.qpos.data(), k.velocity.data(), time, j); });
  team.for_each(m.nv, [&](int i) {
    d.qvel[i] = fma(time, d.qacc[i], k.qvel[i]);
    k.turned[i] = k.velocity[i];
  });
  team.for_each(m.na, [&](int i) { d.act[i] = fma(time, d.act_dot[i], k.act[i]); });
}

/// Adds a stage's rates to the weighted sums.
template <class Team, class R>
FLEET_HD void add_stage(const Team& team, const auto& m, PhysicsData<R>& d, R weight) {
  RungeKuttaMemory<R>& k = d.stages;
  team.for_each(m.nv, [&](int i) {
    k.velocity_sum[i] = fma(weight, k.velocity[i], k.velocity_sum[i]);
    k.qacc_sum[i] = fma(weight, d.qacc[i], k.qacc_sum[i]);
  });
  team.for_each(m.na,
                [&](int i) { k.act_dot_sum[i] = fma(weight, d.act_dot[i], k.act_dot_sum[i]); });
}

/// Classic Runge-Kutta; `again` recomputes qacc and act_dot for the state of a stage.
template <class Team, class R, class F>
FLEET_HD void runge_kutta(const Team& team, const auto& m, PhysicsData<R>& d, F&& again) {
  RungeKuttaMemory<R>& k = d.stages;
  copy(team, d.qpos.data(), m.nq, k.qpos.data());
  copy(team, d.act.data(), m.na, k.act.data());
  fill(team, k.act_dot_sum.data(), m.na, R(0.0));
  team.for_each(m.nv, [&](int i) {
    k.qvel[i] = k.velocity[i] = d.qvel[i];
    k.velocity_sum[i] = k.qacc_sum[i] = R(0.0);
  });
  add_stage(team, m, d, R(1.0 / 6.0));
  for (int stage = 1; stage < 4; ++stage) {
    const R time = R(stage == 3 ? 1.0 : 0.5) * R(m.timestep);
    begin_stage(team, m, d, time);
    again();
    copy(team, d.qvel.data(), m.nv, k.velocity.data());
    team.for_each(m.njnt,
                  [&](int j) { correct_rotation(m, k.turned.data(), time, k.velocity.data(), j); });
    add_stage(team, m, d, R(stage == 3 ? 1.0 / 6.0 : 1.0 / 3.0));
  }
  copy(team, k.qpos.data(), m.nq, d.qpos.data());
  copy(team, k.qvel.data(), m.nv, d.qvel.data());
  copy(team, k.act.data(), m.na, d.act.data());
  copy(team, k.act_dot_sum.data(), m.na, d.act_dot.data());
  advance(team, m, d, k.qacc_sum.data(), k.velocity_sum.data());
}

}  // namespace fleet::physics
