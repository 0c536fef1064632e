#include "apps/onnx/deploy_yaml.h"

#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fleet::onnx_files {
namespace {

template <class T>
std::string list(const std::vector<T>& values) {
  return fmt::format("[{}]", fmt::join(values, ", "));
}

/// The controllers' name of an observation.
std::string name_of(const ObservationTerm& term) {
  static const std::map<std::string, std::string> names{{"command", "velocity_commands"},
                                                        {"joint_pos", "joint_pos_rel"},
                                                        {"joint_vel", "joint_vel_rel"},
                                                        {"actions", "last_action"}};
  const auto found = names.find(term.name);
  return found == names.end() ? term.name : found->second;
}

std::string observation_yaml(const ObservationTerm& term) {
  const std::vector<double> scale(static_cast<std::size_t>(term.dim), term.scale);
  return fmt::format(
      "  {}:\n    params: {}\n    clip: null\n    scale: {}\n    history_length: 1\n",
      name_of(term), term.name == "command" ? "{command_name: base_velocity}" : "{}", list(scale));
}

/// [[lower, upper], ...] rad, or null where a joint has no stop: the controllers clip what scale
/// and offset have made of an action. The bound of actions is inside the graph.
std::string clip_yaml(const PolicyContract& contract) {
  std::vector<std::string> pairs;
  for (std::size_t j = 0; j < contract.hard_lower.size(); ++j) {
    const std::vector<double> range{contract.hard_lower[j], contract.hard_upper[j]};
    if (!std::isfinite(range[0]) || !std::isfinite(range[1])) {
      return "null";
    }
    pairs.push_back(list(range));
  }
  return pairs.empty() ? "null" : list(pairs);
}

}  // namespace

std::string deploy_yaml(const PolicyRecord& record) {
  const PolicyContract& contract = record.contract;
  std::vector<int> joint_ids(contract.action_names.size());
  std::iota(joint_ids.begin(), joint_ids.end(), 0);
  std::string yaml = fmt::format("joint_ids_map: {}\n", list(joint_ids));
  yaml += fmt::format("step_dt: {}\n", contract.control_period);
  yaml += fmt::format("stiffness: {}\n", list(contract.stiffness));
  yaml += fmt::format("damping: {}\n", list(contract.damping));
  yaml += fmt::format("default_joint_pos: {}\n", list(contract.action_offset));
  yaml += "commands:\n";
  if (!contract.command_names.empty()) {
    yaml += "  base_velocity:\n    ranges:\n";
    for (std::size_t i = 0; i < contract.command_names.size(); ++i) {
      yaml += fmt::format("      {}: [{}, {}]\n", contract.command_names[i],
                          contract.command_lower[i], contract.command_upper[i]);
    }
    yaml += "      heading: null\n";
  }
  yaml += "actions:\n  JointPositionAction:\n";
  yaml += fmt::format("    clip: {}\n", clip_yaml(contract));
  yaml += fmt::format("    joint_names: {}\n", list(contract.action_names));
  yaml += fmt::format("    scale: {}\n", list(contract.action_scale));
  yaml += fmt::format("    offset: {}\n    joint_ids: null\n", list(contract.action_offset));
  yaml += "observations:\n";
  for (const ObservationTerm& term : record.observation) {
    yaml += observation_yaml(term);
  }
  return yaml;
}

}  // namespace fleet::onnx_files
