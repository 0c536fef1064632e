#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agents/agent.h"
#include "apps/run_config.h"
#include "envs/batch_env.h"

namespace fleet {

/// A policy that plays a whole team.
struct Team {
  std::string name;  ///< as the user gave it
  std::unique_ptr<agents::Agent> policy;
};

/// Where games are played.
struct MatchSetting {
  std::string task;
  int games = 1000;  ///< one in each env
  int num_threads = 0;
  std::vector<std::string> assignments;
};

/// The envs of these games, on MuJoCo unless told otherwise; their rows hold all that a team may
/// have been trained to see. @throws UserError if it is no match
envs::EnvConfig match_config(const MatchSetting& setting);

bool is_match(const envs::EnvConfig& config);

/// The given team, or the best that is shipped for the task where none is.
std::string team_or_default(const std::string& task, const std::string& name);

/// Loads a team: the shipped one that is called so (policies/TASK/NAME), else a run folder.
/// @throws UserError in one line if there is none, or if it was trained for another game
Team load_team(const MatchSetting& setting, const std::string& name, const envs::EnvSpec& match);

}  // namespace fleet
