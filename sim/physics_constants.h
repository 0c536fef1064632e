#pragma once

#include <mujoco/mujoco.h>

#include "cuda/physics/worlds.h"
#include "sim/model.h"

namespace fleet::sim {

/// Recomputes what follows from masses, inertias and armatures (body_subtreemass, body_invweight0,
/// dof_invweight0) where a world's own differ, with MuJoCo's mj_setConst. One thread at a time.
class ConstantSolver {
 public:
  /// Copies the model: worlds start from its numbers.
  explicit ConstantSolver(const mjModel& model);

  /// Brings the derived fields of one world up to date; expands them, and only them.
  /// @throws std::runtime_error as mj_setConst, for example if a centre of mass was moved away from
  /// the origin of a body that was compiled as simple
  template <class R>
  void update(physics::Worlds<R>& worlds, int world);

 private:
  ModelPtr model_;
  DataPtr data_;
};

}  // namespace fleet::sim
