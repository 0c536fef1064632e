#pragma once

#include <array>
#include <limits>

// The parameters of Gymnasium's MuJoCo v5 environments, under their names and with their defaults.

namespace fleet::tasks {

using Range = std::array<double, 2>;
inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

struct HalfCheetahConfig {
  double forward_reward_weight = 1.0;  ///< per m/s
  double ctrl_cost_weight = 0.1;
  double reset_noise_scale = 0.1;  ///< positions: half width; velocities: standard deviation

  void fields(auto&& visit) {
    visit("forward_reward_weight", forward_reward_weight);
    visit("ctrl_cost_weight", ctrl_cost_weight);
    visit("reset_noise_scale", reset_noise_scale);
  }
};

/// A robot in the vertical plane is healthy strictly inside all three ranges.
struct HopperConfig {
  double forward_reward_weight = 1.0;  ///< per m/s
  double ctrl_cost_weight = 1e-3;
  double healthy_reward = 1.0;  ///< per step
  bool terminate_when_unhealthy = true;
  Range healthy_state_range{-100.0, 100.0};  ///< every position but x and z, every velocity
  Range healthy_z_range{0.7, kUnbounded};    ///< m, the torso's height
  Range healthy_angle_range{-0.2, 0.2};      ///< rad, the torso's pitch
  double reset_noise_scale = 5e-3;           ///< half width, positions and velocities

  void fields(auto&& visit) {
    visit("forward_reward_weight", forward_reward_weight);
    visit("ctrl_cost_weight", ctrl_cost_weight);
    visit("healthy_reward", healthy_reward);
    visit("terminate_when_unhealthy", terminate_when_unhealthy);
    visit("healthy_state_range", healthy_state_range);
    visit("healthy_z_range", healthy_z_range);
    visit("healthy_angle_range", healthy_angle_range);
    visit("reset_noise_scale", reset_noise_scale);
  }
};

struct Walker2dConfig : HopperConfig {
  Walker2dConfig() {
    healthy_state_range = {-kUnbounded, kUnbounded};
    healthy_z_range = {0.8, 2.0};
    healthy_angle_range = {-1.0, 1.0};
  }
};

struct AntConfig {
  double forward_reward_weight = 1.0;  ///< per m/s
  double ctrl_cost_weight = 0.5;
  double contact_cost_weight = 5e-4;
  double healthy_reward = 1.0;  ///< per step
  bool terminate_when_unhealthy = true;
  Range healthy_z_range{0.2, 1.0};       ///< m, the torso's height; its ends are healthy
  Range contact_force_range{-1.0, 1.0};  ///< clips cfrc_ext, in cost and observation
  double reset_noise_scale = 0.1;        ///< positions: half width; velocities: standard deviation

  void fields(auto&& visit) {
    visit("forward_reward_weight", forward_reward_weight);
    visit("ctrl_cost_weight", ctrl_cost_weight);
    visit("contact_cost_weight", contact_cost_weight);
    visit("healthy_reward", healthy_reward);
    visit("terminate_when_unhealthy", terminate_when_unhealthy);
    visit("healthy_z_range", healthy_z_range);
    visit("contact_force_range", contact_force_range);
    visit("reset_noise_scale", reset_noise_scale);
  }
};

struct HumanoidConfig {
  double forward_reward_weight = 1.25;  ///< per m/s of the centre of mass
  double ctrl_cost_weight = 0.1;
  double contact_cost_weight = 5e-7;
  Range contact_cost_range{-kUnbounded, 10.0};  ///< clips the weighted cost
  double healthy_reward = 5.0;                  ///< per step
  bool terminate_when_unhealthy = true;
  Range healthy_z_range{1.0, 2.0};  ///< m, the torso's height; its ends are unhealthy
  double reset_noise_scale = 0.01;  ///< half width, positions and velocities

  void fields(auto&& visit) {
    visit("forward_reward_weight", forward_reward_weight);
    visit("ctrl_cost_weight", ctrl_cost_weight);
    visit("contact_cost_weight", contact_cost_weight);
    visit("contact_cost_range", contact_cost_range);
    visit("healthy_reward", healthy_reward);
    visit("terminate_when_unhealthy", terminate_when_unhealthy);
    visit("healthy_z_range", healthy_z_range);
    visit("reset_noise_scale", reset_noise_scale);
  }
};

/// Gymnasium keeps `uph_cost_weight` too, but its reward does not use it.
struct HumanoidStandupConfig {
  double ctrl_cost_weight = 0.1;
  double impact_cost_weight = 5e-7;
  Range impact_cost_range{-kUnbounded, 10.0};  ///< clips the weighted cost
  double reset_noise_scale = 0.01;             ///< half width, positions and velocities

  void fields(auto&& visit) {
    visit("ctrl_cost_weight", ctrl_cost_weight);
    visit("impact_cost_weight", impact_cost_weight);
    visit("impact_cost_range", impact_cost_range);
    visit("reset_noise_scale", reset_noise_scale);
  }
};

}  // namespace fleet::tasks
