#pragma once

#include <algorithm>

#include "agents/agent.h"

namespace fleet::test {

/// Always does the same.
class ConstantAgent final : public agents::Agent {
 public:
  explicit ConstantAgent(float action) : action_(action) {}
  void start(envs::BatchEnv& /*env*/) override {}
  agents::IterationReport iterate(envs::BatchEnv& /*env*/) override { return {}; }
  void act(BatchView<const float> /*observation*/, BatchView<float> action) const override {
    std::fill_n(action.data(), action.size(), action_);
  }
  PolicyGraph graph() const override { return {}; }
  Fields state() override { return {}; }
  void restore() override {}
  Fields policy() override { return {}; }

 private:
  float action_;
};

}  // namespace fleet::test
