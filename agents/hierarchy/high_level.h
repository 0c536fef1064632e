#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "agents/agent.h"
#include "agents/hierarchy/skill_chooser.h"
#include "agents/hierarchy/tactics.h"

namespace fleet::agents {

/// A learnt high level: a policy that decides for whole teams whenever its tactics say so.
class HighLevel final : public SkillChooser {
 public:
  /// @param policy of HighLevelEnv
  HighLevel(std::unique_ptr<Tactics> tactics, std::unique_ptr<Agent> policy);

  void choose(BatchView<const float> observation, std::span<int> skill,
              BatchView<float> shown) override;

 private:
  std::unique_ptr<Tactics> tactics_;
  std::unique_ptr<Agent> policy_;
  std::vector<std::uint8_t> decides_;
  std::vector<float> seen_, action_;  // of the teams that decide
};

}  // namespace fleet::agents
