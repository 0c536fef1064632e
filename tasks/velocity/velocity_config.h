#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "sim/robot_config.h"

namespace fleet::tasks {

// Each validate() returns what is wrong, beginning with the key, or nothing.

/// Weights of the reward terms, per second of simulated time. Formulas: velocity_terms.h.
struct VelocityWeights {
  double track_linear_velocity = 2.0;
  double track_angular_velocity = 2.0;
  double upright = 1.0;
  double pose = 1.0;
  double body_ang_vel = 0.0;
  double angular_momentum = 0.0;
  double dof_pos_limits = -1.0;
  double action_rate_l2 = -0.1;
  double air_time = 0.0;
  double foot_clearance = -2.0;
  double foot_swing_height = -0.25;
  double foot_slip = -0.1;
  double soft_landing = -1e-5;
  double self_collisions = 0.0;

  void fields(auto&& visit) {
    visit("track_linear_velocity", track_linear_velocity);
    visit("track_angular_velocity", track_angular_velocity);
    visit("upright", upright);
    visit("pose", pose);
    visit("body_ang_vel", body_ang_vel);
    visit("angular_momentum", angular_momentum);
    visit("dof_pos_limits", dof_pos_limits);
    visit("action_rate_l2", action_rate_l2);
    visit("air_time", air_time);
    visit("foot_clearance", foot_clearance);
    visit("foot_swing_height", foot_swing_height);
    visit("foot_slip", foot_slip);
    visit("soft_landing", soft_landing);
    visit("self_collisions", self_collisions);
  }
};

/// Joint deviation (rad) at which the pose reward has fallen to exp(-1), by joint pattern.
struct PoseWidths {
  std::map<std::string, double> standing, walking, running;

  void fields(auto&& visit) {
    visit("standing", standing);
    visit("walking", walking);
    visit("running", running);
  }
  std::string validate() const;
};

using Range = std::array<double, 2>;  ///< low, high

/// Of the tracking rewards, as the task has them.
inline constexpr double kLinearVariance = 0.25;  ///< (m/s)^2
inline constexpr double kAngularVariance = 0.5;  ///< (rad/s)^2

/// From `step` (control steps of the batch) on, commands come from these ranges.
struct CommandStage {
  int step = 0;
  Range lin_vel_x{-1.0, 1.0};   ///< m/s
  Range lin_vel_y{-1.0, 1.0};   ///< m/s
  Range ang_vel_z{-0.5, 0.5};   ///< rad/s

  void fields(auto&& visit) {
    visit("step", step);
    visit("lin_vel_x", lin_vel_x);
    visit("lin_vel_y", lin_vel_y);
    visit("ang_vel_z", ang_vel_z);
  }
  std::string validate() const;
};

struct CommandConfig {
  Range resampling_time{3.0, 8.0};  ///< s
  double standing = 0.1;            ///< probability of the zero command
  double heading = 0.3;             ///< probability that the yaw rate steers to a heading
  double forward = 0.2;             ///< probability of straight on, at .3 m/s or more
  double heading_stiffness = 0.5;   ///< 1/s
  std::vector<CommandStage> stages{CommandStage{}};

  void fields(auto&& visit) {
    visit("resampling_time", resampling_time);
    visit("standing", standing);
    visit("heading", heading);
    visit("forward", forward);
    visit("heading_stiffness", heading_stiffness);
    visit("stages", stages);
  }
  std::string validate() const;
};

/// Half widths of uniform noise on what the actor sees.
struct NoiseConfig {
  double base_lin_vel = 0.5;
  double base_ang_vel = 0.2;
  double projected_gravity = 0.05;
  double joint_pos = 0.01;
  double joint_vel = 1.5;

  void fields(auto&& visit) {
    visit("base_lin_vel", base_lin_vel);
    visit("base_ang_vel", base_ang_vel);
    visit("projected_gravity", projected_gravity);
    visit("joint_pos", joint_pos);
    visit("joint_vel", joint_vel);
  }
  std::string validate() const;
};

/// Velocity added to the root's, world frame: half widths of uniform numbers.
struct PushConfig {
  bool enabled = true;
  Range interval{1.0, 3.0};                     ///< s
  std::array<double, 3> linear{0.5, 0.5, 0.4};  ///< m/s
  std::array<double, 3> angular{0.52, 0.52, 0.78};  ///< rad/s

