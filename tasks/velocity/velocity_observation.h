#pragma once

#include <array>
#include <cmath>

#include "tasks/velocity/velocity_terms.h"

namespace fleet::tasks {

/// What the observations are made of, at the instant they are made.
template <class Real>
struct VelocityObserved {
  std::array<Real, 3> imu_lin_vel{};        ///< m/s, imu frame
  std::array<Real, 3> imu_ang_vel{};        ///< rad/s, imu frame
  std::array<Real, 3> projected_gravity{};  ///< unit vector, root frame
  std::array<Real, kMaxJoints> joint_pos{};     ///< rad
  std::array<Real, kMaxJoints> encoder_bias{};  ///< rad
  std::array<Real, kMaxJoints> joint_vel{};     ///< rad/s
  std::array<Real, kMaxJoints> action{};        ///< action units, the last one, as clipped
  std::array<Real, 3> command{};
  std::array<Real, kMaxFeet> foot_height{};   ///< m
  std::array<Real, kMaxFeet> air_time{};      ///< s
  std::array<Real, kMaxFeet> foot_contact{};  ///< 0 or 1
  std::array<Real, 3 * kMaxFeet> foot_force{};  ///< N, world frame
};

/// Which of the two rows.
enum class VelocityGroup { kActor, kCritic };

/// Writes a row: base_lin_vel (3), base_ang_vel (3), projected_gravity (3), joint_pos (n) relative
/// to the default pose, joint_vel (n), actions (n), command (3); the critic's goes on with
/// foot_height, foot_air_time, foot_contact (a foot each) and foot_contact_forces (3 a foot,
/// sign(f) log1p|f|). The actor reads its encoders, the critic the true angles.
template <class Real>
void write_observation(const VelocityObserved<Real>& in, const VelocityNumbers& n,
                       VelocityGroup group, bool with_base_lin_vel, Real* out) {
  const bool critic = group == VelocityGroup::kCritic;
  const auto write = [&](const Real* values, int count) {
    for (int i = 0; i < count; ++i) {
      *out++ = values[i];
    }
  };
  if (with_base_lin_vel || critic) {
    write(in.imu_lin_vel.data(), 3);
  }
  write(in.imu_ang_vel.data(), 3);
  write(in.projected_gravity.data(), 3);
  for (int j = 0; j < n.num_joints; ++j) {
    const Real relative = in.joint_pos[j] - n.default_pos[j];
    *out++ = critic ? relative : relative + in.encoder_bias[j];
  }
  write(in.joint_vel.data(), n.num_joints);
  write(in.action.data(), n.num_joints);
  write(in.command.data(), 3);
  if (critic) {
    write(in.foot_height.data(), n.num_feet);
    write(in.air_time.data(), n.num_feet);
    write(in.foot_contact.data(), n.num_feet);
    for (int i = 0; i < 3 * n.num_feet; ++i) {
      using std::abs, std::log1p;
      const Real force = in.foot_force[i];
      const Real size = log1p(abs(force));
      *out++ = select(less(force, Real(0.0)), -size, size);
    }
  }
}

}  // namespace fleet::tasks
