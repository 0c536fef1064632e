#include "apps/match/team.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "agents/self_play/leading_columns.h"
#include "apps/contract_fit.h"
#include "apps/evaluation.h"
#include "apps/judged_env.h"
#include "apps/match/skill_team.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

/// Where a shipped team lies below policies/: "volley/3v3/flat".
std::string shipped_name(const std::string& task, const std::string& name) {
  return task + '/' + name;
}

bool is_shipped(const std::string& task, const std::string& name) {
  std::error_code ignored;
  return std::filesystem::exists(
      root_folder() + "/policies/" + shipped_name(task, name) + "/params/run.yaml", ignored);
}

/// The match as a team sees it that was trained without the aim, which ends its rows.
envs::EnvSpec without_aim(envs::EnvSpec match) {
  std::vector<ObservationTerm>& terms = match.observations[0].terms;
  terms.erase(std::ranges::find(terms, "meeting", &ObservationTerm::name), terms.end());
  return match;
}

std::unique_ptr<agents::Agent> load_players(const std::string& folder, const RunConfig& config,
                                            const envs::EnvSpec& seen) {
  if (is_skill_team(config)) {
    return load_skill_team(folder, config);
  }
  auto policy = make_actor(config, seen);
  load_policy(folder, *policy);
  return policy;
}

}  // namespace

bool is_match(const envs::EnvConfig& config) {
  return config.task == "volley" && config.volley.kind == tasks::VolleyKind::kMatch;
}

std::string team_or_default(const std::string& task, const std::string& name) {
  if (!name.empty()) {
    return name;
  }
  return is_shipped(task, "hierarchical") ? "hierarchical" : "flat";
}

envs::EnvConfig match_config(const MatchSetting& setting) {
  envs::EnvConfig config =
      load_run_config(setting.task, {"", on_mujoco(setting.assignments)}).env;
  if (!is_match(config)) {
    throw UserError(setting.task + ": is no match of two teams");
  }
  config.volley.observe_aim = true;  // whoever was trained without sees the rest
  config = evaluation_config(config, setting.games);
  config.options.num_threads = setting.num_threads;
  return config;
}

Team load_team(const MatchSetting& setting, const std::string& name, const envs::EnvSpec& match) {
  const std::string folder =
      find_run(is_shipped(setting.task, name) ? shipped_name(setting.task, name) : name);
  RunConfig config = load_run_folder(folder, {});
  config.env.options.num_threads = setting.num_threads;
  const envs::EnvSpec trained = spec_of_one(config.env);
  if (trained.num_teams != 2 || trained.num_players != match.num_players) {
    throw UserError(fmt::format("{}: was trained for {}, whose games are not those of {}", name,
                                config.name, setting.task));
  }
  const envs::EnvSpec seen = config.env.volley.observe_aim ? match : without_aim(match);
  const ContractFit fit = compare_contracts(trained, seen);
  if (!fit.misfit.empty()) {
    throw UserError(fmt::format("{}: cannot play {}: {}", name, setting.task, fit.misfit));
  }
  Team team{.name = name, .policy = load_players(folder, config, seen)};
  const int dim = seen.observations[0].dim();
  if (dim < match.observations[0].dim()) {
    team.policy = std::make_unique<agents::LeadingColumns>(std::move(team.policy), dim);
  }
  return team;
}

}  // namespace fleet
