#pragma once

#include <array>
#include <cmath>

#include "sim/words.h"
#include "tasks/velocity/velocity_config.h"

// The reward terms of mjlab 1.6's velocity task as pure functions of what one control step saw.
// V is the view; its Real is a number of one world, or of a pack of worlds.

namespace fleet::tasks {

using sim::clamp, sim::less, sim::less_equal, sim::select;

inline constexpr int kMaxJoints = 40;
inline constexpr int kMaxFeet = 4;

/// What the terms see. Feet and joints in the task's order; flags are 0 or 1.
template <class Real>
struct VelocityInputs {
  std::array<Real, 3> command{};           ///< vx, vy (m/s), wz (rad/s), body frame
  std::array<Real, 3> lin_vel{};           ///< m/s, root origin, body frame
  std::array<Real, 3> ang_vel{};           ///< rad/s, body frame
  std::array<Real, 3> torso_gravity{};     ///< unit vector, torso frame
  std::array<Real, 3> torso_rate{};        ///< rad/s, world frame
  std::array<Real, 3> angular_momentum{};  ///< kg m^2/s, whole body, world frame
  std::array<Real, kMaxJoints> joint_pos{};        ///< rad
  std::array<Real, kMaxJoints> action{};           ///< action units, as clipped
  std::array<Real, kMaxJoints> previous_action{};  ///< of the control step before
  std::array<Real, kMaxFeet> foot_height{};        ///< m above ground
  std::array<Real, 3 * kMaxFeet> foot_velocity{};  ///< m/s, world frame
  std::array<Real, 3 * kMaxFeet> foot_force{};     ///< N, world frame
  std::array<Real, kMaxFeet> foot_contact{};       ///< at the last substep
  std::array<Real, kMaxFeet> first_contact{};      ///< landed within this control step
  std::array<Real, kMaxFeet> air_time{};           ///< s
  std::array<Real, kMaxFeet> swing_peak{};         ///< m, highest since the foot left the ground
  Real linear_variance{kLinearVariance};    ///< (m/s)^2
  Real angular_variance{kAngularVariance};  ///< (rad/s)^2
  Real pose_variance{1.0};     ///< times the squares of the pose widths
  Real air_time_bonus{};       ///< added to the weight of that term by a training curriculum
  Real stepping_bonus{};       ///< weights of terms that only a training curriculum has
  Real single_stance_bonus{};
  Real self_collisions{};  ///< substeps in which the robot pressed on itself
};

/// A task's numbers, resolved for one model: trivially copyable, the same for every world.
struct VelocityNumbers {
  int num_joints = 0;
  int num_feet = 0;
  double control_period = 0.0;  ///< s
  VelocityWeights weight;
  std::array<double, kMaxJoints> default_pos{};            ///< rad
  std::array<double, kMaxJoints> soft_lower{}, soft_upper{};  ///< rad
  std::array<double, kMaxJoints> standing{}, walking{}, running{};  ///< rad, pose widths
  double upright_variance = 0.2;
  double target_foot_height = 0.1;  ///< m
  double moving_command = 0.05;     ///< below this sum of speeds the command means standing
  double running_command = 1.5;
  double air_time_command = 0.5;
};

template <class V>
struct VelocityTerms {
  using Real = typename V::Real;
  using In = VelocityInputs<Real>;
  using Numbers = VelocityNumbers;

  static Real norm2(Real x, Real y) { return x * x + y * y; }

  /// |command_xy| + |command_wz|: what mjlab compares with its thresholds.
  static Real command_size(const In& in) {
    using std::abs, std::sqrt;
    return sqrt(norm2(in.command[0], in.command[1])) + abs(in.command[2]);
  }

  static Real when_moving(const In& in, const Numbers& n, Real cost) {
    return select(less(Real(n.moving_command), command_size(in)), cost, Real(0.0));
  }

  static Real track_linear_velocity(const In& in) {
    using std::exp;
    const Real error = norm2(in.command[0] - in.lin_vel[0], in.command[1] - in.lin_vel[1]) +
                       in.lin_vel[2] * in.lin_vel[2];
    return exp(-error / in.linear_variance);
  }

  static Real track_angular_velocity(const In& in) {
    using std::exp;
    const Real yaw = in.command[2] - in.ang_vel[2];
    return exp(-(yaw * yaw + norm2(in.ang_vel[0], in.ang_vel[1])) / in.angular_variance);
  }

  static Real upright(const In& in, const Numbers& n) {
    using std::exp;
    return exp(-norm2(in.torso_gravity[0], in.torso_gravity[1]) / n.upright_variance);
  }

  static Real pose(const V& v, const In& in, const Numbers& n) {
    using std::exp;
    const Real size = command_size(in);
    const auto stands = less(size, Real(n.moving_command));
    const auto runs = less_equal(Real(n.running_command), size);
    const Real sum = v.sum(n.num_joints, [&](int j) {
      const Real width =
          select(stands, Real(n.standing[j]), select(runs, Real(n.running[j]), Real(n.walking[j])));
      const Real deviation = in.joint_pos[j] - n.default_pos[j];
      return deviation * deviation / (width * width);
    });
    return exp(-sum / (Real(n.num_joints) * in.pose_variance));
  }

  static Real body_ang_vel(const In& in) { return norm2(in.torso_rate[0], in.torso_rate[1]); }

