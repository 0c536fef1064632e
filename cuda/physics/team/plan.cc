#include "cuda/physics/team/plan.h"

#include <algorithm>

namespace fleet::physics {
namespace {

/// A list of lists as (adr, entries).
void flatten(const std::vector<std::vector<int>>& lists, std::vector<int>& adr,
             std::vector<int>& entries) {
  adr.assign(1, 0);
  entries.clear();
  for (const std::vector<int>& list : lists) {
    entries.insert(entries.end(), list.begin(), list.end());
    adr.push_back(static_cast<int>(entries.size()));
  }
}

/// Adds i to the list of that number, which begins to exist if need be.
void add(std::vector<std::vector<int>>& lists, int list, int i) {
  lists.resize(std::max(lists.size(), static_cast<std::size_t>(list) + 1));
  lists[list].push_back(i);
}

template <class T>
void plan_bodies(const PhysicsModel<T>& m, TeamPlan<>& plan) {
  std::vector<int> depth(m.nbody, 0);
  std::vector<std::vector<int>> levels, children(m.nbody), chains(m.nbody);
  for (int body = 0; body < m.nbody; ++body) {
    if (body > 0) {
      depth[body] = depth[m.body_parentid[body]] + 1;
      auto& siblings = children[m.body_parentid[body]];
      siblings.insert(siblings.begin(), body);
    }
    add(levels, depth[body], body);
    for (int i = body > 0 ? m.body_lastdof[body] : -1; i >= 0; i = m.dof_parentid[i]) {
      chains[body].push_back(i);
    }
  }
  flatten(levels, plan.level_adr, plan.level_body);
  flatten(children, plan.child_adr, plan.child);
  flatten(chains, plan.chain_adr, plan.chain_dof);
}

template <class T>
void plan_dofs(const PhysicsModel<T>& m, TeamPlan<>& plan) {
  std::vector<std::vector<int>> ranks, rows(m.nv), entries(m.nv);
  for (int i = 0; i < m.nv; ++i) {
    add(ranks, m.M_rownnz[i] - 1, i);
    for (int k = m.M_rowadr[i]; k < m.M_rowadr[i] + m.M_rownnz[i] - 1; ++k) {
      auto& below = rows[m.M_colind[k]];
      below.insert(below.begin(), i);
      auto& at = entries[m.M_colind[k]];
      at.insert(at.begin(), k);
    }
  }
  flatten(ranks, plan.rank_adr, plan.rank_dof);
  flatten(rows, plan.below_adr, plan.below_row);
  flatten(entries, plan.below_adr, plan.below_entry);
}

/// Each thing goes into the group after the last one that holds any of its dofs.
/// @param dofs_of what a thing moves
template <class F>
std::vector<std::vector<int>> group_by_dofs(int count, int nv, F&& dofs_of) {
  std::vector<std::vector<int>> groups;
  std::vector<int> next(nv, 0);  // per dof, the first group that does not hold it
  for (int i = 0; i < count; ++i) {
    const std::vector<int> dofs = dofs_of(i);
    int group = 0;
    for (const int dof : dofs) {
      group = std::max(group, next[dof]);
    }
    for (const int dof : dofs) {
      next[dof] = group + 1;
    }
    add(groups, group, i);
  }
  return groups;
}

template <class T>
void plan_transmission(const PhysicsModel<T>& m, TeamPlan<>& plan) {
  const auto actuators = group_by_dofs(m.nu, m.nv, [&](int u) {
    const auto columns = m.moment_colind.begin();
    return std::vector<int>(columns + m.moment_rowadr[u], columns + m.moment_rowadr[u + 1]);
  });
  const auto tendons = group_by_dofs(m.ntendon, m.nv, [&](int t) {
    const auto first = m.wrap_dof.begin() + m.tendon_adr[t];
    return std::vector<int>(first, first + m.tendon_num[t]);
  });
  flatten(actuators, plan.actuator_group_adr, plan.actuator_group);
  flatten(tendons, plan.tendon_group_adr, plan.tendon_group);
}

}  // namespace

template <class T>
TeamPlan<> make_team_plan(const PhysicsModel<T>& m) {
  TeamPlan<> plan;
  plan_bodies(m, plan);
  plan_dofs(m, plan);
  plan_transmission(m, plan);
  for (const GeomPair<T>& pair : m.pairs) {
    plan.max_dim = std::max(plan.max_dim, pair.condim);
    plan.max_columns = std::max(plan.max_columns, pair.num_columns);
    plan.max_block = std::max(plan.max_block, pair.condim * pair.num_columns);
  }
  constexpr int kBallColumns = 3;  // of a ball joint's limit; a hinge's has one
  plan.max_block = std::max(plan.max_block, kBallColumns);
  for (const int columns : m.tendon_num) {
    plan.max_block = std::max(plan.max_block, columns);
  }
  for (const Coupling<T>& coupling : m.couplings) {
    plan.max_block = std::max(plan.max_block, coupling.num_columns);
  }
  return plan;
}

template TeamPlan<> make_team_plan(const PhysicsModel<float>&);
template TeamPlan<> make_team_plan(const PhysicsModel<double>&);

}  // namespace fleet::physics
