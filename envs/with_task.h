#pragma once

#include <stdexcept>
#include <string>

#include "envs/make_env.h"
#include "tasks/gym/gym_tasks.h"
#include "tasks/playground/g1_joystick.h"
#include "tasks/playground/go1_joystick.h"
#include "tasks/velocity/velocity_task.h"
#include "tasks/volley/volley_task.h"

namespace fleet::envs {

/// Calls use.operator()<Task>(config of that task) for the task that `config` names.
template <class F>
auto with_task(const EnvConfig& config, F&& use) {
  const std::string& task = config.task;
  if (task == "velocity") {
    return use.template operator()<tasks::VelocityTask>(config.velocity);
  }
  if (task == tasks::VolleyTask::kName) {
    return use.template operator()<tasks::VolleyTask>(config.volley);
  }
  if (task == tasks::HalfCheetahTask::kName) {
    return use.template operator()<tasks::HalfCheetahTask>(config.half_cheetah);
  }
  if (task == tasks::HopperTask::kName) {
    return use.template operator()<tasks::HopperTask>(config.hopper);
  }
  if (task == tasks::Walker2dTask::kName) {
    return use.template operator()<tasks::Walker2dTask>(config.walker2d);
  }
  if (task == tasks::AntTask::kName) {
    return use.template operator()<tasks::AntTask>(config.ant);
  }
  if (task == tasks::HumanoidTask::kName) {
    return use.template operator()<tasks::HumanoidTask>(config.humanoid);
  }
  if (task == tasks::HumanoidStandupTask::kName) {
    return use.template operator()<tasks::HumanoidStandupTask>(config.humanoid_standup);
  }
  if (task == tasks::Go1JoystickTask::kName) {
    return use.template operator()<tasks::Go1JoystickTask>(config.go1_joystick);
  }
  if (task == tasks::G1JoystickTask::kName) {
    return use.template operator()<tasks::G1JoystickTask>(config.g1_joystick);
  }
  throw std::runtime_error("task: '" + task +
                           "' is none of velocity, volley, half_cheetah, hopper, walker2d, ant, "
                           "humanoid, humanoid_standup, go1_joystick, g1_joystick");
}

}  // namespace fleet::envs
