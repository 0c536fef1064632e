#pragma once

#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <mujoco/mujoco.h>

#include "sim/robot_config.h"
#include "sim/words.h"
#include "tasks/playground/joystick_config.h"
#include "tasks/playground/joystick_memory.h"
#include "tasks/task.h"

namespace fleet::tasks {

using sim::clamp, sim::less, sim::less_equal, sim::select, sim::squared;

/// A robot as the joystick tasks know it, by the names in its model.
struct JoystickRobot {
  std::string task;               ///< the kName of the task
  std::string keyframe;           ///< the default pose
  std::string imu_body;           ///< holds the imu's site, unturned
  std::string imu_suffix;         ///< of the names of the imu's sensors
  std::string upright_sensor;     ///< z axis of the body that must stay upright
  std::vector<std::string> feet;  ///< names of their sites, and of their geoms
  sim::Symmetry symmetry;
};

/// What MuJoCo Playground's joystick tasks have in common: position servos take the default pose
/// plus the scaled action, episodes start near that pose, and derived quantities are seen one
/// substep old. Terms are named and computed as there; a term that is not explained is its own
/// definition. A task derives from this and adds evaluate(), observe(), events and its reward.
class JoystickTask {
 public:
  static constexpr int kMaxJoints = 29;
  static constexpr int kMaxFeet = 4;

  const TaskSpec& spec() const { return spec_; }

  template <class V>
  void before_substep(V& v, auto& /*memory*/, const typename V::Real* action) const {
    v.for_each(num_joints_,
               [&](int j) { v.set_ctrl(j, default_pose_[j] + action_scale_ * action[j]); });
  }
  template <class V>
  void after_substep(V& /*v*/, auto& /*memory*/) const {}
  template <class V>
  void after_substeps(V& /*v*/, auto& /*memory*/) const {}

 protected:
  static constexpr int kRootQpos = 7, kRootQvel = 6;  // a free joint comes first
  static constexpr double kStill = 0.01;              // commands below this norm mean standing

  /// Where the quantities lie in sensordata, and the feet's sites.
  struct Addresses {
    int imu_body = 0;
    int gyro = 0, local_linvel = 0, accelerometer = 0, global_linvel = 0, global_angvel = 0;
    int upright = 0;
    std::array<int, kMaxFeet> foot_site{}, foot_found{}, foot_velocity{};
  };

  /// What the floor makes of the feet in one control step; flags are 0 or 1.
  template <class Real>
  struct Feet {
    std::array<Real, kMaxFeet> contact, first_contact, air_time, swing_peak, height;
    std::array<Real, kMaxFeet> speed2;  ///< (m/s)^2, horizontal
  };

  /// What a policy sees of a quantity, and how it looks in the mirror.
  struct Seen {
    ObservationTerm term;
    Mirror mirror;
  };

  /// Fills in what the model says; rewards and ends are the derived class's.
  template <class Config>
  JoystickTask(const JoystickRobot& robot, const mjModel& model, int substeps, Config config)
      : JoystickTask(robot, model, substeps, config.episode_length, config.action_scale) {
    tracking_sigma_ = config.tracking_sigma;
    curriculum_ = config.curriculum;
    config.reward.fields([&](const char* name, double scale) {
      spec_.reward_terms.emplace_back(name);
      scale_.push_back(scale);
    });
  }

  /// The quantities that both robots' rows are made of, by Playground's names. @throws if unknown
  Seen seen(std::string_view name, double noise = 0.0) const;
  void add_group(const std::string& name, const std::vector<Seen>& terms);
  /// Joint angles (rad) beyond which dof_pos_limits counts.
  void set_soft_limits(const std::vector<double>& lower, const std::vector<double>& upper);
  static int sensor_address(const mjModel& model, const std::string& name);

  template <class V>
  typename V::Real joint_pos(V& v, int j) const {
    return v.qpos(kRootQpos + j);
  }
  template <class V>
  typename V::Real deviation(V& v, int j) const {
    return v.qpos(kRootQpos + j) - default_pose_[j];
  }

  /// Gravity's direction in the imu's frame: minus the last row of its rotation matrix.
  template <class V>
  std::array<typename V::Real, 3> gravity(V& v) const {
    using Real = typename V::Real;
    const Real w = v.xquat(at_.imu_body, 0);
    const Real x = v.xquat(at_.imu_body, 1);
    const Real y = v.xquat(at_.imu_body, 2);
    const Real z = v.xquat(at_.imu_body, 3);
    return {2.0 * (w * y - x * z), -2.0 * (y * z + w * x), 2.0 * (x * x + y * y) - Real(1.0)};
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
  double hardship(const Draws& draws) const;

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

  /// Writes f(0), ..., f(n - 1). @returns where the row goes on
  template <class V, class F>
  static typename V::Real* write(V& v, int n, F&& f, typename V::Real* out) {
    v.for_each(n, [&](int i) { out[i] = f(i); });
    return out + n;
  }
  template <class V>
  static typename V::Real* write_sensor(V& v, int address, typename V::Real* out) {
    return write(v, 3, [&](int k) { return v.sensordata(address + k); }, out);
  }

  /// The default pose, somewhere near the origin, turned about z, the root moving. @param stretch
  /// the joints' angles are multiplied by uniform numbers from this range
  template <class V>
  void start_near_default(V& v, Random& random, const std::array<double, 2>& stretch) const {
    v.set_qpos(0, start_qpos_[0] + random.uniform(-0.5, 0.5));
    v.set_qpos(1, start_qpos_[1] + random.uniform(-0.5, 0.5));
    v.set_qpos(2, start_qpos_[2]);
    const double half_yaw = 0.5 * random.uniform(-3.14, 3.14);
    v.set_qpos(3, std::cos(half_yaw));
    v.set_qpos(4, 0.0);
    v.set_qpos(5, 0.0);
    v.set_qpos(6, std::sin(half_yaw));
    for (int j = 0; j < num_joints_; ++j) {
      v.set_qpos(kRootQpos + j, default_pose_[j] * random.uniform(stretch[0], stretch[1]));
      v.set_ctrl(j, v.qpos(kRootQpos + j));
    }
    for (int i = 0; i < kRootQvel; ++i) {
      v.set_qvel(i, random.uniform(-0.5, 0.5));
    }
  }

  TaskSpec spec_;
  Addresses at_;
  std::vector<double> scale_;  // of the reward terms
  JoystickRobot robot_;
  int num_joints_, num_feet_;
  double control_period_;  ///< s
  double action_scale_;    ///< rad
  double tracking_sigma_ = 0.0;
  JoystickCurriculum curriculum_;
  std::vector<double> start_qpos_;                              // (nq)
  std::array<double, kMaxJoints> default_pose_{};               // rad
  std::array<double, kMaxJoints> soft_lower_{}, soft_upper_{};  // rad

 private:
  JoystickTask(const JoystickRobot& robot, const mjModel& model, int substeps, int episode_length,
               double action_scale);
};

}  // namespace fleet::tasks
