#pragma once

#include <memory>
#include <string>

#include "apps/run_config.h"
#include "apps/view/arguments.h"
#include "apps/view/world/learning_curves.h"
#include "apps/view/world/policy.h"
#include "apps/view/world/simulation.h"
#include "apps/view/world/worlds.h"
#include "sim/model.h"

namespace fleet::view {

/// What is shown: a task, with the policy and the curves of a run or the policy of an .onnx file if
/// there is one; a recording; or a world that diverged.
struct Opened {
  std::string title;
  RunConfig config;
  sim::ModelPtr model;  ///< to draw with; never the one that is simulated
  sim::DataPtr data;    ///< of the chosen env
  std::unique_ptr<Worlds> worlds;
  Simulation* simulation = nullptr;        ///< the same worlds; null: a recording
  std::unique_ptr<Policy> policy;          ///< null: none
  std::unique_ptr<LearningCurves> curves;  ///< null: no run of the user's
  bool is_paused = false;                  ///< the user is to let it go on
};

/// @throws UserError, config::ConfigError, files::FileError in one line
Opened open(const Arguments& arguments);

}  // namespace fleet::view
