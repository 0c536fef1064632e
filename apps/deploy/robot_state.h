#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace fleet::deploy {

/// What a robot's sensors tell at one instant. Joints stand in the policy's order.
struct RobotState {
  explicit RobotState(std::size_t num_joints) : joint_pos(num_joints), joint_vel(num_joints) {}

  double time = 0.0;                             ///< s, when it was measured
  std::array<double, 4> quaternion{1, 0, 0, 0};  ///< (w, x, y, z) of the root: root to world
  std::array<double, 3> ang_vel{};               ///< rad/s, imu frame
  std::array<double, 3> lin_vel{};               ///< m/s, imu frame; a real robot must estimate it
  std::vector<double> joint_pos;                 ///< rad
  std::vector<double> joint_vel;                 ///< rad/s
};

/// What the motors are told: torque = stiffness (target - q) - damping qvel, limited by the motor.
struct JointCommand {
  explicit JointCommand(std::size_t num_joints) : target(num_joints) {}

  std::vector<double> target;  ///< rad
  bool is_damping = false;     ///< stiffness 0: the motors only brake
};

/// The direction of gravity in the root's frame: a unit vector.
std::array<double, 3> projected_gravity(const std::array<double, 4>& quaternion);

/// Angle between the root's z axis and the vertical, rad.
double tilt(const std::array<double, 4>& quaternion);

}  // namespace fleet::deploy
