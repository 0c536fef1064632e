#include "envs/make_env.h"

#include "envs/make_lanes_env.h"
#include "envs/mujoco_env.h"
#include "envs/playground_envs.h"
#include "envs/volley_envs.h"
#include "envs/with_task.h"
#include "sim/robot.h"

namespace fleet::envs {
namespace {

template <class Task>
sim::ModelPtr model_for(const typename Task::Config& config, const std::string& third_party_dir) {
  if constexpr (requires { Task::kModelFile; }) {
    return sim::load_model(third_party_dir + '/' + tasks::kGymModelFolder + '/' +
                           Task::kModelFile);
  } else if constexpr (requires { Task::load_model(config, third_party_dir); }) {
    return Task::load_model(config, third_party_dir);
  } else if constexpr (requires { Task::build_model(config); }) {
    return Task::build_model(config);
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
  EnvConfig bare = config;
  bare.volley.pictures = false;  // shapes that touch nothing only cost time
  sim::ModelPtr model = make_model(bare, third_party_dir);
  if (config.options.backend == Backend::kLanes) {
    return make_lanes_env(config, std::move(model));
  }
  return with_task(config, [&]<class Task>(const typename Task::Config& task) {
    std::unique_ptr<BatchEnv> env =
        std::make_unique<MujocoEnv<Task>>(task, config.options, std::move(model));
    return env;
  });
}

}  // namespace fleet::envs
