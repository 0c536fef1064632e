#pragma once

#include "sim/robot_config.h"
#include "tasks/task.h"

namespace fleet::tasks {

/// Fills the mirrors of `spec` from the robot's left-right symmetry; leaves them empty if it
/// declares none. The mirror is the reflection y -> -y of the whole world.
/// @throws std::runtime_error if a joint or foot has no mirror image
void add_symmetry(const sim::RobotConfig& robot, TaskSpec& spec);

}  // namespace fleet::tasks
