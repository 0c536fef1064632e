#include "envs/make_env.h"

#include <stdexcept>

#include "envs/mujoco_env.h"
#include "sim/robot.h"
#include "tasks/gym/gym_tasks.h"
#include "tasks/velocity/velocity_task.h"

namespace fleet::envs {
namespace {

/// Calls use.operator()<Task>(config of that task) for the task that `config` names.
template <class F>
auto with_task(const EnvConfig& config, F&& use) {
  const std::string& task = config.task;
  if (task == "velocity") {
    return use.template operator()<tasks::VelocityTask>(config.velocity);
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
                           "' is none of velocity, half_cheetah, hopper, walker2d, ant, humanoid, "
                           "humanoid_standup");
}

template <class Task>
sim::ModelPtr model_for(const typename Task::Config& config, const std::string& third_party_dir) {
  if constexpr (requires { Task::kModelFile; }) {
    return sim::load_model(third_party_dir + '/' + tasks::kGymModelFolder + '/' +
                           Task::kModelFile);
  } else {
    return sim::build_robot(config.robot, config.physics, Task::sensors(config),
                            third_party_dir + "/assets");
  }
}

}  // namespace

sim::ModelPtr make_model(const EnvConfig& config, const std::string& third_party_dir) {
  sim::initialise_mujoco();
  return with_task(config, [&]<class Task>(const typename Task::Config& task) {
    return model_for<Task>(task, third_party_dir);
  });
}

std::unique_ptr<BatchEnv> make_env(const EnvConfig& config, const std::string& third_party_dir) {
  sim::initialise_mujoco();
  return with_task(config, [&]<class Task>(const typename Task::Config& task) {
    std::unique_ptr<BatchEnv> env = std::make_unique<MujocoEnv<Task>>(
        task, config.options, model_for<Task>(task, third_party_dir));
    return env;
  });
}

}  // namespace fleet::envs
