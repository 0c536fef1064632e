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
/// substep old. A task derives from JoystickTerms and adds evaluate(), observe() and events.
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

  /// Where the quantities lie in sensordata, and the feet's sites.
  struct Addresses {
    int imu_body = 0;
    int gyro = 0, local_linvel = 0, accelerometer = 0, global_linvel = 0, global_angvel = 0;
    int upright = 0;
    std::array<int, kMaxFeet> foot_site{}, foot_found{}, foot_velocity{};
  };

  /// What a policy sees of a quantity, and how it looks in the mirror.
  struct Seen {
    ObservationTerm term;
    Mirror mirror;
  };

  /// Fills in what the model says; rewards and ends are the derived class's.
  JoystickTask(const JoystickRobot& robot, const mjModel& model, int substeps, int episode_length,
               double action_scale);

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

  /// joint_pos, joint_vel
  template <class V>
  typename V::Real* write_joints(V& v, typename V::Real* out) const {
    out = write(v, num_joints_, [&](int j) { return deviation(v, j); }, out);
    return write(v, num_joints_, [&](int j) { return v.qvel(kRootQvel + j); }, out);
  }
  /// What of the actor's row is noisy, as it is, and what else the imu feels: gyro, accelerometer,
  /// gravity, linvel, global_angvel, joint_pos, joint_vel.
  template <class V>
  typename V::Real* write_true_motion(V& v, typename V::Real* out) const {
    const std::array<typename V::Real, 3> down = gravity(v);
    out = write_sensor(v, at_.gyro, out);
    out = write_sensor(v, at_.accelerometer, out);
    out = write(v, 3, [&](int k) { return down[k]; }, out);
    out = write_sensor(v, at_.local_linvel, out);
    out = write_sensor(v, at_.global_angvel, out);
    return write_joints(v, out);
  }
  /// feet_vel, feet_air_time
  template <class V>
  typename V::Real* write_feet(V& v, const auto& memory, typename V::Real* out) const {
    for (int f = 0; f < num_feet_; ++f) {
      out = write_sensor(v, at_.foot_velocity[f], out);
    }
    return write(v, num_feet_, [&](int f) { return memory.seen_air_time[f]; }, out);
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
  JoystickRobot robot_;
  int num_joints_, num_feet_;
  double control_period_;                                       ///< s
  double action_scale_;                                         ///< rad
  std::vector<double> start_qpos_;                              // (nq)
  std::array<double, kMaxJoints> default_pose_{};               // rad
  std::array<double, kMaxJoints> soft_lower_{}, soft_upper_{};  // rad
};

}  // namespace fleet::tasks
