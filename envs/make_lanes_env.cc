#include "envs/make_lanes_env.h"

#include "envs/lanes_env.h"
#include "envs/playground_envs.h"
#include "envs/volley_envs.h"
#include "envs/with_task.h"

namespace fleet::envs {

std::unique_ptr<BatchEnv> make_lanes_env(const EnvConfig& config, sim::ModelPtr model) {
  return with_task(config, [&]<class Task>(const typename Task::Config& task) {
    std::unique_ptr<BatchEnv> env =
        std::make_unique<LanesEnv<Task>>(task, config.options, std::move(model));
    return env;
  });
}

}  // namespace fleet::envs