  void fields(auto&& visit) {
    visit("enabled", enabled);
    visit("interval", interval);
    visit("linear", linear);
    visit("angular", angular);
  }
  std::string validate() const;
};

/// Drawn once per env for the whole run.
struct StartupConfig {
  Range foot_friction_slide{0.3, 1.2};
  std::vector<double> foot_friction_spin;  ///< log-uniform [low, high]; empty: the model's
  std::vector<double> foot_friction_roll;  ///< log-uniform [low, high]; empty: the model's
  double encoder_bias = 0.015;             ///< rad, half width
  std::array<double, 3> com_offset{0.025, 0.025, 0.03};  ///< m, half widths, of the torso

  void fields(auto&& visit) {
    visit("foot_friction_slide", foot_friction_slide);
    visit("foot_friction_spin", foot_friction_spin);
    visit("foot_friction_roll", foot_friction_roll);
    visit("encoder_bias", encoder_bias);
    visit("com_offset", com_offset);
  }
  std::string validate() const;
};

/// How training may begin easier than the task is; gone after `steps`, and never in an evaluation.
/// Each value is what holds at step 0 and moves linearly to what the task itself has.
struct VelocityCurriculum {
  int steps = 0;                  ///< control steps of the batch; 0: none
  double penalty_scale = 1.0;     ///< times every negative reward weight
  double linear_variance = kLinearVariance;    ///< (m/s)^2, of the linear tracking reward
  double angular_variance = kAngularVariance;  ///< (rad/s)^2, of the angular tracking reward
  double pose_variance = 1.0;     ///< times the squares of the pose widths
  double push_scale = 1.0;        ///< times the pushes
  double moving_share = 0.0;      ///< of starts and pushes that leave a robot moving as commanded
  double air_time = 0.0;          ///< added to the reward weight of feet in swing
  double stepping = 0.0;          ///< in the same term: reward weight of feet in swing, as many as
                                  ///< there are on the ground; who kneels earns none of it
  double single_stance = 0.0;     ///< in the same term: weight of all feet but one on the ground

  void fields(auto&& visit) {
    visit("steps", steps);
    visit("penalty_scale", penalty_scale);
    visit("linear_variance", linear_variance);
    visit("angular_variance", angular_variance);
    visit("pose_variance", pose_variance);
    visit("push_scale", push_scale);
    visit("moving_share", moving_share);
    visit("air_time", air_time);
    visit("stepping", stepping);
    visit("single_stance", single_stance);
  }
  std::string validate() const;
};

struct VelocityConfig {
  sim::RobotConfig robot;
  sim::PhysicsConfig physics;
  VelocityWeights reward;
  PoseWidths pose_width;
  CommandConfig command;
  NoiseConfig noise;
  PushConfig push;
  StartupConfig startup;
  VelocityCurriculum curriculum;
  double episode_length = 20.0;  ///< s
  double action_bound = 4.0;     ///< action units; inf: none. 4 is an offset of effort / stiffness
  double max_tilt = 1.2217304763960306;  ///< rad (70 degrees); beyond it the episode terminates
  bool observe_base_lin_vel = true;      ///< false: the actor is blind to what no robot measures
  bool measure_falls = false;            ///< adds the sensors that `fallen` needs; not a setting

  void fields(auto&& visit) {
    visit("robot", robot);
    visit("physics", physics);
    visit("reward", reward);
    visit("pose_width", pose_width);
    visit("command", command);
    visit("noise", noise);
    visit("push", push);
    visit("startup", startup);
    visit("curriculum", curriculum);
    visit("episode_length", episode_length);
    visit("action_bound", action_bound);
    visit("max_tilt", max_tilt);
    visit("observe_base_lin_vel", observe_base_lin_vel);
  }
  std::string validate() const;
};

}  // namespace fleet::tasks
