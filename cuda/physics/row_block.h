#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/impedance.h"

// What all makers of constraint rows share.

namespace fleet::physics {

template <class R>
ScalarOf<R> least_time_constant(const PhysicsModel<ScalarOf<R>>& m) {
  return m.refsafe ? 2 * m.timestep : ScalarOf<R>(0);
}

/// Begins a block of `dim` rows. @returns it, its J still to be filled
template <class R>
typename RowBlocks<R>::Block& add_block(PhysicsData<R>& d, BlockKind kind, int dim,
                                        const int* columns, int num_columns) {
  RowBlocks<R>& blocks = d.blocks;
  auto& block = blocks.block[blocks.num++];
  block = {.kind = kind,
           .contact = -1,
           .dim = dim,
           .num_columns = num_columns,
           .columns = columns,
           .row = blocks.num_rows,
           .J = blocks.num_J,
           .H = blocks.num_H};
  blocks.num_rows += dim;
  blocks.num_J += dim * num_columns;
  blocks.num_H += dim * dim;
  return block;
}

/// J qvel of one row of a block.
template <class R>
R row_velocity(const PhysicsData<R>& d, const typename RowBlocks<R>::Block& block, int k) {
  R sum(0.0);
  for (int c = 0; c < block.num_columns; ++c) {
    sum = fma(d.blocks.J[block.J + k * block.num_columns + c], d.qvel[block.columns[c]], sum);
  }
  return sum;
}

}  // namespace fleet::physics
