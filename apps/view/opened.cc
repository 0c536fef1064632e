#include "apps/view/opened.h"

#include <functional>

#include <fmt/format.h>
#include <sys/resource.h>

#include "apps/divergence_dump.h"
#include "apps/evaluation.h"
#include "apps/file_policy.h"
#include "apps/session.h"
#include "apps/user_error.h"
#include "apps/view/subject.h"
#include "apps/view/world/onnx_policy.h"
#include "apps/view/world/recording.h"
#include "apps/view/world/run_policy.h"

namespace fleet::view {
namespace {

void require_mujoco(const RunConfig& config) {
  if (config.env.options.backend != envs::Backend::kMujoco) {
    throw UserError(
        "options.backend: the visualizer simulates on mujoco alone, whatever a policy trained on");
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

/// To be simulated beside a training.
RunConfig prepared(RunConfig config, const Arguments& arguments) {
  require_mujoco(config);
  config.env = evaluation_config(config.env, arguments.num_envs);
  config.env.options.num_threads = 1;  // a training needs the others
  return config;
}

/// Makes the policy of the envs that were built.
using MakePolicy = std::function<std::unique_ptr<Policy>(const envs::EnvSpec&)>;

/// @param make_policy empty: there is none
void add_simulation(const Arguments& arguments, const MakePolicy& make_policy, Opened& opened) {
  auto simulation = std::make_unique<Simulation>(opened.config, *opened.model, arguments.seed);
  if (arguments.actor == "trained" && !make_policy) {
    throw UserError(arguments.subject +
                    ": has no trained policy; --agent zero or random acts without");
  }
  if (make_policy) {
    opened.policy = make_policy(simulation->spec());
    simulation->set_policy(opened.policy.get());
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

/// What simulates, or a recording of it.
void add_worlds(const Arguments& arguments, const MakePolicy& make_policy, Opened& opened) {
  add_model(opened);
  if (arguments.replay.empty()) {
    add_simulation(arguments, make_policy, opened);
  } else {
    add_recording(arguments, opened);
  }
}

/// A run, or the policy that is shipped for a task. @param is_users the former: it has curves
void add_run(const Arguments& arguments, const std::string& folder, bool is_users, Opened& opened) {
  opened.config = prepared(load_run_folder(folder, on_mujoco(arguments.assignments)), arguments);
  add_worlds(
      arguments,
      [&](const envs::EnvSpec& spec) {
        return std::make_unique<RunPolicy>(folder, opened.config, spec);
      },
      opened);
  if (is_users) {
    opened.curves = std::make_unique<LearningCurves>(folder + "/progress.jsonl");
    opened.curves->poll();
    constexpr int kNice = 10;
    setpriority(PRIO_PROCESS, 0, kNice);  // the run may still be training: this gives way to it
  }
}

void add_task(const Arguments& arguments, Opened& opened) {
  opened.config = prepared(
      load_run_config(arguments.subject, {"", on_mujoco(arguments.assignments)}), arguments);
  add_worlds(arguments, nullptr, opened);
}

/// A policy that was exported, in its task.
void add_onnx(const Arguments& arguments, const std::string& file, Opened& opened) {
  const FilePolicy policy = load_file_policy(file, arguments.task);
  RunConfig config = load_run_config(policy.task, {"", on_mujoco(arguments.assignments)});
  shape_task(policy, config.env);
  opened.config = prepared(std::move(config), arguments);
  add_worlds(
      arguments,
      [&](const envs::EnvSpec& spec) {
        return std::make_unique<OnnxPolicy>(policy, opened.config.env.options, spec);
      },
      opened);
}

}  // namespace

Opened open(const Arguments& arguments) {
  Opened opened;
  opened.title = "fleet-view: " + arguments.subject;
  const Subject subject = find_subject(arguments.subject);
  if (!arguments.task.empty() && subject.kind != Subject::Kind::kOnnx) {
    throw UserError("--task: is for .onnx files");
  }
  switch (subject.kind) {
    case Subject::Kind::kRun:
    case Subject::Kind::kShipped:
      add_run(arguments, subject.path, subject.kind == Subject::Kind::kRun, opened);
      break;
    case Subject::Kind::kOnnx:
      add_onnx(arguments, subject.path, opened);
      break;
    case Subject::Kind::kDivergence:
      add_diverged_world(arguments, opened);
      break;
    case Subject::Kind::kTask:
      add_task(arguments, opened);
      break;
  }
  opened.worlds->pose(0, *opened.model, *opened.data);
  return opened;
}

}  // namespace fleet::view
