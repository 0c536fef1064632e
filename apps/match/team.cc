#include "apps/match/team.h"

#include <filesystem>

#include <fmt/format.h>

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
  const ContractFit fit = compare_contracts(trained, match);
  if (!fit.misfit.empty()) {
    throw UserError(fmt::format("{}: cannot play {}: {}", name, setting.task, fit.misfit));
  }
  if (!config.train.skills.empty()) {
    return {.name = name, .policy = load_skill_team(folder, config)};
  }
  Team team{.name = name, .policy = make_actor(config, match)};
  load_policy(folder, *team.policy);
  return team;
}

}  // namespace fleet
