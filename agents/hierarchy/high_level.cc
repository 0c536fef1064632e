#include "agents/hierarchy/high_level.h"

#include <algorithm>
#include <utility>

namespace fleet::agents {

HighLevel::HighLevel(std::unique_ptr<Tactics> tactics, std::unique_ptr<Agent> policy)
    : tactics_(std::move(tactics)), policy_(std::move(policy)) {}

void HighLevel::choose(BatchView<const float> observation, std::span<int> skill,
                       BatchView<float> shown) {
  const int team_size = tactics_->team_size();
  const int num_teams = observation.num_rows() / team_size;
  const int dim = tactics_->observation().dim();
  const int action_dim = static_cast<int>(tactics_->action_names().size());
  decides_.resize(static_cast<std::size_t>(num_teams));
  tactics_->find_due(observation, decides_);
  const auto num_due = static_cast<int>(std::ranges::count(decides_, 1));
  seen_.resize(static_cast<std::size_t>(num_due) * static_cast<std::size_t>(dim));
  action_.resize(static_cast<std::size_t>(num_due) * static_cast<std::size_t>(action_dim));
  const BatchView<float> seen(seen_.data(), num_due, dim);
  const BatchView<float> action(action_.data(), num_due, action_dim);
  const auto for_each_due = [&](const auto& f) {
    for (int team = 0, i = 0; team < num_teams; ++team) {
      if (decides_[static_cast<std::size_t>(team)] != 0) {
        f(i++, team, observation.rows(team * team_size, team_size));
      }
    }
  };
  for_each_due(
      [&](int i, int /*team*/, BatchView<const float> rows) { tactics_->see(rows, seen.row(i)); });
  if (num_due > 0) {
    policy_->act(seen, action);
  }
  for_each_due([&](int i, int team, BatchView<const float> rows) {
    tactics_->decide(team, rows, action.row(i));
  });
  tactics_->order(observation, skill, shown);
}

}  // namespace fleet::agents
