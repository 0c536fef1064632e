#include "apps/match/skill_team.h"

#include <algorithm>

#include <fmt/format.h>

#include "agents/hierarchy/skill_chooser.h"
#include "agents/hierarchy/skill_team.h"
#include "apps/judged_env.h"
#include "apps/match/high_level.h"
#include "apps/match/team.h"
#include "apps/match/volley_tactics.h"
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

  void choose(BatchView<const float> observation, std::span<int> skill,
              BatchView<float> shown) override {
    const auto size = static_cast<std::size_t>(team_size_);
    for (int first = 0; first < observation.num_rows(); first += team_size_) {
      const BatchView<const float> rows = observation.rows(first, team_size_);
      write_orders(rules_, rules_.make_plan({rows.data(), rows.size()}), rows,
                   skill.subspan(static_cast<std::size_t>(first), size),
                   shown.rows(first, team_size_));
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

void require_match_of_teams(const RunConfig& config, const std::string& setting) {
  if (!is_match(config.env) || config.env.volley.team_size < 2) {
    throw UserError(setting + ": expected none, because the task is no match of teams");
  }
  if (config.env.volley.observe_aim) {
    throw UserError(setting + ": expected none, because players of volley.observe_aim see more " +
                    "than the rules of a rally read");
  }
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

agents::SkillSet load_skills(const std::string& team, int num_threads) {
  std::vector<std::unique_ptr<agents::Agent>> skills;
  std::vector<int> dims;
  for (int k = 0; k < static_cast<int>(skill_names().size()); ++k) {
    const std::string& name = skill_names()[static_cast<std::size_t>(k)];
    skills.push_back(load_skill(skill_folder(team, name), k, num_threads));
    dims.push_back(dim_of_skill(k));
  }
  return {std::move(skills), std::move(dims)};
}

bool is_skill_team(const RunConfig& config) {
  return !config.train.skills.empty() || !config.train.team.empty();
}

std::unique_ptr<agents::Agent> load_skill_team(const std::string& folder, const RunConfig& config) {
  const std::string setting = config.train.team.empty() ? "train.skills" : "train.team";
  require_match_of_teams(config, folder + ": " + setting);
  std::unique_ptr<agents::SkillChooser> chooser;
  std::string skills = folder;
  if (config.train.team.empty()) {
    chooser = std::make_unique<RuleChooser>(config.env.volley);
  } else {
    chooser = load_high_level(folder, config);
    skills = skills_of_high_level(config, folder);  // a generation has none of its own
  }
  return std::make_unique<agents::SkillTeam>(std::move(chooser),
                                             load_skills(skills, config.env.options.num_threads));
}

}  // namespace fleet
