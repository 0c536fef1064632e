#include "apps/onnx/deploy_yaml.h"

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
  yaml += "    clip: null\n";
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
