#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "tasks/playground/joystick_task.h"

namespace fleet::tasks {

/// What both robots are paid for. Terms are named and computed as in Playground; one that is not
/// explained is its own definition. A task writes its terms in the order of the weights in its
/// config, and lets pay() weigh them.
class JoystickTerms : public JoystickTask {
 protected:
  static constexpr double kStill = 0.01;  // commands below this norm mean standing

  /// What the floor makes of the feet in one control step; flags are 0 or 1.
  template <class Real>
  struct Feet {
    std::array<Real, kMaxFeet> contact, first_contact, air_time, swing_peak, height;
    std::array<Real, kMaxFeet> speed2;  ///< (m/s)^2, horizontal
  };

  /// The names and weights of the terms are those of config.reward.
  template <class Config>
  JoystickTerms(const JoystickRobot& robot, const mjModel& model, int substeps, Config config)
      : JoystickTask(robot, model, substeps, config.episode_length, config.action_scale),
        tracking_sigma_(config.tracking_sigma),
        curriculum_(config.curriculum) {
    config.reward.fields([&](const char* name, double scale) {
      spec_.reward_terms.emplace_back(name);
      scale_.push_back(scale);
    });
  }

  /// Reads the feet, before what is remembered of them moves on.
  template <class V>
  Feet<typename V::Real> look_at_feet(V& v, const auto& memory) const {
    using Real = typename V::Real;
    Feet<Real> feet;
    v.for_each(num_feet_, [&](int f) {
      const auto touches = less(Real(0.0), v.sensordata(at_.foot_found[f]));
      const auto touched = less(Real(0.5), memory.contact[f]);
      const auto was_up = less(Real(0.0), memory.air_time[f]);
      feet.contact[f] = select(touches, Real(1.0), Real(0.0));
      feet.first_contact[f] = select(was_up & (touches | touched), Real(1.0), Real(0.0));
      feet.air_time[f] = memory.air_time[f] + control_period_;
      feet.height[f] = v.site_xpos(at_.foot_site[f], 2);
      feet.swing_peak[f] = maximum(memory.swing_peak[f], feet.height[f]);
      feet.speed2[f] = squared(v.sensordata(at_.foot_velocity[f])) +
                       squared(v.sensordata(at_.foot_velocity[f] + 1));
    });
    return feet;
  }

  /// What is remembered of a control step that has been paid for.
  template <class V>
  void remember(V& v, const Feet<typename V::Real>& feet, const typename V::Real* action,
                auto& memory) const {
    using Real = typename V::Real;
    memory.seen_action = memory.action;
    v.for_each(num_joints_, [&](int j) { memory.action[j] = action[j]; });
    memory.seen_command = memory.command;
    memory.seen_contact = memory.contact;
    v.for_each(num_feet_, [&](int f) {
      const Real up = Real(1.0) - feet.contact[f];
      memory.contact[f] = feet.contact[f];
      memory.seen_air_time[f] = feet.air_time[f];
      memory.air_time[f] = feet.air_time[f] * up;
      memory.swing_peak[f] = feet.swing_peak[f] * up;
    });
    memory.settled_time = memory.settled_time + control_period_;
  }

  /// What the training curriculum makes of a number that begins as `first` and ends as `last`.
  static auto between(double first, double last, const auto& memory) {
    return first + (last - first) * memory.hardship;
  }
  auto sigma(const auto& memory) const {
    return between(curriculum_.tracking_sigma, tracking_sigma_, memory);
  }
  /// How far the training curriculum has come, 0 to 1.
  double hardship(const Draws& draws) const {
    const int steps = curriculum_.steps;
    return steps <= 0 ? 1.0 : std::min(1.0, static_cast<double>(draws.vector_steps) / steps);
  }

  /// Turns the terms into what is paid for this control step.
  template <class V>
  void pay(V& v, const auto& memory, typename V::Real* reward) const {
    using Real = typename V::Real;
    const Real penalty = between(curriculum_.penalty_scale, 1.0, memory);
    v.for_each(static_cast<int>(scale_.size()), [&](int i) {
      const Real paid = reward[i] * Real(scale_[i] * control_period_);
      reward[i] = select(less(paid, Real(0.0)), paid * penalty, paid);
    });
  }

