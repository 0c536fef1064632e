// deploy: runs an exported policy as a robot would, against plain mj_step. deploy --help lists the
// options.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/config/config_node.h"
#include "apps/config/config_reader.h"
#include "apps/deploy/closed_loop.h"
#include "apps/exit_code.h"
#include "apps/files/atomic_write.h"
#include "apps/onnx/policy_file.h"
#include "apps/usage_error.h"
#include "apps/user_error.h"

namespace fleet::deploy {
namespace {

struct Arguments {
  std::string policy;
  std::string scenario = "all";
  std::string json;
  LoopConfig loop;
};

std::string root_folder() {
  const char* const root = std::getenv("FLEET_ROOT");
  return root != nullptr ? root : FLEET_SOURCE_DIR;
}

/// The robot that the contract names. @throws UserError if the name is none of configs/robots
sim::RobotConfig load_robot(const std::string& name) {
  const bool is_plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
  if (name.empty() || !is_plain) {
    throw UserError("the policy's contract names no robot of configs/robots");
  }
  sim::RobotConfig robot;
  config::read_config(config::load_yaml(root_folder() + "/configs/robots/" + name + ".yaml"),
                      robot);
  return robot;
}

std::vector<Scenario> chosen(const std::string& name) {
  const std::vector<Scenario> all = standard_scenarios();
  std::string known;
  for (const Scenario& scenario : all) {
    if (name == scenario.name) {
      return {scenario};
    }
    known += ", '" + scenario.name + "'";
  }
  if (name != "all") {
    throw UserError("no scenario is called '" + name + "'; there are 'all'" + known);
  }
  return all;
}

double figure(const onnx_files::PolicyRecord& record, const std::string& name) {
  const auto found = record.provenance.figures.find(name);
  return found == record.provenance.figures.end() ? std::nan("") : found->second;
}

void print_heading(const onnx_files::PolicyRecord& record) {
  fmt::print("{:<22} {:>12} {:>14} {:>14} {:>30}\n", "closed loop", "falls", "linear error",
             "yaw error", "clamped: position rate torque");
  fmt::print("{:<22} {:>10.2f} % {:>10.3f} m/s {:>8.3f} rad/s   (eval on {})\n", "  in training",
             100.0 * figure(record, "fall_rate"), figure(record, "lin_vel_error"),
             figure(record, "yaw_rate_error"), record.provenance.judged_on);
}

double share(std::int64_t count, const ClampCounts& clamps) {
  return 100.0 * static_cast<double>(count) /
         static_cast<double>(std::max<std::int64_t>(1, clamps.targets));
}

void print_result(const LoopResult& result) {
  const ClampCounts& clamps = result.clamps;
  fmt::print(
      "  {:<20} {:>6} of {:<3} {:>9.3f} m/s {:>8.3f} rad/s {:>14.2f} % {:5.2f} % {:5.2f} %\n",
      result.scenario, result.falls, result.episodes, result.lin_vel_error, result.yaw_rate_error,
      share(clamps.position, clamps), share(clamps.rate, clamps), share(clamps.torque, clamps));
}

nlohmann::ordered_json to_json(const LoopResult& result) {
  return {{"scenario", result.scenario},
          {"episodes", result.episodes},
          {"falls", result.falls},
          {"lin_vel_error", result.lin_vel_error},
          {"yaw_rate_error", result.yaw_rate_error}};
}

nlohmann::ordered_json to_json(const LatencyLog& latency) {
  nlohmann::ordered_json json;
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    const auto stage = static_cast<Stage>(i);
    json[kStages[i]] = {{"p50_us", latency.quantile(stage, 0.5)},
                        {"p99_us", latency.quantile(stage, 0.99)},
                        {"p99.9_us", latency.quantile(stage, 0.999)}};
  }
  return json;
}

int run(const Arguments& arguments) {
  files::require_writable(arguments.json);
  const std::vector<Scenario> scenarios = chosen(arguments.scenario);
  const onnx_files::PolicyFile policy = onnx_files::load_policy_file(arguments.policy);
  Runner(policy, arguments.loop.runner);  // refuses what is no legged robot's policy
  const onnx_files::PolicyRecord& record = *policy.record;
  if (record.contract.command_names.size() != 3) {
    throw UserError("the closed loop judges policies that follow (vx, vy, wz); this one does not");
  }
  sim::initialise_mujoco();
  const sim::RobotConfig robot = load_robot(record.contract.robot);
  LatencyLog latency(1'000'000);
  nlohmann::ordered_json json;
  print_heading(record);
  for (const Scenario& scenario : scenarios) {
    const LoopResult result = run_scenario(
        policy, robot, scenario, root_folder() + "/third_party/assets", arguments.loop, latency);
    print_result(result);
    json["closed_loop"].push_back(to_json(result));
  }
  json["latency"] = to_json(latency);
  fmt::print("{}", latency.to_table());
  if (!arguments.json.empty()) {
    files::atomic_write(arguments.json, json.dump(2) + "\n");
  }
  return 0;
}

void add_options(CLI::App& app, Arguments& arguments) {
  LoopConfig& loop = arguments.loop;
  SafetyConfig& safety = loop.runner.safety;
  app.add_option("policy", arguments.policy, "A file that `fleet export` wrote")->required();
  app.add_option("--scenario", arguments.scenario, "One line of the table; default all");
  app.add_option("--episodes", loop.episodes, "Of each scenario")->check(whole_number(1, 100'000));
  app.add_option("--seconds", loop.seconds, "Of an episode")->check(CLI::Range(0.1, 3600.0));
  app.add_option("--seed", loop.seed, "Of commands and pushes")->check(whole_number(0));
  app.add_option("--command", loop.command, "Fixed command vx,vy,wz (m/s, m/s, rad/s)")
      ->delimiter(',')
      ->expected(3);
  app.add_option("--ramp", loop.runner.ramp_time, "s to the default pose")
      ->check(CLI::Range(0.02, 60.0));
  app.add_option("--max-tilt", safety.max_tilt, "rad, beyond it the motors brake")
      ->check(CLI::Range(0.1, 3.2));
  app.add_option("--max-state-age", safety.max_state_age, "s, likewise")
      ->check(CLI::Range(0.001, 10.0));
  app.add_option("--max-target-step", safety.max_target_step,
                 "How far a target may move in a step, in units of effort limit / stiffness")
      ->check(CLI::Range(0.01, 1000.0));
  app.add_flag("--clamp-targets", safety.clamp_targets,
               "Keep targets between the joints' stops, too; training does not");
  app.add_option("--json", arguments.json, "File for the figures");
}

int main_of(int argc, char** argv) {
  CLI::App app("Runs an exported policy as a robot would, against plain mj_step.", "deploy");
  Arguments arguments;
  add_options(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help
      return app.exit(error);
    }
    throw UserError(usage_error(app, error));
  }
  return run(arguments);
}

}  // namespace
}  // namespace fleet::deploy

int main(int argc, char** argv) {
  return fleet::exit_code_of([&] { return fleet::deploy::main_of(argc, argv); });
}
