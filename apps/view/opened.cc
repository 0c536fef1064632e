#include "apps/view/opened.h"

#include <filesystem>

#include "apps/evaluation.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/user_error.h"
#include "apps/view/world/recording.h"

namespace fleet::view {
namespace {

namespace fs = std::filesystem;

bool is_run(const std::string& folder) {
  std::error_code ignored;
  return fs::exists(folder + "/params/run.yaml", ignored);
}

/// The folder with the policy of what the user named; "": it has none.
std::string policy_folder(const Arguments& arguments) {
  const std::string shipped = root_folder() + "/policies/" + arguments.subject;
  if (is_run(arguments.subject)) {
    return arguments.subject;
  }
  return is_run(shipped) ? shipped : "";
}

RunConfig config_of(const Arguments& arguments, const std::string& folder) {
  std::error_code ignored;
  if (folder.empty() && fs::exists(arguments.subject, ignored)) {
    throw UserError(arguments.subject + ": is no run folder (no params/run.yaml in it)" +
                    (arguments.subject.ends_with(".npz")
                         ? "; a recording is opened by TASK --replay FILE"
                         : ""));
  }
  const std::vector<std::string> assignments = on_mujoco(arguments.assignments);
  RunConfig config = folder.empty() ? load_run_config(arguments.subject, {"", assignments})
                                    : load_run_folder(folder, assignments);
  if (config.env.options.backend != envs::Backend::kMujoco) {
    throw UserError("options.backend: the visualizer simulates on mujoco alone");
  }
  config.env = evaluation_config(config.env, arguments.num_envs);
  config.env.options.num_threads = 1;  // a training beside it needs the others
  return config;
}

void add_simulation(const Arguments& arguments, const std::string& folder, Opened& opened) {
  auto simulation = std::make_unique<Simulation>(opened.config, *opened.model, arguments.seed);
  const bool has_policy = !folder.empty();
  if (arguments.actor == "trained" && !has_policy) {
    throw UserError(arguments.subject + ": has no trained policy; --agent zero or random acts without");
  }
  if (has_policy) {
    opened.policy = std::make_unique<PolicyFile>(folder, opened.config, simulation->spec());
    simulation->set_policy(&opened.policy->agent());
    simulation->set_has_value(opened.policy->has_value());
  }
  if (arguments.actor == "zero" || arguments.actor == "random") {
    simulation->set_actor(arguments.actor == "zero" ? Actor::kZero : Actor::kRandom);
  }
  opened.simulation = simulation.get();
  opened.worlds = std::move(simulation);
}

}  // namespace

Opened open(const Arguments& arguments) {
  Opened opened;
  const std::string folder = policy_folder(arguments);
  opened.title = "fleet-view: " + arguments.subject;
  opened.config = config_of(arguments, folder);
  opened.model = envs::make_model(opened.config.env, root_folder() + "/third_party");
  opened.data = sim::make_data(*opened.model);
  if (arguments.replay.empty()) {
    add_simulation(arguments, folder, opened);
  } else {
    envs::EnvConfig one = opened.config.env;
    one.options.num_envs = 1;
    opened.worlds = std::make_unique<Recording>(arguments.replay,
                                                static_cast<int>(opened.model->nq),
                                                build_env(one)->spec().control_period);
  }
  if (folder == arguments.subject && !folder.empty()) {
    opened.curves = std::make_unique<LearningCurves>(folder + "/progress.jsonl");
    opened.curves->poll();
  }
  opened.worlds->pose(0, *opened.model, *opened.data);
  return opened;
}

}  // namespace fleet::view