  static Real angular_momentum(const In& in) {
    return norm2(in.angular_momentum[0], in.angular_momentum[1]) +
           in.angular_momentum[2] * in.angular_momentum[2];
  }

  static Real dof_pos_limits(const V& v, const In& in, const Numbers& n) {
    return v.sum(n.num_joints, [&](int j) {
      const Real below = n.soft_lower[j] - in.joint_pos[j];
      const Real above = in.joint_pos[j] - n.soft_upper[j];
      return select(less(Real(0.0), below), below, Real(0.0)) +
             select(less(Real(0.0), above), above, Real(0.0));
    });
  }

  static Real action_rate(const V& v, const In& in, const Numbers& n) {
    return v.sum(n.num_joints, [&](int j) {
      const Real change = in.action[j] - in.previous_action[j];
      return change * change;
    });
  }

  static Real air_time(const V& v, const In& in, const Numbers& n) {
    const Real count = v.sum(n.num_feet, [&](int f) {
      const auto swings = less(Real(0.05), in.air_time[f]) & less(in.air_time[f], Real(0.5));
      return select(swings, Real(1.0), Real(0.0));
    });
    return select(less(Real(n.air_time_command), command_size(in)), count, Real(0.0));
  }

  /// Feet in swing, no more than feet on the ground.
  static Real stepping(const V& v, const In& in, const Numbers& n) {
    const Real in_contact = v.sum(n.num_feet, [&](int f) { return in.foot_contact[f]; });
    const Real in_swing = air_time(v, in, n);
    return select(less(in_contact, in_swing), in_contact, in_swing);
  }

  /// Of a biped: how far the swing of its only lifted foot has come, 1 from .4 s on; 0 after .5 s,
  /// lest it stand on one leg.
  static Real single_stance(const V& v, const In& in, const Numbers& n) {
    const Real in_contact = v.sum(n.num_feet, [&](int f) { return in.foot_contact[f]; });
    const Real swing = v.sum(n.num_feet, [&](int f) { return in.air_time[f]; });
    const auto steps = less(Real(n.num_feet - 1.5), in_contact) &
                       less(in_contact, Real(n.num_feet - 0.5)) & less(swing, Real(0.5));
    return when_moving(in, n, select(steps, clamp(swing / 0.4, Real(0.0), Real(1.0)), Real(0.0)));
  }

  static Real foot_clearance(const V& v, const In& in, const Numbers& n) {
    using std::abs, std::sqrt;
    return when_moving(in, n, v.sum(n.num_feet, [&](int f) {
      const Real speed = sqrt(norm2(in.foot_velocity[3 * f], in.foot_velocity[3 * f + 1]));
      return abs(in.foot_height[f] - n.target_foot_height) * speed;
    }));
  }

  static Real foot_swing_height(const V& v, const In& in, const Numbers& n) {
    return when_moving(in, n, v.sum(n.num_feet, [&](int f) {
      const Real error = in.swing_peak[f] / n.target_foot_height - 1.0;
      return error * error * in.first_contact[f];
    }));
  }

  static Real foot_slip(const V& v, const In& in, const Numbers& n) {
    return when_moving(in, n, v.sum(n.num_feet, [&](int f) {
      return norm2(in.foot_velocity[3 * f], in.foot_velocity[3 * f + 1]) * in.foot_contact[f];
    }));
  }

  static Real soft_landing(const V& v, const In& in, const Numbers& n) {
    using std::sqrt;
    return when_moving(in, n, v.sum(n.num_feet, [&](int f) {
      const Real* const force = &in.foot_force[3 * f];
      return sqrt(norm2(force[0], force[1]) + force[2] * force[2]) * in.first_contact[f];
    }));
  }

  static constexpr std::array kNames = {
      "track_linear_velocity", "track_angular_velocity", "upright",       "pose",
      "body_ang_vel",          "angular_momentum",       "dof_pos_limits", "action_rate_l2",
      "air_time",              "foot_clearance",         "foot_swing_height", "foot_slip",
      "soft_landing",          "self_collisions"};

  /// Weighted terms, per second, in the order of kNames.
  static void evaluate(const V& v, const In& in, const Numbers& n, Real* out) {
    const VelocityWeights& w = n.weight;
    out[0] = w.track_linear_velocity * track_linear_velocity(in);
    out[1] = w.track_angular_velocity * track_angular_velocity(in);
    out[2] = w.upright * upright(in, n);
    out[3] = w.pose * pose(v, in, n);
    out[4] = w.body_ang_vel * body_ang_vel(in);
    out[5] = w.angular_momentum * angular_momentum(in);
    out[6] = w.dof_pos_limits * dof_pos_limits(v, in, n);
    out[7] = w.action_rate_l2 * action_rate(v, in, n);
    out[8] = (w.air_time + in.air_time_bonus) * air_time(v, in, n) +
             in.single_stance_bonus * single_stance(v, in, n) +
             in.stepping_bonus * stepping(v, in, n);
    out[9] = w.foot_clearance * foot_clearance(v, in, n);
    out[10] = w.foot_swing_height * foot_swing_height(v, in, n);
    out[11] = w.foot_slip * foot_slip(v, in, n);
    out[12] = w.soft_landing * soft_landing(v, in, n);
    out[13] = w.self_collisions * in.self_collisions;
  }
};

}  // namespace fleet::tasks
