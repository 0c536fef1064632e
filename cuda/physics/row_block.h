#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/impedance.h"

// What all makers of constraint rows share.

namespace fleet::physics {

template <class R>
FLEET_HD ScalarOf<R> least_time_constant(const auto& m) {
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
  for (int k = 0; k < dim; ++k) {
    blocks.force[block.row + k] = R(0.0);  // what stays if no world is pressed
  }
  blocks.num_rows += dim;
  blocks.num_J += dim * num_columns;
  blocks.num_H += dim * dim;
  return block;
}

/// J qvel of one row of a block.
template <class R>
FLEET_HD R row_velocity(const PhysicsData<R>& d, const typename RowBlocks<R>::Block& block, int k) {
  R sum(0.0);
  for (int c = 0; c < block.num_columns; ++c) {
    sum = fma(d.blocks.J[block.J + k * block.num_columns + c], d.qvel[block.columns[c]], sum);
  }
  return sum;
}

/// The numbers of a block of one row whose J is filled. @param limit the largest force of a row
/// that pushes both ways
template <class R>
FLEET_HD void finish_scalar_block(const auto& m, PhysicsData<R>& d,
                                  const typename RowBlocks<R>::Block& block,
                                  const MaskOf<R>& active, R violation, R diag, R limit,
                                  const ScalarOf<R>* solref, const ScalarOf<R>* solimp) {
  RowBlocks<R>& blocks = d.blocks;
  const R imp = impedance(solimp, violation);
  const auto ref = reference(solref, solimp[1], least_time_constant<R>(m));
  const R spring =
      block.kind == BlockKind::kFrictionLoss ? R(0.0) : R(ref.K) * imp * violation;
  const R aref = -(R(ref.B) * row_velocity(d, block, 0)) - spring;
  const auto index = static_cast<std::size_t>(&block - blocks.block.data());
  blocks.D[block.row] = select(active, R(1.0) / regulariser(imp, diag), R(0.0));
  blocks.aref[block.row] = select(active, aref, R(0.0));
  blocks.mu[index] = R(1.0);
  blocks.friction[5 * index] = select(active, limit, R(0.0));
}

}  // namespace fleet::physics
