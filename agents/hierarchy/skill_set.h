#pragma once

#include <memory>
#include <span>
#include <vector>

#include "agents/agent.h"
#include "cuda/batch_view.h"

namespace fleet::agents {

/// Frozen skills that share the rows of a batch. One caller at a time.
class SkillSet {
 public:
  /// @param dims numbers that each skill observes
  SkillSet(std::vector<std::unique_ptr<Agent>> skills, std::vector<int> dims);

  /// The most numbers that a skill observes.
  int max_dim() const;

  /// @param skill (num_rows) which acts  @param shown (num_rows, max_dim()) to it: the first of
  /// these numbers, as many as it observes  @param action (num_rows, action_dim)
  void act(std::span<const int> skill, BatchView<const float> shown, BatchView<float> action);

  /// Of all skills: <number>/<name>.
  Fields policy();
  void restore();

 private:
  void act_one(std::size_t k, BatchView<const float> shown, BatchView<float> action);

  std::vector<std::unique_ptr<Agent>> skills_;
  std::vector<int> dims_;
  std::vector<int> rows_;  // of one skill
  std::vector<float> shown_, action_;
};

}  // namespace fleet::agents
