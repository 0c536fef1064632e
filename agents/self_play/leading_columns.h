#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "agents/agent.h"

namespace fleet::agents {

/// A policy that only acts, in envs whose rows hold more than it was trained to see: it is shown
/// their first columns.
class LeadingColumns final : public Agent {
 public:
  /// @param observation_dim of the policy
  LeadingColumns(std::unique_ptr<Agent> policy, int observation_dim)
      : policy_(std::move(policy)), observation_dim_(observation_dim) {}

  void start(envs::BatchEnv& env) override { policy_->start(env); }
  IterationReport iterate(envs::BatchEnv& env) override { return policy_->iterate(env); }
  void act(BatchView<const float> observation, BatchView<float> action) const override;
  PolicyGraph graph() const override { return policy_->graph(); }
  Fields state() override { return policy_->state(); }
  void restore() override { policy_->restore(); }
  Fields policy() override { return policy_->policy(); }

 private:
  std::unique_ptr<Agent> policy_;
  int observation_dim_;
};

}  // namespace fleet::agents
