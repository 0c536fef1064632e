#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agents/agent.h"
#include "agents/hierarchy/skill_set.h"
#include "apps/run_config.h"

namespace fleet {

// A team of skills is a run whose folder holds a run for each skill: skills/<name>/.

/// The skills that the rules of a rally order, by their numbers.
const std::vector<std::string>& skill_names();

/// Where a team's skill lies.
std::string skill_folder(const std::string& team, const std::string& skill);

/// @param name of the run or task, for the message  @param number of the skill
/// @throws UserError in one line if a policy of this config cannot be the skill
void require_skill(const std::string& name, const RunConfig& config, int number);

/// @param setting for the message  @throws UserError in one line if the task is no match of teams
/// whose rows the rules of a rally can read
void require_match_of_teams(const RunConfig& config, const std::string& setting);

/// Whether a run is a team of skills, under rules or a learnt high level.
bool is_skill_team(const RunConfig& config);

/// @throws UserError in one line if a skill is missing, or is no such skill
agents::SkillSet load_skills(const std::string& team, int num_threads);

/// Loads a team under the rules of a rally, or the high level that it has learnt.
/// @param folder its  @param config of its match  @throws UserError as load_skills()
std::unique_ptr<agents::Agent> load_skill_team(const std::string& folder, const RunConfig& config);

}  // namespace fleet
