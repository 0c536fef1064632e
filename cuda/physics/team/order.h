#pragma once

#include "cuda/physics/team/plan.h"
#include "cuda/physics/team/team.h"

// Who comes before whom: trees go level by level, and a parent collects from its children, the last
// one first, as the pack schedule does; things that share a dof go one after the other.

namespace fleet::physics {

/// f(body) for all bodies but the world, parents first.
template <class Team, class F>
FLEET_HD void for_each_outwards(const Team& team, const auto& plan, F&& f) {
  for (int level = 1; level < plan.num_levels(); ++level) {
    const int first = plan.level_adr[level];
    team.for_each(plan.level_adr[level + 1] - first, [&](int i) { f(plan.level_body[first + i]); });
  }
}

/// f(body, child) for each child of a body, and finish(body) after the last one: children first.
/// @param to_world whether the world, too, collects from its children
template <class Team, class F, class G>
FLEET_HD void for_each_inwards(const Team& team, const auto& plan, bool to_world, F&& f,
                               G&& finish) {
  for (int level = plan.num_levels() - 1; level >= (to_world ? 0 : 1); --level) {
    const int first = plan.level_adr[level];
    team.for_each(plan.level_adr[level + 1] - first, [&](int i) {
      const int body = plan.level_body[first + i];
      for (int c = plan.child_adr[body]; c < plan.child_adr[body + 1]; ++c) {
        f(body, plan.child[c]);
      }
      finish(body);
    });
  }
}
template <class Team, class F>
FLEET_HD void for_each_inwards(const Team& team, const auto& plan, bool to_world, F&& f) {
  for_each_inwards(team, plan, to_world, f, [](int) {});
}

/// f(i) for the things of each group in turn.
template <class Team, class F>
FLEET_HD void for_each_grouped(const Team& team, const auto& adr, const auto& members, F&& f) {
  for (int group = 0; group + 1 < static_cast<int>(adr.size()); ++group) {
    const int first = adr[group];
    team.for_each(adr[group + 1] - first, [&](int i) { f(members[first + i]); });
  }
}
template <class Team, class F>
FLEET_HD void for_each_tendon_grouped(const Team& team, const auto& plan, F&& f) {
  for_each_grouped(team, plan.tendon_group_adr, plan.tendon_group, f);
}
template <class Team, class F>
FLEET_HD void for_each_actuator_grouped(const Team& team, const auto& plan, F&& f) {
  for_each_grouped(team, plan.actuator_group_adr, plan.actuator_group, f);
}

}  // namespace fleet::physics