  template <class Real>
  static Real norm(const std::array<Real, 3>& x) {
    using std::sqrt;
    return sqrt(squared(x[0]) + squared(x[1]) + squared(x[2]));
  }
  template <class Real>
  static auto is_still(const std::array<Real, 3>& command) {
    return less(norm(command), Real(kStill));
  }

  template <class V>
  typename V::Real sensor_error2(V& v, int address, const std::array<typename V::Real, 3>& command,
                                 int first, int count) const {
    return v.sum(count, [&](int k) {
      return squared(command[first + k] - v.sensordata(address + first + k));
    });
  }
  /// exp(-error^2 / sigma) of the planar velocity, and of the yaw rate, in the imu's frame.
  template <class V>
  typename V::Real tracking_lin_vel(V& v, const auto& memory) const {
    using std::exp;
    return exp(-sensor_error2(v, at_.local_linvel, memory.command, 0, 2) / sigma(memory));
  }
  template <class V>
  typename V::Real tracking_ang_vel(V& v, const auto& memory) const {
    using std::exp;
    return exp(-sensor_error2(v, at_.gyro, memory.command, 2, 1) / sigma(memory));
  }

  template <class V>
  typename V::Real sum_abs_deviation(V& v) const {
    using std::abs;
    return v.sum(num_joints_, [&](int j) { return abs(deviation(v, j)); });
  }
  template <class V>
  typename V::Real stand_still(V& v, const auto& memory) const {
    using Real = typename V::Real;
    return select(is_still(memory.command), sum_abs_deviation(v), Real(0.0));
  }
  template <class V>
  typename V::Real sum_abs_force(V& v) const {
    using std::abs;
    return v.sum(num_joints_, [&](int j) { return abs(v.actuator_force(j)); });
  }
  template <class V>
  typename V::Real action_rate(V& v, const auto& memory, const typename V::Real* action) const {
    return v.sum(num_joints_, [&](int j) { return squared(action[j] - memory.action[j]); });
  }
  template <class V>
  typename V::Real energy(V& v) const {
    using std::abs;
    return v.sum(num_joints_,
                 [&](int j) { return abs(v.qvel(kRootQvel + j)) * abs(v.actuator_force(j)); });
  }
  template <class V>
  typename V::Real feet_clearance(V& v, const Feet<typename V::Real>& feet, double height) const {
    using std::abs, std::sqrt;
    return v.sum(num_feet_, [&](int f) {
      // The fourth root of the squared speed: Playground takes the root of a norm.
      return abs(feet.height[f] - height) * sqrt(sqrt(feet.speed2[f]));
    });
  }
  template <class V>
  typename V::Real feet_height(V& v, const Feet<typename V::Real>& feet, double height) const {
    using Real = typename V::Real;
    return v.sum(num_feet_, [&](int f) {
      return squared(feet.swing_peak[f] / Real(height) - Real(1.0)) * feet.first_contact[f];
    });
  }
  template <class V>
  typename V::Real dof_pos_limits(V& v) const {
    using Real = typename V::Real;
    return v.sum(num_joints_, [&](int j) {
      return maximum(soft_lower_[j] - joint_pos(v, j), Real(0.0)) +
             maximum(joint_pos(v, j) - soft_upper_[j], Real(0.0));
    });
  }

  /// Columns: spec().metrics, those of the velocity tasks.
  template <class V>
  void write_metrics(V& v, const auto& memory, const typename V::Mask& fallen,
                     typename V::Real* metrics) const {
    using Real = typename V::Real;
    using std::abs, std::sqrt;
    metrics[0] = sqrt(sensor_error2(v, at_.local_linvel, memory.command, 0, 2));
    metrics[1] = abs(memory.command[2] - v.sensordata(at_.gyro + 2));
    metrics[2] = select(fallen, Real(1.0), Real(0.0));
    metrics[3] = select(less(memory.settled_time, Real(1.0)), Real(0.0), Real(1.0));
    for (int k = 0; k < 3; ++k) {
      metrics[4 + k] = memory.command[k];
    }
  }

  std::vector<double> scale_;  // of the reward terms

 private:
  double tracking_sigma_;
  JoystickCurriculum curriculum_;
};

}  // namespace fleet::tasks
