#pragma once

#include "apps/commands.h"
#include "apps/run_config.h"

namespace fleet {

/// Trains the skills of a team, one after the other, each as a run of its own in the team's folder,
/// then lets the team play against itself. What the user typed holds for every skill.
/// @returns the exit code; a run that was interrupted goes on where it stopped
int train_skills(const RunConfig& config, const TrainArguments& arguments);

}  // namespace fleet
