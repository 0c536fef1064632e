#include "apps/file_policy.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/contract_fit.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

using onnx_files::PolicyFile;
using onnx_files::PolicyRecord;

constexpr double kMjlabRounding = 5.1e-4;  // its exporter writes three decimals

/// Numbers that three decimals cannot tell from the task's become the task's.
std::vector<double> settle(std::vector<double> said, const std::vector<double>& task) {
  for (std::size_t i = 0; i < said.size() && i < task.size(); ++i) {
    said[i] = std::abs(said[i] - task[i]) <= kMjlabRounding ? task[i] : said[i];
  }
  return said;
}

/// The file's side of the contract; what mjlab's keys do not tell is taken to be as in the task.
envs::EnvSpec spec_of(const PolicyFile& policy, const envs::EnvSpec& task) {
  envs::EnvSpec spec = task;
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

/// Delays are told by our own files alone.
void compare_delays(const PolicyFile& policy, const envs::EnvOptions& options, ContractFit& fit) {
  if (policy.is_ours && policy.record->action_delay != options.action_delay) {
    fit.differences.emplace_back("action_delay");
  }
  if (policy.is_ours && policy.record->observation_delay != options.observation_delay) {
    fit.differences.emplace_back("observation_delay");
  }
}

ContractFit compare(const PolicyFile& policy, const envs::EnvOptions& options,
                    const envs::EnvSpec& task) {
  const PolicyGraph& graph = policy.onnx.graph;
  ContractFit fit;
  if (policy.record) {
    fit = compare_contracts(spec_of(policy, task), task);
  } else {
    fit.differences = {"all but its sizes, of which the file says nothing"};
  }
  compare_delays(policy, options, fit);
  if (fit.misfit.empty() && graph.input_dim != task.observations[0].dim()) {
    fit.misfit = fmt::format("it has {} observations instead of {}", task.observations[0].dim(),
                             graph.input_dim);
  }
  if (fit.misfit.empty() && graph.output_dim != task.action_dim) {
    fit.misfit = fmt::format("it has {} actions instead of {}", task.action_dim, graph.output_dim);
  }
  return fit;
}

}  // namespace

FilePolicy load_file_policy(const std::string& file, const std::string& task) {
  FilePolicy policy{.file = file, .contents = onnx_files::load_policy_file(file), .task = task};
  if (!task.empty()) {
    return policy;
  }
  if (!policy.contents.is_ours) {
    throw UserError(file + ": does not say which task it was made for; name one by --task");
  }
  const onnx_files::Provenance& from = policy.contents.record->provenance;
  policy.task = from.judged_on.empty() ? from.task : from.judged_on;
  return policy;
}

void shape_task(const FilePolicy& policy, envs::EnvConfig& config) {
  config.velocity.action_bound = INFINITY;
  if (policy.contents.record) {
    const PolicyRecord& record = *policy.contents.record;
    config.velocity.action_bound = record.contract.action_bound.front();
    const auto sees = [&](const char* term) {
      return std::ranges::find(record.observation, term, &ObservationTerm::name) !=
             record.observation.end();
    };
    config.velocity.observe_base_lin_vel = sees("base_lin_vel");
    config.volley.observe_aim =
        config.volley.kind != tasks::VolleyKind::kAimedHit && sees("meeting");
    config.volley.drone.interface = record.contract.action_names.front() == "roll_rate"
                                        ? tasks::DroneInterface::kBodyRate
                                        : tasks::DroneInterface::kRotorThrust;
  }
}

void require_fit(const FilePolicy& policy, const envs::EnvOptions& options,
                 const envs::EnvSpec& spec) {
  const ContractFit fit = compare(policy.contents, options, spec);
  if (!fit.misfit.empty()) {
    throw UserError(fmt::format("{}: cannot act in {}: {}", policy.file, policy.task, fit.misfit));
  }
  if (!fit.differences.empty()) {
    fmt::print(stderr,
               "fleet: warning: the control contract of the file may be another than the "
               "task's: {}\n",
               fmt::join(fit.differences, ", "));
  }
}

}  // namespace fleet
