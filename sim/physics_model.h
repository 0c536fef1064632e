#pragma once

#include <mujoco/mujoco.h>

#include "cuda/physics/model.h"

namespace fleet::sim {

/// A MuJoCo model as the pack engine sees it. T is float or double.
/// @throws std::runtime_error with one line that names every element that the engine does not
/// support (physics_support.h says which those are)
template <class T>
physics::Physics<T> make_physics(const mjModel& model);

}  // namespace fleet::sim
