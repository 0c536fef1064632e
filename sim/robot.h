#pragma once

#include <string>

#include "sim/model.h"
#include "sim/robot_config.h"

namespace fleet::sim {

/// A robot on a plane, compiled through mjSpec: the robot's own MJCF, with its actuators and
/// sensors replaced by those of the config, and a ground plane in a body named "terrain".
///
/// Sensors of the model, by name: "gyro", "velocimeter" (imu site), "<foot>/contact" (found, and
/// the net force from foot to ground in the world frame), "<foot>/velocity" (site, world frame)
/// and those of `sensors`: "self_collision" (found, force), "angular_momentum", "torso_rate",
/// "fall<i>" (found, force).
/// Actuators are position servos named as their joints, in the order of the joints.
/// @param asset_dir the folder that RobotConfig::model is relative to
/// @throws std::runtime_error with one line naming the file or the key that does not fit
ModelPtr build_robot(const RobotConfig& robot, const PhysicsConfig& physics,
                     const SensorSelection& sensors, const std::string& asset_dir);

/// The motor of a joint: of the first group that names it. @throws std::runtime_error if none does
const ActuatorGroup& group_of(const RobotConfig& robot, const std::string& joint);

/// Hinge joints of the robot in model order, the free joint excluded: the policy's order.
std::vector<int> actuated_joints(const mjModel& model);

}  // namespace fleet::sim
