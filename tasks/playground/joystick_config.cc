#include "tasks/playground/joystick_config.h"

#include <algorithm>
#include <cmath>

#include "tasks/config_rules.h"

namespace fleet::tasks {

std::string JoystickNoise::validate() const {
  return first_problem({{is_width(joint_pos), "joint_pos: expected 0 or more"},
                        {is_width(joint_vel), "joint_vel: expected 0 or more"},
                        {is_width(gyro), "gyro: expected 0 or more"},
                        {is_width(gravity), "gravity: expected 0 or more"},
                        {is_width(linvel), "linvel: expected 0 or more"}});
}

std::string JoystickCurriculum::validate() const {
  return first_problem({{steps >= 0, "steps: expected 0 or more"},
                        {is_width(penalty_scale), "penalty_scale: expected 0 or more"},
                        {is_positive(tracking_sigma), "tracking_sigma: expected more than 0"}});
}

std::string Go1Command::validate() const {
  return first_problem({{std::ranges::all_of(amplitude, is_width), "amplitude: expected 0 or more"},
                        {std::ranges::all_of(keep, is_probability), "keep: expected 0 to 1"},
                        {is_positive(mean_time), "mean_time: expected more than 0 s"}});
}

std::string Go1JoystickConfig::validate() const {
  return first_problem({{is_positive(kp), "kp: expected more than 0"},
                        {is_width(kd), "kd: expected 0 or more"},
                        {is_positive(action_scale), "action_scale: expected more than 0 rad"},
                        {is_positive(soft_joint_pos_limit_factor),
                         "soft_joint_pos_limit_factor: expected more than 0"},
                        {is_positive(tracking_sigma), "tracking_sigma: expected more than 0"},
                        {is_positive(max_foot_height), "max_foot_height: expected more than 0 m"},
                        {episode_length >= 1, "episode_length: expected 1 or more control steps"}});
}

std::string G1Command::validate() const {
  return first_problem({{is_range(lin_vel_x), "lin_vel_x: expected low <= high"},
                        {is_range(lin_vel_y), "lin_vel_y: expected low <= high"},
                        {is_range(ang_vel_yaw), "ang_vel_yaw: expected low <= high"}});
}

std::string G1Push::validate() const {
  return first_problem({{is_range(interval_range) && interval_range[0] > 0.0,
                         "interval_range: expected 0 < low <= high"},
                        {is_range(magnitude_range) && magnitude_range[0] >= 0.0,
                         "magnitude_range: expected 0 <= low <= high"}});
}

std::string G1JoystickConfig::validate() const {
  return first_problem(
      {{is_positive(action_scale), "action_scale: expected more than 0 rad"},
       {is_positive(soft_joint_pos_limit_factor),
        "soft_joint_pos_limit_factor: expected more than 0"},
       {is_positive(tracking_sigma), "tracking_sigma: expected more than 0"},
       {is_positive(max_foot_height), "max_foot_height: expected more than 0 m"},
       {std::isfinite(base_height_target), "base_height_target: expected a number"},
       {is_width(max_contact_force), "max_contact_force: expected 0 or more"},
       {episode_length >= 1, "episode_length: expected 1 or more control steps"}});
}

}  // namespace fleet::tasks
