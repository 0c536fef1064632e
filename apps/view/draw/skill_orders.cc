#include "apps/view/draw/skill_orders.h"

#include <span>

#include "apps/match/skill_team.h"
#include "tasks/volley/rally_rules.h"

namespace fleet::view {
namespace {

using tasks::RallyRules;
using tasks::SkillOrder;

/// (team_size x observation_dim()) what a team's players see in the frame on show.
std::span<const float> seen_by(const Simulation& simulation, int first_row, std::size_t size) {
  const History& history = simulation.history();
  const int field = history.find("observation/" + simulation.spec().observations[0].name);
  // Rows lie one behind the other, as in the envs' buffers.
  return {reinterpret_cast<const float*>(history.row(field, simulation.frame(), first_row)), size};
}

}  // namespace

std::vector<ShownOrder> skill_orders(const Opened& opened, int env) {
  const Simulation* const simulation = opened.simulation;
  if (opened.config.train.skills.empty() || simulation == nullptr ||
      simulation->actor() != Actor::kPolicy) {
    return {};
  }
  const tasks::VolleyConfig& match = opened.config.env.volley;
  const RallyRules rules(match);
  const auto team_size = static_cast<std::size_t>(match.team_size);
  std::vector<ShownOrder> shown;
  for (int team = 0; team < 2; ++team) {
    std::array<SkillOrder, tasks::kMaxPlayers> orders;
    rules.decide(seen_by(*simulation, env * match.num_players() + team * match.team_size,
                         team_size * static_cast<std::size_t>(rules.observation_dim())),
                 std::span(orders).first(team_size));
    const double turn = team == 0 ? 1.0 : -1.0;  // the far team sees the court from its own side
    for (std::size_t i = 0; i < team_size; ++i) {
      const auto& [x, y, z] = orders[i].target;
      shown.push_back(
          {skill_names()[static_cast<std::size_t>(orders[i].skill)], {turn * x, turn * y, z}});
    }
  }
  return shown;
}

}  // namespace fleet::view
