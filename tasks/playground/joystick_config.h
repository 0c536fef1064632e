#pragma once

#include <array>
#include <string>

// The parameters of MuJoCo Playground's joystick tasks, under its names and with its defaults.
// Each validate() returns what is wrong, beginning with the key, or nothing.

namespace fleet::tasks {

/// Half widths of uniform noise on what the actor sees.
struct JoystickNoise {
  double joint_pos = 0.03;  ///< rad
  double joint_vel = 1.5;   ///< rad/s
  double gyro = 0.2;        ///< rad/s
  double gravity = 0.05;    ///< of a unit vector
  double linvel = 0.1;      ///< m/s

  void fields(auto&& visit) {
    visit("joint_pos", joint_pos);
    visit("joint_vel", joint_vel);
    visit("gyro", gyro);
    visit("gravity", gravity);
    visit("linvel", linvel);
  }
  std::string validate() const;
};

/// Weights of the Go1's reward terms, per second of simulated time, in the order of the terms.
struct Go1RewardScales {
  double tracking_lin_vel = 1.0;
  double tracking_ang_vel = 0.5;
  double lin_vel_z = -0.5;
  double ang_vel_xy = -0.05;
  double orientation = -5.0;
  double stand_still = -1.0;
  double termination = -1.0;
  double pose = 0.5;
  double torques = -0.0002;
  double action_rate = -0.01;
  double energy = -0.001;
  double feet_slip = -0.1;
  double feet_clearance = -2.0;
  double feet_height = -0.2;
  double feet_air_time = 0.1;
  double dof_pos_limits = -1.0;

  void fields(auto&& visit) {
    visit("tracking_lin_vel", tracking_lin_vel);
    visit("tracking_ang_vel", tracking_ang_vel);
    visit("lin_vel_z", lin_vel_z);
    visit("ang_vel_xy", ang_vel_xy);
    visit("orientation", orientation);
    visit("stand_still", stand_still);
    visit("termination", termination);
    visit("pose", pose);
    visit("torques", torques);
    visit("action_rate", action_rate);
    visit("energy", energy);
    visit("feet_slip", feet_slip);
    visit("feet_clearance", feet_clearance);
    visit("feet_height", feet_height);
    visit("feet_air_time", feet_air_time);
    visit("dof_pos_limits", dof_pos_limits);
  }
};

/// A new command keeps each component of the old one with probability 1/2; else it is drawn from
/// +-amplitude, and zero with probability 1 - keep.
struct Go1Command {
  std::array<double, 3> amplitude{1.5, 0.8, 1.2};  ///< vx, vy (m/s), wz (rad/s)
  std::array<double, 3> keep{0.9, 0.25, 0.5};
  double mean_time = 5.0;  ///< s between commands, exponentially distributed

  void fields(auto&& visit) {
    visit("amplitude", amplitude);
    visit("keep", keep);
    visit("mean_time", mean_time);
  }
  std::string validate() const;
};

/// How training may begin easier than the task is; gone after `steps`, and never in an evaluation.
/// Each value is what holds at step 0 and moves linearly to what the task itself has. Playground
/// has none.
struct JoystickCurriculum {
  int steps = 0;                 ///< control steps of the batch; 0: none
  double penalty_scale = 1.0;    ///< times every negative reward
  double tracking_sigma = 0.25;  ///< (m/s)^2, (rad/s)^2

  void fields(auto&& visit) {
    visit("steps", steps);
    visit("penalty_scale", penalty_scale);
    visit("tracking_sigma", tracking_sigma);
  }
  std::string validate() const;
};

struct Go1JoystickConfig {
  Go1RewardScales reward;
  Go1Command command;
  JoystickNoise noise;
  JoystickCurriculum curriculum;
  double kp = 35.0;           ///< N m / rad
  double kd = 0.5;            ///< N m s / rad, of the joint
  double action_scale = 0.5;  ///< rad per action unit
  double soft_joint_pos_limit_factor = 0.95;
  double tracking_sigma = 0.25;  ///< (m/s)^2, (rad/s)^2
  double max_foot_height = 0.1;  ///< m
  int episode_length = 1000;     ///< control steps

