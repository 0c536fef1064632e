#pragma once

#include <mujoco/mujoco.h>

#include "cuda/physics/model.h"

namespace fleet::sim {

/// Fills the arrays of tendons, couplings of joints and tendons, and actuators; those of bodies,
/// joints, dofs and sites must be there. For float and double.
template <class T>
void add_actuation(const mjModel& model, physics::PhysicsModel<T>& physics);

}  // namespace fleet::sim
