#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "apps/run_config.h"
#include "envs/batch_env.h"

namespace fleet {

/// Mean errors under one kind of command.
struct CommandErrors {
  std::string command;          ///< "standing", "forward", ...
  double share = 0.0;           ///< of all control steps
  double lin_vel_error = 0.0;   ///< m/s
  double yaw_rate_error = 0.0;  ///< rad/s
};

/// A metric of the task as it stands when an episode ends, over all players of all episodes.
struct MetricSummary {
  std::string name;
  double mean = 0.0;
  double std = 0.0;
};

/// How well a policy does, apart from its training. Tasks with commands have falls and errors, others
/// the metrics that they declare.
struct Evaluation {
  std::string task;
  std::string backend;  ///< whose physics judged
  std::uint64_t seed = 0;
  int num_episodes = 0;
  double return_mean = 0.0;
  double return_std = 0.0;
  double length_mean = 0.0;    ///< control steps
  double clip_fraction = 0.0;  ///< of the episodes' action components outside the bound
  bool has_errors = false;
  double fall_rate = 0.0;
  std::array<double, 2> fall_rate_ci95{};  ///< Wilson
  double lin_vel_error = 0.0;              ///< m/s
  double lin_vel_error_settled = 0.0;      ///< m/s
  double yaw_rate_error = 0.0;             ///< rad/s
  std::vector<CommandErrors> by_command;
  std::vector<MetricSummary> metrics;
};

/// The evaluation envs of a task: random numbers never used in training, fresh randomisation,
/// pushes and noise of the task, command stage 0, and sensors that tell a fall.
envs::EnvConfig evaluation_config(envs::EnvConfig config, int num_episodes);

/// A deterministic policy: observations (n, dim) to actions (n, action_dim), which the env clips.
using Act = std::function<void(BatchView<const float> observation, BatchView<float> action)>;

/// Runs the deterministic policy for one episode in every env of `env`.
/// An episode counts up to its first end; errors count up to the first fall. Ends early, with
/// figures that mean nothing, if the user interrupts.
Evaluation evaluate(envs::BatchEnv& env, const Act& act, std::uint64_t seed);

/// Wilson's 95 % interval of a proportion.
std::array<double, 2> wilson_interval(int count, int total);

std::string to_json(const Evaluation& evaluation);
std::string to_table(const Evaluation& evaluation);

}  // namespace fleet
