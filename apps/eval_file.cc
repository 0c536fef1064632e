#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/candidate.h"
#include "apps/contract_fit.h"
#include "apps/judged_env.h"
#include "apps/onnx/policy_file.h"
#include "apps/session.h"
#include "apps/user_error.h"
#include "cuda/graph_evaluator.h"

namespace fleet {
namespace {

using onnx_files::PolicyFile;
using onnx_files::PolicyRecord;

constexpr double kMjlabRounding = 5.1e-4;  // its exporter writes three decimals

std::string task_of(const PolicyFile& policy, const EvalArguments& arguments) {
  if (!arguments.task.empty()) {
    return arguments.task;
  }
  if (!policy.is_ours) {
    throw UserError(arguments.run +
                    ": does not say which task it was made for; name one by --task");
  }
  const onnx_files::Provenance& from = policy.record->provenance;
  return from.judged_on.empty() ? from.task : from.judged_on;
}

/// Numbers that three decimals cannot tell from the task's become the task's.
std::vector<double> settle(std::vector<double> said, const std::vector<double>& task) {
  for (std::size_t i = 0; i < said.size() && i < task.size(); ++i) {
    said[i] = std::abs(said[i] - task[i]) <= kMjlabRounding ? task[i] : said[i];
  }
  return said;
}

/// The file's side of the contract; what mjlab's keys do not tell is taken to be as in the task.
envs::EnvSpec spec_of(const PolicyFile& policy, const envs::EnvSpec& judged) {
  envs::EnvSpec spec = judged;
  const PolicyRecord& record = *policy.record;
  spec.observations[0].terms = record.observation;
  if (policy.is_ours) {
    spec.contract = record.contract;
    return spec;
  }
  const PolicyContract& said = record.contract;
  PolicyContract& to = spec.contract;
  to.action_names = said.action_names;
  to.action_bound = said.action_bound;
  to.action_scale = settle(said.action_scale, to.action_scale);
  to.action_offset = settle(said.action_offset, to.action_offset);
  to.stiffness = settle(said.stiffness, to.stiffness);
  to.damping = settle(said.damping, to.damping);
  return spec;
}

/// @param options of the envs that judge, `judged`
void require_fit(const std::string& file, const PolicyFile& policy, const envs::EnvOptions& options,
                 const envs::EnvSpec& judged) {
  const PolicyGraph& graph = policy.onnx.graph;
  ContractFit fit;
  if (policy.record) {
    fit = compare_contracts(spec_of(policy, judged), judged);
  } else {
    fit.differences = {"all but its sizes, of which the file says nothing"};
  }
  if (policy.is_ours && policy.record->action_delay != options.action_delay) {
    fit.differences.emplace_back("action_delay");
  }
  if (policy.is_ours && policy.record->observation_delay != options.observation_delay) {
    fit.differences.emplace_back("observation_delay");
  }
  if (fit.misfit.empty() && graph.input_dim != judged.observations[0].dim()) {
    fit.misfit = fmt::format("it has {} observations instead of {}", judged.observations[0].dim(),
                             graph.input_dim);
  }
  if (fit.misfit.empty() && graph.output_dim != judged.action_dim) {
    fit.misfit =
        fmt::format("it has {} actions instead of {}", judged.action_dim, graph.output_dim);
  }
  if (!fit.misfit.empty()) {
    throw UserError(
        fmt::format("{}: cannot act in the task it is to be judged on: {}", file, fit.misfit));
  }
  if (!fit.differences.empty()) {
    fmt::print(stderr,
               "fleet: warning: the control contract of the file may be another than the "
               "task's: {}\n",
               fmt::join(fit.differences, ", "));
  }
}

}  // namespace

Candidate candidate_from_file(const EvalArguments& arguments) {
  const PolicyFile policy = onnx_files::load_policy_file(arguments.run);
  Candidate candidate{.name = arguments.run, .task = task_of(policy, arguments)};
  RunConfig run = load_run_config(candidate.task, {});
  // A policy that knows no bound is judged without one.
  run.env.velocity.action_bound =
      policy.record ? policy.record->contract.action_bound.front() : INFINITY;
  EvalArguments on_task = arguments;
  on_task.task = candidate.task;
  const envs::EnvConfig config = judged_config(run, on_task);
  candidate.env = build_env(config);
  require_fit(arguments.run, policy, config.options, candidate.env->spec());
  candidate.backend = name_of(config.options.backend);
  const auto evaluator = std::make_shared<kernels::GraphEvaluator>(policy.onnx.graph);
  candidate.act = [evaluator](BatchView<const float> observation, BatchView<float> action) {
    evaluator->evaluate(observation, action);
  };
  return candidate;
}

}  // namespace fleet
