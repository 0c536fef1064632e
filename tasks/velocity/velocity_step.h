#pragma once

#include <cmath>

#include "tasks/velocity/velocity_task.h"

// What VelocityTask does in every control step, on any backend; events: velocity_events.h.

namespace fleet::tasks {

/// What the training curriculum makes of a number that begins as `first` and ends as `last`.
template <class Real>
Real between(double first, double last, Real hardship) {
  return first + (last - first) * hardship;
}

/// The vector `world` seen from a frame whose orientation is the unit quaternion (w, x, y, z).
template <class Real>
std::array<Real, 3> rotate_inverse(const std::array<Real, 4>& quat,
                                   const std::array<Real, 3>& world) {
  const Real w = quat[0];
  const Real x = -quat[1];
  const Real y = -quat[2];
  const Real z = -quat[3];
  const Real tx = 2.0 * (y * world[2] - z * world[1]);
  const Real ty = 2.0 * (z * world[0] - x * world[2]);
  const Real tz = 2.0 * (x * world[1] - y * world[0]);
  return {world[0] + w * tx + (y * tz - z * ty), world[1] + w * ty + (z * tx - x * tz),
          world[2] + w * tz + (x * ty - y * tx)};
}

/// A foot's height above flat ground in m. mjlab casts rays down from the site that see one metre
/// far, and calls it zero where the site has sunk into the ground, as G1's does when it stands.
template <class V>
typename V::Real foot_height(const V& v, int site) {
  using Real = typename V::Real;
  return clamp(v.site_xpos(site, 2), Real(0.0), Real(1.0));
}

template <class V, class M>
void VelocityTask::before_substep(V& v, M& memory, const typename V::Real* action) const {
  using Real = typename V::Real;
  v.for_each(numbers_.num_joints, [&](int j) {
    const Real offset = spec_.contract.action_scale[static_cast<std::size_t>(j)] * action[j];
    v.set_ctrl(at_.ctrl[j], numbers_.default_pos[j] + offset - memory.encoder_bias[j]);
  });
}

template <class V, class M>
void VelocityTask::after_substep(V& v, M& memory) const {
  using Real = typename V::Real;
  const Real dt(spec_.contract.physics_timestep);
  v.for_each(numbers_.num_feet, [&](int f) {
    const auto touches = less(Real(0.0), v.sensordata(at_.foot_contact[f]));
    memory.air_time[f] = select(touches, Real(0.0), memory.air_time[f] + dt);
    memory.contact_time[f] = select(touches, memory.contact_time[f] + dt, Real(0.0));
    memory.foot_contact[f] = select(touches, Real(1.0), Real(0.0));
    for (int k = 0; k < 3; ++k) {
      memory.foot_force[3 * f + k] = v.sensordata(at_.foot_contact[f] + 1 + k);
    }
  });
  constexpr double kThreshold = 10.0;  // N
  const auto presses = [&](int address) {
    using std::sqrt;
    const Real x = v.sensordata(address + 1);
    const Real y = v.sensordata(address + 2);
    const Real z = v.sensordata(address + 3);
    return select(less(Real(kThreshold), sqrt(x * x + y * y + z * z)), Real(1.0), Real(0.0));
  };
  if (at_.self_collision >= 0) {
    memory.self_collisions = memory.self_collisions + presses(at_.self_collision);
  }
  if (at_.num_falls > 0) {
    const Real count = v.sum(at_.num_falls, [&](int i) { return presses(at_.first_fall + 4 * i); });
    memory.fallen = select(less(Real(0.0), count), Real(1.0), memory.fallen);
  }
}

template <class V, class M>
VelocityInputs<typename V::Real> VelocityTask::inputs(V& v, M& memory) const {
  using Real = typename V::Real;
  VelocityInputs<Real> in;
  in.command = memory.command;
  std::array<Real, 4> root_quat;
  std::array<Real, 4> torso_quat;
  for (int k = 0; k < 4; ++k) {
    root_quat[k] = v.xquat(at_.root_body, k);
    torso_quat[k] = v.xquat(at_.torso_body, k);
  }
  std::array<Real, 3> velocity;
  for (int k = 0; k < 3; ++k) {
    velocity[k] = v.qvel(at_.root_qvel + k);
    in.ang_vel[k] = v.qvel(at_.root_qvel + 3 + k);
  }
  in.lin_vel = rotate_inverse(root_quat, velocity);
  in.torso_gravity = rotate_inverse(torso_quat, {Real(0.0), Real(0.0), Real(-1.0)});
  for (int k = 0; k < 3 && at_.torso_rate >= 0; ++k) {
    in.torso_rate[k] = v.sensordata(at_.torso_rate + k);
  }
  for (int k = 0; k < 3 && at_.angular_momentum >= 0; ++k) {
    in.angular_momentum[k] = v.sensordata(at_.angular_momentum + k);
  }
  v.for_each(numbers_.num_joints, [&](int j) { in.joint_pos[j] = v.qpos(at_.qpos[j]); });
  in.action = memory.action;
  in.previous_action = memory.previous_action;
  in.foot_contact = memory.foot_contact;
  in.foot_force = memory.foot_force;
  in.air_time = memory.air_time;
  in.self_collisions = memory.self_collisions;
  const VelocityCurriculum& easy = config_.curriculum;
  in.linear_variance = between(easy.linear_variance, kLinearVariance, memory.hardship);
  in.angular_variance = between(easy.angular_variance, kAngularVariance, memory.hardship);
  in.pose_variance = between(easy.pose_variance, 1.0, memory.hardship);
  in.air_time_bonus = between(easy.air_time, 0.0, memory.hardship);
  in.stepping_bonus = between(easy.stepping, 0.0, memory.hardship);
  in.single_stance_bonus = between(easy.single_stance, 0.0, memory.hardship);
  const Real landed_within(spec_.contract.control_period + 1e-6);
  v.for_each(numbers_.num_feet, [&](int f) {
    in.foot_height[f] = foot_height(v, at_.foot_site[f]);
    for (int k = 0; k < 3; ++k) {
      in.foot_velocity[3 * f + k] = v.sensordata(at_.foot_velocity[f] + k);
    }
    const auto landed =
        less(Real(0.0), memory.contact_time[f]) & less(memory.contact_time[f], landed_within);
    in.first_contact[f] = select(landed, Real(1.0), Real(0.0));
    const auto rises = less(memory.swing_peak[f], in.foot_height[f]) &
                       less(memory.foot_contact[f], Real(0.5));
    in.swing_peak[f] = select(rises, in.foot_height[f], memory.swing_peak[f]);
    memory.swing_peak[f] = select(landed, Real(0.0), in.swing_peak[f]);
  });
  return in;
}

/// Columns: spec().metrics.
template <class V, class M>
void VelocityTask::write_metrics(const VelocityInputs<typename V::Real>& in, V& v, const M& memory,
                                 typename V::Real* metrics) const {
  using Real = typename V::Real;
  using std::abs, std::sqrt;
  const Real x = in.command[0] - in.lin_vel[0];
  const Real y = in.command[1] - in.lin_vel[1];
  metrics[0] = sqrt(x * x + y * y);
  metrics[1] = abs(in.command[2] - in.ang_vel[2]);
  const auto low = less(v.qpos(at_.root_qpos + 2), Real(config_.robot.fall_height));
  metrics[2] = select(low, Real(1.0), memory.fallen);
  metrics[3] = select(less(memory.settled_time, Real(1.0)), Real(0.0), Real(1.0));
  for (int k = 0; k < 3; ++k) {
    metrics[4 + k] = in.command[k];
  }
}

template <class V, class M>
std::array<typename V::Mask, 1> VelocityTask::evaluate(V& v, M& memory,
                                                       const typename V::Real* action,
                                                       typename V::Real* reward,
                                                       typename V::Real* metrics) const {
  using Real = typename V::Real;
  v.for_each(numbers_.num_joints, [&](int j) {
    memory.previous_action[j] = memory.action[j];
    memory.action[j] = action[j];
  });
  const VelocityInputs<Real> in = inputs(v, memory);
  VelocityTerms<V>::evaluate(v, in, numbers_, reward);
  const Real penalty = between(config_.curriculum.penalty_scale, 1.0, memory.hardship);
  for (std::size_t term = 0; term < VelocityTerms<V>::kNames.size(); ++term) {
    const Real paid = reward[term] * numbers_.control_period;
    reward[term] = select(less(paid, Real(0.0)), paid * penalty, paid);
  }
  memory.settled_time = memory.settled_time + numbers_.control_period;
  write_metrics(in, v, memory, metrics);
  memory.self_collisions = Real(0.0);
  memory.fallen = Real(0.0);
  // Tilt of the root: its z axis against the world's, from the rotation matrix's last entry.
  const Real qx = v.xquat(at_.root_body, 1);
  const Real qy = v.xquat(at_.root_body, 2);
  return {less(Real(1.0) - 2.0 * (qx * qx + qy * qy), Real(std::cos(config_.max_tilt)))};
}

/// Where the robot looks: yaw in rad.
template <class V>
typename V::Real VelocityTask::heading(const V& v) const {
  using Real = typename V::Real;
  std::array<Real, 4> q;
  for (int k = 0; k < 4; ++k) {
    q[k] = v.qpos(at_.root_qpos + 3 + k);
  }
  using std::atan2;
  return atan2(2.0 * (q[0] * q[3] + q[1] * q[2]),
               Real(1.0) - 2.0 * (q[2] * q[2] + q[3] * q[3]));
}

/// Where the command steers to a heading, its yaw rate follows from where the robot looks now.
template <class V, class M>
void VelocityTask::steer_to_heading(V& v, M& memory, const Draws& draws) const {
  using Real = typename V::Real;
  using std::atan2, std::sin, std::cos;
  const Real error = memory.heading_target - heading(v);
  const Real wrapped = atan2(sin(error), cos(error));
  const Range& range = stage(draws).ang_vel_z;
  const Real rate =
      clamp(config_.command.heading_stiffness * wrapped, Real(range[0]), Real(range[1]));
  memory.command[2] = select(less(Real(0.5), memory.is_heading), rate, memory.command[2]);
  for (int k = 0; k < 3; ++k) {
    memory.command[k] =
        select(less(Real(0.5), memory.is_standing), Real(0.0), memory.command[k]);
  }
}

template <class V, class M>
typename V::Mask VelocityTask::tick(V& v, M& memory, const Draws& draws) const {
  using Real = typename V::Real;
  using Mask = typename V::Mask;
  memory.hardship = hardship(draws);
  memory.command_time -= numbers_.control_period;
  memory.push_time -= numbers_.control_period;
  steer_to_heading(v, memory, draws);
  const Mask pushed = less_equal(memory.push_time, Real(0.0)) & Mask(config_.push.enabled);
  return less_equal(memory.command_time, Real(0.0)) | pushed;
}

template <class V, class M>
void VelocityTask::observe(V& v, const M& memory, int /*player*/, int group,
                           typename V::Real* out) const {
  using Real = typename V::Real;
  VelocityObserved<Real> seen;
  std::array<Real, 4> root_quat;
  for (int k = 0; k < 4; ++k) {
    root_quat[k] = v.xquat(at_.root_body, k);
  }
  for (int k = 0; k < 3; ++k) {
    seen.imu_lin_vel[k] = v.sensordata(at_.velocimeter + k);
    seen.imu_ang_vel[k] = v.sensordata(at_.gyro + k);
  }
  seen.projected_gravity = rotate_inverse(root_quat, {Real(0.0), Real(0.0), Real(-1.0)});
  v.for_each(numbers_.num_joints, [&](int j) {
    seen.joint_pos[j] = v.qpos(at_.qpos[j]);
    seen.joint_vel[j] = v.qvel(at_.qvel[j]);
  });
  v.for_each(numbers_.num_feet,
             [&](int f) { seen.foot_height[f] = foot_height(v, at_.foot_site[f]); });
  seen.encoder_bias = memory.encoder_bias;
  seen.action = memory.action;
  seen.command = memory.command;
  seen.air_time = memory.air_time;
  seen.foot_contact = memory.foot_contact;
  seen.foot_force = memory.foot_force;
  const auto which = group == 0 ? VelocityGroup::kActor : VelocityGroup::kCritic;
  write_observation(seen, numbers_, which, config_.observe_base_lin_vel, out);
}

}  // namespace fleet::tasks
