#pragma once

#include <stdexcept>
#include <string>

#include "envs/make_env.h"
#include "tasks/gym/gym_tasks.h"
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
  throw std::runtime_error("task: '" + task +
                           "' is none of velocity, volley, half_cheetah, hopper, walker2d, ant, "
                           "humanoid, humanoid_standup");
}

}  // namespace fleet::envs
