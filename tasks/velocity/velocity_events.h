#pragma once

#include <cmath>

#include "tasks/velocity/velocity_step.h"

// What VelocityTask does to one world at a time, now and then.

namespace fleet::tasks {

template <class V>
bool VelocityTask::disturb(V& v, Memory<double>& memory, const Draws& draws) const {
  if (memory.command_time <= 0.0) {
    Random random = draws(Purpose::kCommand);
    resample_command(memory, random, draws);
  }
  const bool pushed = config_.push.enabled && memory.push_time <= 0.0;
  if (pushed) {
    push(v, memory, draws);
  }
  steer_to_heading(v, memory, draws);
  return pushed;
}

/// Adds to the root's velocity.
template <class V>
void VelocityTask::push(V& v, Memory<double>& memory, const Draws& draws) const {
  Random random = draws(Purpose::kPush);
  const double scale = between(config_.curriculum.push_scale, 1.0, memory.hardship);
  std::array<double, 3> turn{};
  for (int k = 0; k < 3; ++k) {
    const int i = at_.root_qvel + k;
    v.set_qvel(i, v.qvel(i) + scale * random.uniform(-config_.push.linear[k], config_.push.linear[k]));
  }
  for (std::size_t k = 0; k < 3; ++k) {
    turn[k] = scale * random.uniform(-config_.push.angular[k], config_.push.angular[k]);
  }
  // A free joint's angular velocity is in the body's frame.
  std::array<double, 4> quat{};
  for (int k = 0; k < 4; ++k) {
    quat[k] = v.qpos(at_.root_qpos + 3 + k);
  }
  const std::array<double, 3> turn_body = rotate_inverse(quat, turn);
  for (int k = 0; k < 3; ++k) {
    const int i = at_.root_qvel + 3 + k;
    v.set_qvel(i, v.qvel(i) + turn_body[k]);
  }
  memory.push_time = random.uniform(config_.push.interval[0], config_.push.interval[1]);
  memory.settled_time = 0.0;
  maybe_set_moving(v, memory, random);
}

/// A curriculum's: gives some robots the velocity that they are told to have. One that already moves
/// has only to keep on its feet, which is found sooner than setting off from a safe stand.
template <class V>
void VelocityTask::maybe_set_moving(V& v, const Memory<double>& memory, Random& random) const {
  const double share = between(config_.curriculum.moving_share, 0.0, memory.hardship);
  if (share <= 0.0 || random.uniform(0.0, 1.0) >= share) {
    return;
  }
  const double yaw = heading(v);
  const auto& [x, y, rate] = memory.command;
  v.set_qvel(at_.root_qvel, std::cos(yaw) * x - std::sin(yaw) * y);
  v.set_qvel(at_.root_qvel + 1, std::sin(yaw) * x + std::cos(yaw) * y);
  v.set_qvel(at_.root_qvel + 5, rate);
}

template <class V>
void VelocityTask::start(V& v, Memory<double>& memory, const Draws& draws) const {
  Random random = draws(Purpose::kReset);
  const auto bias = memory.encoder_bias;
  memory = {};
  memory.encoder_bias = bias;
  memory.hardship = hardship(draws);
  v.set_qpos(at_.root_qpos, random.uniform(-0.5, 0.5));
  v.set_qpos(at_.root_qpos + 1, random.uniform(-0.5, 0.5));
  v.set_qpos(at_.root_qpos + 2, config_.robot.base_height + random.uniform(0.01, 0.05));
  constexpr double kPi = 3.141592653589793;
  const double half_yaw = 0.5 * random.uniform(-kPi, kPi);
  v.set_qpos(at_.root_qpos + 3, std::cos(half_yaw));
  v.set_qpos(at_.root_qpos + 4, 0.0);
  v.set_qpos(at_.root_qpos + 5, 0.0);
  v.set_qpos(at_.root_qpos + 6, std::sin(half_yaw));
  for (int j = 0; j < numbers_.num_joints; ++j) {
    v.set_qpos(at_.qpos[j], numbers_.default_pos[j]);
    v.set_ctrl(at_.ctrl[j], numbers_.default_pos[j]);
  }
  memory.push_time = random.uniform(config_.push.interval[0], config_.push.interval[1]);
  resample_command(memory, random, draws);
  steer_to_heading(v, memory, draws);
  maybe_set_moving(v, memory, random);
}

}  // namespace fleet::tasks
