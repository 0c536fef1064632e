#include <cstdio>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/commands.h"
#include "apps/files/file_error.h"
#include "apps/onnx/policy_file.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

using onnx_files::PolicyFile;
using onnx_files::PolicyRecord;

std::string operators_of(const PolicyGraph& graph) {
  std::map<std::string, int> counts;
  for (const GraphNode& node : graph.nodes) {
    ++counts[node.op];
  }
  std::string text;
  for (const auto& [op, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, files::one_line(op));
  }
  return text;
}

/// Texts of a file are shown without control characters.
std::string shown(const std::string& text, std::size_t width = 40) {
  return files::one_line(text, width);
}

/// A column that a file may lack.
std::string cell(const std::vector<double>& values, std::size_t i) {
  return i < values.size() ? fmt::format("{:>9.4g}", values[i]) : "        -";
}

void print_graph(const std::string& file, const PolicyFile& policy) {
  const PolicyGraph& graph = policy.onnx.graph;
  fmt::print("{}\n", file);
  fmt::print("  written by        {} (opset {})\n", shown(policy.onnx.producer), policy.onnx.opset);
  fmt::print("  input             {} ({}, {})\n", shown(graph.input),
             policy.onnx.batch > 0 ? std::to_string(policy.onnx.batch) : "any", graph.input_dim);
  fmt::print("  output            {} ({})\n", shown(graph.output), graph.output_dim);
  fmt::print("  operators         {}\n", operators_of(graph));
  fmt::print("  numbers           {}\n", graph.num_constants());
}

void print_provenance(const onnx_files::Provenance& from) {
  fmt::print("  trained on        {} ({}, seed {}{})\n", shown(from.task), shown(from.algorithm),
             from.seed, from.env_steps.empty() ? "" : ", " + shown(from.env_steps) + " env steps");
  for (const auto& [name, value] : from.figures) {
    fmt::print("    {:<22} {:.6g}\n", shown(name), value);
  }
  fmt::print("  policy            sha256 {}\n", shown(from.policy_sha256, 64));
}

void print_actions(const PolicyContract& contract) {
  struct Column {
    const char* name;
    const std::vector<double>& values;
  };
  const Column columns[] = {
      {"offset", contract.action_offset},
      {"scale", contract.action_scale},
      {"bound", contract.action_bound},
      {"kp", contract.stiffness},
      {"kd", contract.damping},
      {"effort", contract.effort_limit},
      {"speed", contract.velocity_limit},
      {"lower", contract.hard_lower},
      {"soft low", contract.position_lower},
      {"soft up", contract.position_upper},
      {"upper", contract.hard_upper},
  };
  fmt::print("  {:<20}", "action");
  for (const Column& column : columns) {
    fmt::print(" {:>9}", column.name);
  }
  fmt::print("\n");
  for (std::size_t i = 0; i < contract.action_names.size(); ++i) {
    fmt::print("    {:<18}", shown(contract.action_names[i], 24));
    for (const Column& column : columns) {
      fmt::print(" {}", cell(column.values, i));
    }
    fmt::print("\n");
  }
  fmt::print("    positions in rad (lower, upper: the stops), speed in rad/s, effort in N m\n");
}

void print_record(const PolicyRecord& record) {
  const PolicyContract& contract = record.contract;
  if (contract.control_period > 0.0) {
    fmt::print("  rate              {:g} Hz ({:g} s per step, physics {:g} s)\n",
               1.0 / contract.control_period, contract.control_period, contract.physics_timestep);
  }
  fmt::print("  observation\n");
  for (const ObservationTerm& term : record.observation) {
    fmt::print("    {:<20} {:>4}  {}\n", shown(term.name),
               term.dim > 0 ? std::to_string(term.dim) : "?",
               shown(term.unit.empty() ? "" : term.unit + ", " + term.frame, 80));
  }
  for (std::size_t i = 0; i < contract.command_names.size(); ++i) {
    fmt::print("  command           {} {:g} to {:g}\n", shown(contract.command_names[i]),
               contract.command_lower[i], contract.command_upper[i]);
  }
  print_actions(contract);
}

}  // namespace

int inspect(const std::string& file, bool as_json) {
  const PolicyFile policy = onnx_files::load_policy_file(file);
  if (as_json) {
    if (!policy.record) {
      throw UserError(file + ": says nothing of its contract: neither Fleet's keys nor mjlab's");
    }
    fmt::print("{}", onnx_files::record_text(*policy.record));
    return 0;
  }
  print_graph(file, policy);
  if (!policy.record) {
    fmt::print("  contract          none: neither Fleet's keys nor mjlab's\n");
    return 0;
  }
  fmt::print("  contract          {}\n",
             policy.is_ours ? "Fleet's, complete" : "mjlab's keys: no limits, no rate, no bounds");
  print_record(*policy.record);
  if (policy.is_ours) {
    print_provenance(policy.record->provenance);
  }
  return 0;
}

}  // namespace fleet
