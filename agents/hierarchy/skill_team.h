#pragma once

#include <memory>
#include <vector>

#include "agents/agent.h"
#include "agents/hierarchy/skill_chooser.h"
#include "agents/hierarchy/skill_set.h"

namespace fleet::agents {

/// A team of frozen skills under a high level. It acts, and does not learn. One caller at a time.
class SkillTeam final : public Agent {
 public:
  /// @param skills by the chooser's numbers
  SkillTeam(std::unique_ptr<SkillChooser> chooser, SkillSet skills);

  /// @throws std::invalid_argument: skills learn, each in its own task
  void start(envs::BatchEnv& env) override;
  IterationReport iterate(envs::BatchEnv& env) override;

  void act(BatchView<const float> observation, BatchView<float> action) const override;
  /// @throws std::invalid_argument: a skill is exported from its own run
  PolicyGraph graph() const override;
  Fields state() override { return policy(); }
  void restore() override { skills_.restore(); }
  Fields policy() override { return skills_.policy(); }

 private:
  std::unique_ptr<SkillChooser> chooser_;
  mutable SkillSet skills_;
  mutable std::vector<int> skill_;
  mutable std::vector<float> shown_;
};

}  // namespace fleet::agents
