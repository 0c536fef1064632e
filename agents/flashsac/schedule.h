#pragma once

#include <cstdint>

#include "agents/flashsac/flashsac_config.h"
#include "agents/flashsac/squashed_gaussian.h"

// What changes in the course of a run: on half a cosine over the updates of the configured run,
// and not after it.

namespace fleet::agents::flashsac {

/// From `learning_rate` to `final_learning_rate`. @param step of the optimiser that asks
double scheduled_learning_rate(const FlashSacConfig& config, std::int64_t step);

/// From `actor_learning_rate` to `final_actor_learning_rate`, by the updates of the critics; with
/// an actor_learning_rate of 0 scheduled_learning_rate() of the actor's own steps.
double scheduled_actor_learning_rate(const FlashSacConfig& config, std::int64_t actor_step,
                                     std::int64_t update);

/// Both limits sink by `log_std_drop` in the course of the run.
LogStdRange scheduled_log_std_range(const FlashSacConfig& config, std::int64_t update);

}  // namespace fleet::agents::flashsac
