#pragma once

#include <vector>

#include "cuda/host_device.h"
#include "cuda/physics/model.h"

// What a team has to know of a model beside the model: who can work at the same time.

namespace fleet::physics {

/// Lists of lists are (adr, entries): list i is entries[adr[i]] to entries[adr[i + 1]].
template <template <class...> class Vector = std::vector>
struct TeamPlan {
  Vector<int> level_adr, level_body;  ///< bodies by their distance from the world, which is level 0
  Vector<int> child_adr, child;       ///< (nbody) children of a body, the last one first
  Vector<int> chain_adr, chain_dof;   ///< (nbody) dofs that move a body, the last one first
  Vector<int> rank_adr, rank_dof;     ///< dofs by the number of entries in M left of the diagonal
  Vector<int> below_adr, below_row;   ///< (nv) rows of M that have an entry in this dof's column
                                      ///< below the diagonal, the last one first
  Vector<int> below_entry;            ///< where in M that entry is
  /// Groups in which no two actuators, or tendons, share a dof. Of two that do, the earlier one is
  /// in the earlier group, so that sums keep their order.
  Vector<int> actuator_group_adr, actuator_group, tendon_group_adr, tendon_group;
  int max_dim = 0, max_columns = 0;  ///< of a contact's block
  int max_block = 0;                 ///< numbers of J in the largest block of any kind

  FLEET_HD int num_levels() const { return static_cast<int>(level_adr.size()) - 1; }
};

/// T is float or double.
template <class T>
TeamPlan<> make_team_plan(const PhysicsModel<T>& model);

}  // namespace fleet::physics
