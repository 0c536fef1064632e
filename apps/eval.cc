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

/// The env config that a policy is judged on: the run's own, or that of another task.
envs::EnvConfig judged_on(const RunConfig& run, const EvalArguments& arguments) {
  envs::EnvConfig config =
      arguments.task.empty() ? run.env : load_run_config(arguments.task, {}).env;
  const int episodes = arguments.episodes > 0         ? arguments.episodes
                       : config.task == "velocity" ? kVelocityEpisodes
                                                      : kOtherEpisodes;
  config = evaluation_config(config, episodes);
  config.options.num_threads = arguments.num_threads;
  return config;
}

}  // namespace

int eval(const EvalArguments& arguments) {
  const std::string folder = find_run(arguments.run);
  const RunConfig config = load_run_folder(folder, arguments.assignments);
  const auto env = build_env(judged_on(config, arguments));
  const auto agent = make_actor(config, env->spec());
  load_policy(folder, *agent);
  Evaluation result = evaluate(*env, *agent, arguments.seed);
  if (is_interrupted()) {
    fmt::print("Evaluation interrupted; repeat it with: ./fleet eval {}\n", folder);
    return 1;
  }
  result.task = arguments.task.empty() ? config.name : arguments.task;
  if (arguments.json == "-") {
    fmt::print("{}", to_json(result));
    return 0;
  }
  fmt::print("{}", to_table(result));
  if (!arguments.json.empty()) {
    files::atomic_write(arguments.json, to_json(result));
  }
  return 0;
}

}  // namespace fleet
