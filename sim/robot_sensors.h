#pragma once

#include <mujoco/mujoco.h>

#include "sim/robot_config.h"

namespace fleet::sim {

/// Replaces a robot's sensors by those that build_robot() promises; the ground must be there.
/// @throws std::runtime_error naming what of the config the robot does not have
void add_sensors(mjSpec* spec, const RobotConfig& robot, const SensorSelection& wanted);

}  // namespace fleet::sim
