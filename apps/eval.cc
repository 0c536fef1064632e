#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/evaluation.h"
#include "apps/file_policy.h"
#include "apps/files/atomic_write.h"
#include "apps/interrupt.h"
#include "apps/judged_env.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "cuda/graph_evaluator.h"

namespace fleet {
namespace {

/// A policy that is to be judged, and the envs to judge it in.
struct Candidate {
  std::string name;  ///< for a hint how to repeat it
  std::string task;  ///< that it is judged on
  std::string backend{};
  std::unique_ptr<envs::BatchEnv> env{};
  Act act{};
};

Candidate candidate_from_run(const EvalArguments& arguments) {
  const std::string folder = find_run(arguments.run);
  RunConfig config = load_run_folder(folder, {});
  config.env.options.num_threads = arguments.num_threads;
  const envs::EnvConfig judged = judged_config(config, arguments);
  Candidate candidate{.name = folder, .task = judged_task(config, arguments)};
  candidate.backend = name_of(judged.options.backend);
  candidate.env = build_env(judged);
  check_contract(config, spec_of_one(config.env), judged, candidate.env->spec());
  const std::shared_ptr<agents::Agent> agent = make_actor(config, candidate.env->spec());
  load_policy(folder, *agent);
  candidate.act = [agent](BatchView<const float> observation, BatchView<float> action) {
    agent->act(observation, action);
  };
  return candidate;
}

Candidate candidate_from_file(const EvalArguments& arguments) {
  const FilePolicy policy = load_file_policy(arguments.run, arguments.task);
  RunConfig run = load_run_config(policy.task, {});
  shape_task(policy, run.env);
  EvalArguments on_task = arguments;
  on_task.task = policy.task;
  const envs::EnvConfig config = judged_config(run, on_task);
  Candidate candidate{.name = arguments.run, .task = policy.task};
  candidate.env = build_env(config);
  require_fit(policy, config.options, candidate.env->spec());
  candidate.backend = name_of(config.options.backend);
  const auto evaluator = std::make_shared<kernels::GraphEvaluator>(policy.contents.onnx.graph);
  candidate.act = [evaluator](BatchView<const float> observation, BatchView<float> action) {
    evaluator->evaluate(observation, action);
  };
  return candidate;
}

}  // namespace

int eval(const EvalArguments& arguments) {
  files::require_writable(arguments.json);
  catch_interrupts();
  const Candidate candidate = arguments.run.ends_with(".onnx") ? candidate_from_file(arguments)
                                                               : candidate_from_run(arguments);
  Evaluation result = evaluate(*candidate.env, candidate.act, arguments.seed);
  if (is_interrupted()) {
    fmt::print("Evaluation interrupted; repeat it with: ./fleet eval {}\n", candidate.name);
    return 1;
  }
  result.task = candidate.task;
  result.backend = candidate.backend;
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
