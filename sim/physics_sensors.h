#pragma once

#include <string>

#include <mujoco/mujoco.h>

#include "cuda/physics/model.h"

namespace fleet::sim {

/// Why the engine does not have this sensor: its type, or the part of it that is missing; "" if
/// it does.
std::string unsupported_sensor(const mjModel& model, int sensor);

/// Fills the sensor arrays; `physics.pairs` and nbody must be there. For float and double.
template <class T>
void add_sensors(const mjModel& model, physics::PhysicsModel<T>& physics);

}  // namespace fleet::sim
