#pragma once

#include "apps/commands.h"
#include "apps/run_config.h"

namespace fleet {

/// The config that a training is to have: the task's or the resumed run's, and what was typed.
/// @throws UserError if something that was typed does not fit
RunConfig train_config(const TrainArguments& arguments);

}  // namespace fleet
