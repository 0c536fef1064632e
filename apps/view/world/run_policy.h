#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "agents/agent.h"
#include "apps/run_config.h"

namespace fleet::view {

/// The policy in a run's folder, which a training may replace at any time. Reads, never writes.
class PolicyFile {
 public:
  /// @throws files::FileError, UserError if there is no policy that fits the task
  PolicyFile(const std::string& folder, const RunConfig& config, const envs::EnvSpec& spec);

  const agents::Agent& agent() const { return *agent_; }
  /// Of the policy that acts; -1: the file does not say.
  std::int64_t iteration() const { return iteration_; }
  std::int64_t env_steps() const { return env_steps_; }

  /// Whether agent().value() is that of the run's newest checkpoint; a policy alone has no critic.
  bool has_value() const { return has_value_; }

  /// Takes a newer policy over if there is one. One that cannot be read is left, and told of.
  /// @returns whether another policy acts from now on
  bool poll();
  const std::string& problem() const { return problem_; }  ///< "" if the newest could be read

 private:
  void load();
  void load_critic();

  std::string folder_;
  std::string file_;
  std::unique_ptr<agents::Agent> agent_;
  std::filesystem::file_time_type time_{};  // of the file that was read last
  std::int64_t iteration_ = -1;
  std::int64_t env_steps_ = -1;
  bool has_value_ = false;
  std::string problem_;
};

}  // namespace fleet::view