  void fields(auto&& visit) {
    visit("reward", reward);
    visit("command", command);
    visit("noise", noise);
    visit("curriculum", curriculum);
    visit("kp", kp);
    visit("kd", kd);
    visit("action_scale", action_scale);
    visit("soft_joint_pos_limit_factor", soft_joint_pos_limit_factor);
    visit("tracking_sigma", tracking_sigma);
    visit("max_foot_height", max_foot_height);
    visit("episode_length", episode_length);
  }
  std::string validate() const;
};

/// Weights of the G1's reward terms, per second of simulated time, in the order of the terms.
struct G1RewardScales {
  double tracking_lin_vel = 1.0;
  double tracking_ang_vel = 0.75;
  double lin_vel_z = 0.0;
  double ang_vel_xy = -0.15;
  double orientation = -2.0;
  double base_height = 0.0;
  double torques = 0.0;
  double action_rate = 0.0;
  double energy = 0.0;
  double dof_acc = 0.0;
  double feet_slip = -0.25;
  double feet_clearance = 0.0;
  double feet_height = 0.0;
  double feet_air_time = 2.0;
  double feet_phase = 1.0;
  double alive = 0.0;
  double termination = -100.0;
  double stand_still = -1.0;
  double collision = -0.1;
  double contact_force = -0.01;
  double joint_deviation_hip = -0.25;
  double joint_deviation_knee = -0.1;
  double dof_pos_limits = -1.0;
  double pose = -0.1;

  void fields(auto&& visit) {
    visit("tracking_lin_vel", tracking_lin_vel);
    visit("tracking_ang_vel", tracking_ang_vel);
    visit("lin_vel_z", lin_vel_z);
    visit("ang_vel_xy", ang_vel_xy);
    visit("orientation", orientation);
    visit("base_height", base_height);
    visit("torques", torques);
    visit("action_rate", action_rate);
    visit("energy", energy);
    visit("dof_acc", dof_acc);
    visit("feet_slip", feet_slip);
    visit("feet_clearance", feet_clearance);
    visit("feet_height", feet_height);
    visit("feet_air_time", feet_air_time);
    visit("feet_phase", feet_phase);
    visit("alive", alive);
    visit("termination", termination);
    visit("stand_still", stand_still);
    visit("collision", collision);
    visit("contact_force", contact_force);
    visit("joint_deviation_hip", joint_deviation_hip);
    visit("joint_deviation_knee", joint_deviation_knee);
    visit("dof_pos_limits", dof_pos_limits);
    visit("pose", pose);
  }
};

/// A new command every 501 control steps, zero with a probability of .1.
struct G1Command {
  std::array<double, 2> lin_vel_x{-1.0, 1.0};    ///< m/s
  std::array<double, 2> lin_vel_y{-0.5, 0.5};    ///< m/s
  std::array<double, 2> ang_vel_yaw{-1.0, 1.0};  ///< rad/s

  void fields(auto&& visit) {
    visit("lin_vel_x", lin_vel_x);
    visit("lin_vel_y", lin_vel_y);
    visit("ang_vel_yaw", ang_vel_yaw);
  }
  std::string validate() const;
};

/// Velocity added to the root's, in a random horizontal direction.
struct G1Push {
  bool enable = true;
  std::array<double, 2> interval_range{5.0, 10.0};  ///< s; drawn once an episode
  std::array<double, 2> magnitude_range{0.1, 2.0};  ///< m/s

  void fields(auto&& visit) {
    visit("enable", enable);
    visit("interval_range", interval_range);
    visit("magnitude_range", magnitude_range);
  }
  std::string validate() const;
};

struct G1JoystickConfig {
  G1RewardScales reward;
  G1Command command;
  G1Push push;
  JoystickNoise noise;
  JoystickCurriculum curriculum;
  double action_scale = 0.5;  ///< rad per action unit
  double soft_joint_pos_limit_factor = 0.95;
  double tracking_sigma = 0.25;      ///< (m/s)^2, (rad/s)^2
  double max_foot_height = 0.15;     ///< m
  double base_height_target = 0.5;   ///< m
  double max_contact_force = 500.0;  ///< N
  int episode_length = 1000;         ///< control steps

  void fields(auto&& visit) {
    visit("reward", reward);
    visit("command", command);
    visit("push", push);
    visit("noise", noise);
    visit("curriculum", curriculum);
    visit("action_scale", action_scale);
    visit("soft_joint_pos_limit_factor", soft_joint_pos_limit_factor);
    visit("tracking_sigma", tracking_sigma);
    visit("max_foot_height", max_foot_height);
    visit("base_height_target", base_height_target);
    visit("max_contact_force", max_contact_force);
    visit("episode_length", episode_length);
  }
  std::string validate() const;
};

}  // namespace fleet::tasks
