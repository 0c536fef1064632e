#include <cstdio>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/evaluation.h"
#include "apps/files/atomic_write.h"
#include "apps/interrupt.h"
#include "apps/run_folder.h"
#include "apps/session.h"

namespace fleet {
namespace {

constexpr int kVelocityEpisodes = 1024;
constexpr int kOtherEpisodes = 100;

std::string judged_task(const RunConfig& run, const EvalArguments& arguments) {
  return !arguments.task.empty()          ? arguments.task
         : !run.train.evaluate_on.empty() ? run.train.evaluate_on
                                          : run.name;
}

/// The task as it is specified, whatever the run trained on and on MuJoCo's own physics unless told
/// otherwise; only what shapes observations and actions is the run's own.
envs::EnvConfig judged_on(const RunConfig& run, const EvalArguments& arguments) {
  envs::EnvConfig config =
      load_run_config(judged_task(run, arguments), {"", on_mujoco(arguments.assignments)}).env;
  config.velocity.observe_base_lin_vel = run.env.velocity.observe_base_lin_vel;
  config.velocity.action_bound = run.env.velocity.action_bound;
  config.volley.drone.interface = run.env.volley.drone.interface;
  const int episodes = arguments.episodes > 0      ? arguments.episodes
                       : config.task == "velocity" ? kVelocityEpisodes
                                                   : kOtherEpisodes;
  config = evaluation_config(config, episodes);
  config.options.num_threads = arguments.num_threads;
  return config;
}

}  // namespace

int eval(const EvalArguments& arguments) {
  const std::string folder = find_run(arguments.run);
  RunConfig config = load_run_folder(folder, {});
  config.env.options.num_threads = arguments.num_threads;
  const envs::EnvConfig judged = judged_on(config, arguments);
  const auto env = build_env(judged);
  const auto agent = make_actor(config, env->spec());
  load_policy(folder, *agent);
  Evaluation result = evaluate(*env, *agent, arguments.seed);
  if (is_interrupted()) {
    fmt::print("Evaluation interrupted; repeat it with: ./fleet eval {}\n", folder);
    return 1;
  }
  result.task = judged_task(config, arguments);
  result.backend = name_of(judged.options.backend);
  if (arguments.json == "-") {
    fmt::print("{}", to_json(result));
    return 0;
  }
  fmt::print("{}", to_table(result));
  if (result.clip_fraction > 0.01) {
    fmt::print("Warning: more than 1 % of the action components are outside the bound\n");
  }
  if (!arguments.json.empty()) {
    files::atomic_write(arguments.json, to_json(result));
  }
  return 0;
}

}  // namespace fleet
