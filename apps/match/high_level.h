#pragma once

#include <memory>
#include <string>

#include "agents/agent.h"
#include "agents/hierarchy/skill_chooser.h"
#include "apps/run_config.h"
#include "envs/batch_env.h"

namespace fleet {

// A run with train.team learns the high level of a team: its policy decides what the frozen skills
// of that team are to do. Its folder has its own copies of them: skills/<name>/.

/// @throws UserError in one line if train.team does not fit the task, or is no team of skills
void check_high_level(const RunConfig& config);

/// The match as high levels meet it. @param folder the run's, "" before there is one
/// @throws UserError in one line if a skill is missing, or is no such skill
std::unique_ptr<envs::BatchEnv> make_high_level_env(const RunConfig& config,
                                                    std::unique_ptr<envs::BatchEnv> match,
                                                    const std::string& folder);

/// Loads a learnt high level. @param folder the run's
std::unique_ptr<agents::SkillChooser> load_high_level(const std::string& folder,
                                                      const RunConfig& config);

/// Copies the skills of train.team into a run's folder. @throws UserError if that fails
void copy_skills(const RunConfig& config, const std::string& folder);

/// Where the skills of a high level's run lie: its folder, or train.team's as long as that has
/// none.
std::string skills_of_high_level(const RunConfig& config, const std::string& folder);

}  // namespace fleet
