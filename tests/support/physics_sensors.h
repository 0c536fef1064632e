#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>
#include <vector>

#include <mujoco/mujoco.h>

#include "cuda/physics/data.h"

// What the engine's sensors read, taken from MuJoCo instead of from the engine's own stages.

namespace fleet::testing {

using States = std::span<const mjData* const>;  ///< one per lane

/// Copies arrays of mjData, one state to a lane.
template <class R>
void load_arrays(const mjModel& m, States states, physics::PhysicsData<R>& d) {
  for (int lane = 0; lane < static_cast<int>(states.size()); ++lane) {
    const mjData& from = *states[lane];
    const auto copy = [&](physics::Array<R>& to, const mjtNum* numbers) {
      for (std::size_t i = 0; i < to.size(); ++i) {
        physics::set_lane(to[i], lane, static_cast<physics::ScalarOf<R>>(numbers[i]));
      }
    };
    copy(d.qpos, from.qpos);
    copy(d.qvel, from.qvel);
    copy(d.qacc, from.qacc);
    copy(d.xfrc_applied, from.xfrc_applied);
    copy(d.xpos, from.xpos);
    copy(d.xquat, from.xquat);
    copy(d.xmat, from.xmat);
    copy(d.xipos, from.xipos);
    copy(d.ximat, from.ximat);
    copy(d.geom_xpos, from.geom_xpos);
    copy(d.geom_xmat, from.geom_xmat);
    copy(d.site_xpos, from.site_xpos);
    copy(d.site_xmat, from.site_xmat);
    copy(d.subtree_com, from.subtree_com);
    copy(d.cinert, from.cinert);
    copy(d.cdof, from.cdof);
    copy(d.cdof_dot, from.cdof_dot);
    copy(d.cvel, from.cvel);
    copy(d.ten_length, from.ten_length);
    copy(d.ten_velocity, from.ten_velocity);
    copy(d.actuator_length, from.actuator_length);
    copy(d.actuator_velocity, from.actuator_velocity);
    copy(d.actuator_force, from.actuator_force);
    copy(d.qfrc_actuator, from.qfrc_actuator);
  }
  d.has_applied = m.nbody > 1;
}

/// The slot of each contact of a state: the contacts of a pair are in order.
template <class T>
std::vector<int> slots_of(const physics::PhysicsModel<T>& p, const mjData& d) {
  std::map<std::array<int, 2>, int> used;
  std::vector<int> slots;
  for (int c = 0; c < d.ncon; ++c) {
    const std::array<int, 2> geoms{d.contact[c].geom[0], d.contact[c].geom[1]};
    for (const auto& pair : p.pairs) {
      if (pair.geom1 == geoms[0] && pair.geom2 == geoms[1]) {
        slots.push_back(pair.first_slot + used[geoms]++);
      }
    }
  }
  return slots;
}

template <class R>
void load_contact(const mjModel& m, const mjData& from, int contact, int lane, int to,
                  physics::Contacts<R>& contacts) {
  using T = physics::ScalarOf<R>;
  std::array<mjtNum, 6> force{};
  mj_contactForce(&m, &from, contact, force.data());
  const mjContact& con = from.contact[contact];
  physics::set_lane(contacts.active[to], lane, true);
  physics::set_lane(contacts.dist[to], lane, static_cast<T>(con.dist));
  for (int k = 0; k < 3; ++k) {
    physics::set_lane(contacts.pos[3 * to + k], lane, static_cast<T>(con.pos[k]));
  }
  for (int k = 0; k < 9; ++k) {
    physics::set_lane(contacts.frame[9 * to + k], lane, static_cast<T>(con.frame[k]));
  }
  for (int k = 0; k < 6; ++k) {
    physics::set_lane(contacts.force[6 * to + k], lane, static_cast<T>(force[k]));
  }
}

/// Contacts of all lanes in slot order; numbers of a lane without a contact are no numbers.
template <class R>
void load_contacts(const mjModel& m, const physics::PhysicsModel<physics::ScalarOf<R>>& p,
                   States states, physics::PhysicsData<R>& d) {
  std::map<int, std::vector<std::array<int, 2>>> by_slot;  // lane, contact
  for (int lane = 0; lane < static_cast<int>(states.size()); ++lane) {
    const std::vector<int> slots = slots_of(p, *states[lane]);
    for (int c = 0; c < static_cast<int>(slots.size()); ++c) {
      by_slot[slots[c]].push_back({lane, c});
    }
  }
  d.contact.num = 0;
  for (const auto& [slot, members] : by_slot) {
    const int to = d.contact.num++;
    d.contact.slot[to] = slot;
    for (int pair = 0; pair < static_cast<int>(p.pairs.size()); ++pair) {
      if (slot >= p.pairs[pair].first_slot) {
        d.contact.pair[to] = pair;
      }
    }
    d.contact.active[to] = physics::MaskOf<R>(false);
    d.contact.dist[to] = R(1.0);
    const R nothing(std::nan(""));
    std::fill_n(d.contact.pos.begin() + 3 * to, 3, nothing);
    std::fill_n(d.contact.frame.begin() + 9 * to, 9, nothing);
    std::fill_n(d.contact.force.begin() + 6 * to, 6, nothing);
    for (const auto& [lane, contact] : members) {
      load_contact(m, *states[lane], contact, lane, to, d.contact);
    }
  }
}

/// Rows of limits of hinges and slides, at most two of a joint.
template <class R>
void load_limits(const mjModel& m, States states, physics::PhysicsData<R>& d) {
  using T = physics::ScalarOf<R>;
  auto& rows = d.dof_rows;
  rows.num = rows.num_friction = 0;
  for (int lane = 0; lane < static_cast<int>(states.size()); ++lane) {
    const mjData& from = *states[lane];
    for (int row = 0; row < from.nefc; ++row) {
      const int id = from.efc_id[row];
      if (from.efc_type[row] == mjCNSTR_LIMIT_JOINT && m.jnt_type[id] >= mjJNT_SLIDE) {
        int to = 0;  // the first row of this limit that the lane has not used
        while (to < rows.num && (rows.id[to] != id || physics::lane(rows.D[to], lane) != 0)) {
          ++to;
        }
        if (to == rows.num) {
          ++rows.num;
          rows.id[to] = id;
          rows.D[to] = rows.force[to] = R(0.0);
        }
        physics::set_lane(rows.D[to], lane, static_cast<T>(from.efc_D[row]));
        physics::set_lane(rows.force[to], lane, static_cast<T>(from.efc_force[row]));
      }
    }
  }
}

}  // namespace fleet::testing
