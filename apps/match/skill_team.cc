#include "apps/match/skill_team.h"

#include <algorithm>

#include <fmt/format.h>

#include "agents/hierarchy/skill_chooser.h"
#include "agents/hierarchy/skill_team.h"
#include "apps/judged_env.h"
#include "apps/match/team.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/user_error.h"
#include "tasks/volley/rally_rules.h"

namespace fleet {
namespace {

using tasks::RallyRules;
using tasks::SkillOrder;

int dim_of_skill(int skill) {
  return skill == SkillOrder::kGoto ? RallyRules::kGotoDim : RallyRules::kHitDim;
}

/// The rules of a rally as a high level.
class RuleChooser final : public agents::SkillChooser {
 public:
  explicit RuleChooser(const tasks::VolleyConfig& match)
      : rules_(match), team_size_(match.team_size) {}

  int dim_of(int skill) const override { return dim_of_skill(skill); }
  void choose(BatchView<const float> observation, std::span<int> skill,
              BatchView<float> shown) const override {
    std::array<SkillOrder, tasks::kMaxPlayers> orders;
    for (int first = 0; first < observation.num_rows(); first += team_size_) {
      const BatchView<const float> rows = observation.rows(first, team_size_);
      rules_.decide({rows.data(), rows.size()},
                    std::span(orders).first(static_cast<std::size_t>(team_size_)));
      for (int i = 0; i < team_size_; ++i) {
        const SkillOrder& order = orders[static_cast<std::size_t>(i)];
        skill[static_cast<std::size_t>(first + i)] = order.skill;
        rules_.show(rows.row(i), order, shown.row(first + i));
      }
    }
  }

 private:
  RallyRules rules_;
  int team_size_;
};

std::unique_ptr<agents::Agent> load_skill(const std::string& folder, int number, int num_threads) {
  RunConfig config = load_run_folder(find_run(folder), {});
  config.env.options.num_threads = num_threads;
  require_skill(folder, config, number);
  auto skill = make_actor(config, spec_of_one(config.env));
  load_policy(folder, *skill);
  return skill;
}

}  // namespace

const std::vector<std::string>& skill_names() {
  static const std::vector<std::string> names{"goto", "hit"};
  return names;
}

std::string skill_folder(const std::string& team, const std::string& skill) {
  return team + "/skills/" + skill;
}

void require_skill(const std::string& name, const RunConfig& config, int number) {
  const envs::EnvSpec spec = spec_of_one(config.env);
  const int seen = spec.observations[0].dim();
  if (seen != dim_of_skill(number) || spec.num_players != 1 || spec.action_dim != tasks::kRotors) {
    throw UserError(fmt::format("{}: {} is no skill '{}': it sees {} numbers, expected {}", name,
                                config.name, skill_names()[static_cast<std::size_t>(number)], seen,
                                dim_of_skill(number)));
  }
}

std::unique_ptr<agents::Agent> load_skill_team(const std::string& folder, const RunConfig& config) {
  if (!is_match(config.env) || config.env.volley.team_size < 2) {
    throw UserError(folder +
                    ": train.skills: expected none, because the task is no match of teams");
  }
  auto chooser = std::make_unique<RuleChooser>(config.env.volley);
  std::vector<std::unique_ptr<agents::Agent>> skills;
  for (int k = 0; k < static_cast<int>(skill_names().size()); ++k) {
    skills.push_back(load_skill(skill_folder(folder, skill_names()[static_cast<std::size_t>(k)]), k,
                                config.env.options.num_threads));
  }
  return std::make_unique<agents::SkillTeam>(std::move(chooser), std::move(skills));
}

}  // namespace fleet
