#pragma once

#include <memory>
#include <string>

#include "agents/agent.h"
#include "apps/run_config.h"
#include "apps/view/world/policy.h"

namespace fleet::view {

/// The policy in a run's folder, which a training may be writing; or its team of skills.
class RunPolicy final : public Policy {
 public:
  /// @throws files::FileError, UserError if there is no policy that fits the task
  RunPolicy(const std::string& folder, const RunConfig& config, const envs::EnvSpec& spec);

  void act(BatchView<const float> observation, BatchView<float> action) const override {
    agent_->act(observation, action);
  }
  /// That of the run's newest checkpoint; a policy alone has no critic.
  void value(const std::vector<BatchView<float>>& observation,
             std::span<float> value) const override {
    agent_->value(observation, value);
  }

 private:
  void load() override;
  void load_critic();

  std::string folder_;
  std::unique_ptr<agents::Agent> agent_;
};

}  // namespace fleet::view
