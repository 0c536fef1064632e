#pragma once

#include "cuda/physics/team/collide.h"
#include "cuda/physics/team/constraint.h"
#include "cuda/physics/team/integrate.h"
#include "cuda/physics/team/sensor.h"
#include "cuda/physics/team/smooth.h"
#include "cuda/physics/team/solver.h"

// What mj_step and mj_forward do, for one world by a team: as engine.h for a pack.

namespace fleet::physics {

/// What a step relies on beside the state: the world body stands still at the origin, nothing is
/// applied; constant moment arms, M's pattern, and what no stage writes.
template <class Team, class R>
FLEET_HD void begin_world(const Team& team, const auto& m, TeamData<R>& d) {
  for (auto* array : {&d.xpos, &d.xquat, &d.xmat, &d.xipos, &d.ximat}) {
    const int per_body = static_cast<int>(array->size()) / m.nbody;
    fill(team, array->data(), per_body, R(0.0));
  }
  fill(team, d.cvel.data(), 6, R(0.0));
  fill(team, d.cdof_dot.data(), 6 * m.nv, R(0.0));
  fill(team, d.free_qacc.data(), static_cast<int>(d.free_qacc.size()), R(0.0));
  fill(team, d.act_dot.data(), m.na, R(0.0));
  fill(team, d.qfrc_applied.data(), m.nv, R(0.0));
  fill(team, d.xfrc_applied.data(), 6 * m.nbody, R(0.0));
  team.once([&] {
    d.xquat[0] = R(1.0);
    for (int k = 0; k < 9; k += 4) {
      d.xmat[k] = d.ximat[k] = R(1.0);
    }
    d.has_applied = false;
    d.num_lost = 0;
  });
  team.for_each(m.nu, [&](int u) { constant_moment(m, d, u); });
  team.for_each(m.nv <= 64 ? m.nv : 0, [&](int i) {
    d.M_pattern[i] = 0;
    for (int k = m.M_rowadr[i]; k < m.M_rowadr[i] + m.M_rownnz[i] - 1; ++k) {
      d.M_pattern[i] |= bit(m.M_colind[k]);
    }
  });
}

/// All but the sensors.
template <class Team, class R>
FLEET_HD void dynamics(const Team& team, const auto& m, const auto& plan, TeamData<R>& d) {
  kinematics(team, m, plan, d);
  com_pos(team, m, plan, d);
  team.for_each(m.ntendon, [&](int t) { tendon_length(m, d, t); });
  make_M(team, m, plan, d);
  copy(team, d.M.data(), m.nC, d.qLD.data());
  factor(team, m, d.qLD.data(), d.qLDiagInv.data());
  collide(team, m, d);
  transmission(team, m, d);
  for_each_outwards(team, plan, [&](int body) { body_velocity(m, d, body); });
  passive(team, m, plan, d);
  rne(team, m, plan, d);
  actuation(team, m, plan, d);
  smooth_acceleration(team, m, plan, d);
  make_constraint(team, m, plan, d);
  solve(team, m, plan, d);
  contact_forces(team, d);
}

template <class Team, class R>
FLEET_HD void forward(const Team& team, const auto& m, const auto& plan, TeamData<R>& d) {
  dynamics(team, m, plan, d);
  sensors(team, m, plan, d);
}

template <class Team, class R>
FLEET_HD void step(const Team& team, const auto& m, const auto& plan, TeamData<R>& d) {
  forward(team, m, plan, d);
  switch (m.integrator) {
    case Integrator::kEuler:
      euler(team, m, plan, d);
      break;
    case Integrator::kImplicitFast:
      implicit_fast(team, m, plan, d);
      break;
    case Integrator::kRungeKutta:
      runge_kutta(team, m, d, [&] { dynamics(team, m, plan, d); });
      break;
  }
}

}  // namespace fleet::physics
