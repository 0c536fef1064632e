#pragma once

#include "cuda/physics/data_layout.h"
#include "cuda/physics/team/plan.h"

// The working memory of one world for a team: one block, small enough for a multiprocessor's shared
// memory. Unlike a pack's it has room for a given number of contacts only; what did not fit is
// counted.

namespace fleet::physics {

template <class R>
struct TeamData : PhysicsData<R> {
  Array<int> candidate;                ///< pairs whose bounds touch
  Array<std::uint64_t> block_columns;  ///< per block, its columns as bits
  Array<int> row_block;                ///< per row of a block, the block
  Array<R> CJ;                         ///< of one block, (dim x num_columns)
  int max_contacts = 0;
  int num_lost =
      0;  ///< contacts and candidate pairs that there was no room for, since it was set to 0
};

/// Room for contacts and what follows from them; the Newton system is a packed lower triangle.
FLEET_HD Capacity team_capacity(const auto& m, const auto& plan, int max_contacts) {
  Capacity c = capacity_without_contacts(m);
  c.contacts = max_contacts;
  c.blocks += max_contacts;
  c.block_rows += max_contacts * plan.max_dim;
  c.block_H += max_contacts * plan.max_dim * plan.max_dim;
  c.J += max_contacts * plan.max_dim * plan.max_columns;
  c.H = m.nv <= 64 ? m.nv * (m.nv + 1) / 2 : 0;  // more: no constraints, hence no Newton system
  return c;
}

/// A world's block begins with its TeamData; arrays in it are less far apart than in a pack's
/// memory.
template <class R>
inline constexpr std::size_t kHeadBytes = (sizeof(TeamData<R>) + ArrayBlock::kAlignment - 1) /
                                          ArrayBlock::kAlignment * ArrayBlock::kAlignment;
inline constexpr std::size_t kWorldAlignment = 16;

/// Lays out a world's arrays, or only counts their bytes (ArrayBlock without memory). What only the
/// stages before the solver need, what only it needs, and what only those after it need, lie in the
/// same place:
///     lasting | around | before
///     lasting | solver
///     lasting | around | after
template <class R>
FLEET_HD void take_team_arrays(const auto& m, const auto& plan, int max_contacts, TeamData<R>& d,
                               ArrayBlock& block) {
  d.max_contacts = max_contacts < m.nslot ? max_contacts : m.nslot;
  const Capacity c = team_capacity(m, plan, d.max_contacts);
  take_lasting(m, c, d, block);
  if (!m.free_bodies.empty()) {
    take_crb(m, d, block);
  }
  ArrayBlock solver = block, around = block;
  take_solver(m, c, d, solver);
  take_each(solver, c.blocks, d.block_columns);
  take_each(solver, c.block_rows, d.row_block);
  take_each(solver, plan.max_block, d.CJ);
  take_around_solver(m, d, around);
  ArrayBlock before = around, after = around;
  take_before_solver(m, d, before);
  if (m.free_bodies.empty()) {
    take_crb(m, d, before);
  }
  take_each(before, static_cast<int>(m.pair_bounds.size()), d.candidate);
  take_after_solver(m, d, after);
  for (const ArrayBlock* each : {&solver, &before, &after}) {
    block = block.used() < each->used() ? *each : block;
  }
}

/// Bytes of a world's block, a multiple of ArrayBlock::kAlignment.
template <class R>
std::size_t team_world_bytes(const auto& m, const auto& plan, int max_contacts) {
  TeamData<R> d;
  ArrayBlock block(nullptr, kWorldAlignment);
  take_team_arrays(m, plan, max_contacts, d, block);
  const std::size_t bytes = kHeadBytes<R> + block.used();
  return (bytes + ArrayBlock::kAlignment - 1) / ArrayBlock::kAlignment * ArrayBlock::kAlignment;
}

/// Where a row of the packed Newton system begins.
template <class R>
FLEET_HD R* H_row(PhysicsData<R>& d, int i) {
  return &d.H[i * (i + 1) / 2];
}

}  // namespace fleet::physics
