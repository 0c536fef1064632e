#pragma once

#include <algorithm>

#include "agents/agent.h"

namespace fleet::test {

/// Learns nothing and keeps nothing.
class PassiveAgent : public agents::Agent {
 public:
  void start(envs::BatchEnv& /*env*/) override {}
  agents::IterationReport iterate(envs::BatchEnv& /*env*/) override { return {}; }
  PolicyGraph graph() const override { return {}; }
  Fields state() override { return {}; }
  void restore() override {}
  Fields policy() override { return {}; }
};

/// Always does the same.
class ConstantAgent final : public PassiveAgent {
 public:
  explicit ConstantAgent(float action) : action_(action) {}
  void act(BatchView<const float> /*observation*/, BatchView<float> action) const override {
    std::fill_n(action.data(), action.size(), action_);
  }

 private:
  float action_;
};

}  // namespace fleet::test
