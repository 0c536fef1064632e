#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/deploy/runner.h"
#include "apps/deploy/stand_in.h"

namespace fleet::deploy {

struct LoopConfig {
  RunnerConfig runner;
  int episodes = 16;
  double seconds = 20.0;  ///< of each episode, after the ramp
  std::uint64_t seed = 0;
  std::vector<double> command;  ///< fixed; empty: drawn anew every command_period
  double command_period = 5.0;  ///< s
};

/// How a policy did under one scenario. Errors are means over all steps up to a fall.
struct LoopResult {
  std::string scenario;
  int episodes = 0;
  int falls = 0;               ///< episodes that ended by a fault, or in a simulation that diverged
  double lin_vel_error = 0.0;  ///< m/s, of the root in its own frame
  double yaw_rate_error = 0.0;  ///< rad/s
  ClampCounts clamps{};
};

/// Runs the policy against the stand-in, `config.episodes` times.
/// @param latency takes the times of every control step
LoopResult run_scenario(const onnx_files::PolicyFile& policy, const sim::RobotConfig& robot,
                        const Scenario& scenario, const std::string& asset_dir,
                        const LoopConfig& config, LatencyLog& latency);

}  // namespace fleet::deploy
