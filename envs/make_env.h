#pragma once

#include <memory>
#include <string>

#include "envs/batch_env.h"
#include "envs/env_options.h"
#include "sim/model.h"
#include "tasks/gym/gym_config.h"
#include "tasks/playground/joystick_config.h"
#include "tasks/velocity/velocity_config.h"
#include "tasks/volley/volley_config.h"

namespace fleet::envs {

/// Everything that defines a batch of envs. `task` says which of the task configs counts.
struct EnvConfig {
  std::string
      task;  ///< "velocity", "volley", or the kName of a task of tasks/gym, tasks/playground
  EnvOptions options;
  tasks::VelocityConfig velocity;
  tasks::VolleyConfig volley;
  tasks::HalfCheetahConfig half_cheetah;
  tasks::HopperConfig hopper;
  tasks::Walker2dConfig walker2d;
  tasks::AntConfig ant;
  tasks::HumanoidConfig humanoid;
  tasks::HumanoidStandupConfig humanoid_standup;
  tasks::Go1JoystickConfig go1_joystick;
  tasks::G1JoystickConfig g1_joystick;

  void fields(auto&& visit) {
    visit("task", task);
    visit("options", options);
    visit_task(*this, visit);
  }

  /// Visits the config of the chosen task only: the others mean nothing here.
  static void visit_task(auto& config, auto&& visit) {
    const std::string& task = config.task;
    const auto offer = [&](const char* name, auto& member) {
      if (task == name) {
        visit(name, member);
      }
    };
    offer("velocity", config.velocity);
    offer("volley", config.volley);
    offer("half_cheetah", config.half_cheetah);
    offer("hopper", config.hopper);
    offer("walker2d", config.walker2d);
    offer("ant", config.ant);
    offer("humanoid", config.humanoid);
    offer("humanoid_standup", config.humanoid_standup);
    offer("go1_joystick", config.go1_joystick);
    offer("g1_joystick", config.g1_joystick);
  }

  /// How long the task's training curriculum lasts, in control steps of the batch; 0: none.
  int curriculum_steps() const {
    int steps = 0;
    visit_task(*this, [&](const char* /*name*/, const auto& of_task) {
      if constexpr (requires { of_task.curriculum; }) {
        steps = of_task.curriculum.steps;
      }
    });
    return steps;
  }
};

/// Compiles the task's model. @param third_party_dir the folder that models are found below
/// @throws std::runtime_error with one line if the task, a file or a name is unknown
sim::ModelPtr make_model(const EnvConfig& config, const std::string& third_party_dir);

/// Builds the batch on the backend that the options name. @throws as make_model, and if our engine
/// does not support the model
std::unique_ptr<BatchEnv> make_env(const EnvConfig& config, const std::string& third_party_dir);

}  // namespace fleet::envs
