#pragma once

#include "cuda/physics/sensor.h"
#include "cuda/physics/team/order.h"

// Sensors, and what only they and tasks ask for, by a team: a sensor, body or dof to a lane.

namespace fleet::physics {

template <class Team, class R>
FLEET_HD void subtree_vel(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  R* const velocity = d.scratch_body.data();
  team.for_each(m.nbody, [&](int i) { begin_subtree_vel(m, d, i, velocity); });
  for_each_inwards(team, plan, true, [&](int body, int child) {
    R* const sum = &d.subtree_linvel[3 * body];
    store3(sum, load3(sum) + load3(&d.subtree_linvel[3 * child]));
  });
  team.for_each(m.nbody, [&](int i) { finish_subtree_linvel(d, i); });
  for_each_inwards(
      team, plan, true, [&](int, int child) { pass_angmom(m, d, child); },
      [&](int body) {
        if (body > 0) {
          finish_subtree_angmom(d, body, velocity);
        }
      });
}

/// cfrc_ext of a body: what is applied to it, then its contacts.
template <class R>
FLEET_HD void collect_external(const auto& m, PhysicsData<R>& d, int body) {
  const Vec3<R> zero{R(0.0), R(0.0), R(0.0)};
  store6(&d.cfrc_ext[6 * body], {zero, zero});
  if (d.has_applied && body > 0) {
    add_applied_external(m, d, body);
  }
  for (int c = 0; c < d.contact.num; ++c) {
    const auto& pair = m.pairs[d.contact.pair[c]];
    if (pair.body1 == body) {
      add_contact_external(m, d, c, body, -1.0);
    }
    if (pair.body2 == body) {
      add_contact_external(m, d, c, body, 1.0);
    }
  }
}

template <class Team, class R>
FLEET_HD void rne_post_constraint(const Team& team, const auto& m, const auto& plan,
                                  PhysicsData<R>& d) {
  team.for_each(m.nbody, [&](int body) { collect_external(m, d, body); });
  team.once([&] {
    const Vec3<R> zero{R(0.0), R(0.0), R(0.0)};
    store6(&d.cacc[0], upward_gravity<R>(m));
    store6(&d.cfrc_int[0], {zero, zero});
  });
  for_each_outwards(team, plan, [&](int body) { body_force(m, d, body); });
  for_each_inwards(team, plan, true, [&](int body, int child) {
    R* const sum = &d.cfrc_int[6 * body];
    store6(sum, load6(sum) + load6(&d.cfrc_int[6 * child]));
  });
}

/// All sensors, after the constraint solver, with contact.force filled.
template <class Team, class R>
FLEET_HD void sensors(const Team& team, const auto& m, const auto& plan, PhysicsData<R>& d) {
  if (m.needs_subtree_vel) {
    subtree_vel(team, m, plan, d);
  }
  if (m.needs_rne_post_constraint) {
    rne_post_constraint(team, m, plan, d);
  }
  for (const Stage stage : {Stage::kPos, Stage::kVel, Stage::kAcc}) {
    team.for_each(m.nsensor, [&](int i) { read_sensor(m, d, stage, i); });
  }
}

}  // namespace fleet::physics
