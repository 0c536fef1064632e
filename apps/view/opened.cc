#include "apps/view/opened.h"

#include <filesystem>

#include <fmt/format.h>
#include <sys/resource.h>

#include "apps/divergence_dump.h"
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

bool is_dump(const std::string& file) {
  std::error_code ignored;
  return file.ends_with(".safetensors") && fs::is_regular_file(file, ignored);
}

/// The folder with the policy of what the user named; "": it has none.
std::string policy_folder(const Arguments& arguments) {
  const std::string shipped = root_folder() + "/policies/" + arguments.subject;
  if (is_run(arguments.subject)) {
    return arguments.subject;
  }
  return is_run(shipped) ? shipped : "";
}

void require_mujoco(const RunConfig& config) {
  if (config.env.options.backend != envs::Backend::kMujoco) {
    throw UserError("options.backend: the visualizer simulates on mujoco alone");
  }
}

void add_model(Opened& opened) {
  try {
    opened.model = envs::make_model(opened.config.env, root_folder() + "/third_party");
  } catch (const std::runtime_error& error) {
    throw UserError(error.what());  // what makes no model is the config's fault
  }
  opened.data = sim::make_data(*opened.model);
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
  require_mujoco(config);
  config.env = evaluation_config(config.env, arguments.num_envs);
  config.env.options.num_threads = 1;  // a training beside it needs the others
  return config;
}

void add_simulation(const Arguments& arguments, const std::string& folder, Opened& opened) {
  auto simulation = std::make_unique<Simulation>(opened.config, *opened.model, arguments.seed);
  const bool has_policy = !folder.empty();
  if (arguments.actor == "trained" && !has_policy) {
    throw UserError(arguments.subject +
                    ": has no trained policy; --agent zero or random acts without");
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

/// A world that diverged, paused before the fatal step; nobody acts afterwards.
void add_diverged_world(const Arguments& arguments, Opened& opened) {
  const auto dump = std::make_shared<DivergenceDump>(arguments.subject);
  opened.config = dump->config();
  require_mujoco(opened.config);
  if (arguments.world >= dump->num_worlds()) {
    throw UserError(fmt::format("--world: expected 0 to {}; {} holds {} worlds",
                                dump->num_worlds() - 1, arguments.subject, dump->num_worlds()));
  }
  opened.config.env = dump->config_of_one(opened.config.env, arguments.world);
  add_model(opened);
  auto simulation = std::make_unique<Simulation>(opened.config, *opened.model, arguments.seed);
  simulation->begin_from(
      [dump, world = arguments.world](envs::BatchEnv& env) { dump->load(world, env); },
      dump->action(arguments.world, simulation->spec()));
  opened.simulation = simulation.get();
  opened.worlds = std::move(simulation);
  opened.is_paused = true;
}

void add_recording(const Arguments& arguments, Opened& opened) {
  envs::EnvConfig one = opened.config.env;
  one.options.num_envs = 1;
  opened.worlds = std::make_unique<Recording>(arguments.replay, static_cast<int>(opened.model->nq),
                                              build_env(one)->spec().control_period);
}

/// A task, or a run.
void add_task(const Arguments& arguments, Opened& opened) {
  const std::string folder = policy_folder(arguments);
  opened.config = config_of(arguments, folder);
  add_model(opened);
  if (arguments.replay.empty()) {
    add_simulation(arguments, folder, opened);
  } else {
    add_recording(arguments, opened);
  }
  if (folder == arguments.subject && !folder.empty()) {
    opened.curves = std::make_unique<LearningCurves>(folder + "/progress.jsonl");
    opened.curves->poll();
    constexpr int kNice = 10;
    setpriority(PRIO_PROCESS, 0, kNice);  // the run may still be training: this gives way to it
  }
}

}  // namespace

Opened open(const Arguments& arguments) {
  Opened opened;
  opened.title = "fleet-view: " + arguments.subject;
  if (is_dump(arguments.subject)) {
    add_diverged_world(arguments, opened);
  } else {
    add_task(arguments, opened);
  }
  opened.worlds->pose(0, *opened.model, *opened.data);
  return opened;
}

}  // namespace fleet::view
