#pragma once

#include <span>
#include <string>
#include <vector>

#include "cuda/policy_contract.h"
#include "tasks/volley/rally_rules.h"

// What a learnt high level of a team sees and decides, and when. It decides when a ball was hit or
// came over the net, and moves the rules' plan of that moment; the plan holds until it decides
// again. Where the action is 0, the plan is the rules' own.

namespace fleet::tasks {

class RallyDecision {
 public:
  explicit RallyDecision(const VolleyConfig& config);

  const RallyRules& rules() const { return rules_; }
  /// What it sees of a team, in the team's own frame.
  const ObservationGroup& observation() const { return observation_; }
  /// What it decides, from -1 to 1 each.
  const std::vector<std::string>& action_names() const { return action_names_; }

  /// @param rows (team_size x rules().observation_dim())  @param out (observation().dim())
  void see(std::span<const float> rows, std::span<float> out) const;

  /// @param action (action_names().size()), clipped here
  RallyPlan make_plan(std::span<const float> rows, std::span<const float> action) const;

  /// Whether a decision is due: the ball was hit, came over the net, or is another rally's.
  /// @param before what it was one control step ago
  bool is_due(const Flight<double>& before, const Flight<double>& now) const;

 private:
  RallyRules rules_;
  int team_size_;
  double half_length_, half_width_, net_height_;
  double control_period_;  // s
  ObservationGroup observation_;
  std::vector<std::string> action_names_;
};

}  // namespace fleet::tasks
