#pragma once

#include <vector>

#include "agents/hierarchy/tactics.h"
#include "tasks/volley/rally_decision.h"

namespace fleet {

/// The tactics of a volleyball team: plans of a rally, from one hit or net crossing to the next.
class VolleyTactics final : public agents::Tactics {
 public:
  /// @param match of teams of two or more
  explicit VolleyTactics(const tasks::VolleyConfig& match);

  int team_size() const override { return team_size_; }
  const ObservationGroup& observation() const override { return decision_.observation(); }
  const std::vector<std::string>& action_names() const override { return decision_.action_names(); }

  void see(BatchView<const float> rows, std::span<float> out) const override {
    decision_.see({rows.data(), rows.size()}, out);
  }
  void find_due(BatchView<const float> rows, std::span<std::uint8_t> decides) override;
  void decide(int team, BatchView<const float> rows, std::span<const float> action) override;
  void order(BatchView<const float> rows, std::span<int> skill,
             BatchView<float> shown) const override;
  Fields state() override;

 private:
  /// What is remembered of a team.
  struct Memory {
    tasks::Flight<double> ball;  // as it was one control step ago
    tasks::RallyPlan plan;
  };

  BatchView<const float> rows_of(BatchView<const float> rows, std::size_t team) const {
    return rows.rows(static_cast<int>(team) * team_size_, team_size_);
  }

  tasks::RallyDecision decision_;
  int team_size_;
  std::vector<Memory> memory_;  // by team
};

/// Writes what a team's players are to do by a plan. @param rows (team_size, dim)
void write_orders(const tasks::RallyRules& rules, const tasks::RallyPlan& plan,
                  BatchView<const float> rows, std::span<int> skill, BatchView<float> shown);

}  // namespace fleet
