#include "tasks/velocity/velocity_config.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "tasks/config_rules.h"

namespace fleet::tasks {
namespace {

bool are_widths(const std::array<double, 3>& values) {
  return std::ranges::all_of(values, is_width);
}
bool is_log_range(const std::vector<double>& range) {
  return range.empty() || (range.size() == 2 && range[0] > 0.0 && is_range({range[0], range[1]}));
}
bool are_positive(const std::map<std::string, double>& values) {
  return std::ranges::all_of(values, [](const auto& entry) { return entry.second > 0.0; });
}

}  // namespace

std::string PoseWidths::validate() const {
  return first_problem({{are_positive(standing), "standing: expected more than 0 rad for a joint"},
                        {are_positive(walking), "walking: expected more than 0 rad for a joint"},
                        {are_positive(running), "running: expected more than 0 rad for a joint"}});
}

std::string CommandStage::validate() const {
  return first_problem({{step >= 0, "step: expected 0 or more"},
                        {is_range(lin_vel_x), "lin_vel_x: expected low <= high"},
                        {is_range(lin_vel_y), "lin_vel_y: expected low <= high"},
                        {is_range(ang_vel_z), "ang_vel_z: expected low <= high"}});
}

std::string CommandConfig::validate() const {
  const bool is_rising = std::ranges::adjacent_find(stages, std::ranges::greater_equal{},
                                                    &CommandStage::step) == stages.end();
  return first_problem(
      {{!stages.empty() && stages.front().step == 0, "stages: expected a first stage at step 0"},
       {is_rising, "stages: expected rising steps"},
       {is_range(resampling_time) && resampling_time[0] > 0.0,
        "resampling_time: expected 0 < low <= high"},
       {is_probability(standing), "standing: expected 0 to 1"},
       {is_probability(heading), "heading: expected 0 to 1"},
       {is_probability(forward), "forward: expected 0 to 1"}});
}

std::string NoiseConfig::validate() const {
  return first_problem({{is_width(base_lin_vel), "base_lin_vel: expected 0 or more"},
                        {is_width(base_ang_vel), "base_ang_vel: expected 0 or more"},
                        {is_width(projected_gravity), "projected_gravity: expected 0 or more"},
                        {is_width(joint_pos), "joint_pos: expected 0 or more"},
                        {is_width(joint_vel), "joint_vel: expected 0 or more"}});
}

std::string PushConfig::validate() const {
  return first_problem(
      {{is_range(interval) && interval[0] > 0.0, "interval: expected 0 < low <= high"},
       {are_widths(linear), "linear: expected 0 or more"},
       {are_widths(angular), "angular: expected 0 or more"}});
}

std::string StartupConfig::validate() const {
  return first_problem(
      {{is_range(foot_friction_slide) && foot_friction_slide[0] >= 0.0,
        "foot_friction_slide: expected 0 <= low <= high"},
       {is_log_range(foot_friction_spin), "foot_friction_spin: expected [low, high], low > 0"},
       {is_log_range(foot_friction_roll), "foot_friction_roll: expected [low, high], low > 0"},
       {is_width(encoder_bias), "encoder_bias: expected 0 or more"},
       {are_widths(com_offset), "com_offset: expected 0 or more"}});
}

std::string VelocityCurriculum::validate() const {
  return first_problem({{steps >= 0, "steps: expected 0 or more"},
                        {is_width(penalty_scale), "penalty_scale: expected 0 or more"},
                        {linear_variance > 0.0, "linear_variance: expected more than 0"},
                        {angular_variance > 0.0, "angular_variance: expected more than 0"},
                        {pose_variance > 0.0, "pose_variance: expected more than 0"},
                        {is_width(stepping), "stepping: expected 0 or more"},
                        {is_width(push_scale), "push_scale: expected 0 or more"},
                        {is_probability(moving_share), "moving_share: expected 0 to 1"}});
}

std::string VelocityConfig::validate() const {
  const double control_steps = episode_length / (physics.timestep * physics.substeps);
  return first_problem(
      {{episode_length > 0.0 && episode_length < 1e6, "episode_length: expected 0 to 1e6 s"},
       {control_steps >= 0.5, "episode_length: expected one control step or more"},
       {control_steps < 1e9, "episode_length: expected less than 1e9 control steps"},
       {action_bound > 0.0, "action_bound: expected more than 0"},
       {max_tilt > 0.0 && max_tilt < 3.2, "max_tilt: expected 0 to 3.2 rad"}});
}

}  // namespace fleet::tasks
