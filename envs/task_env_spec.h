#pragma once

#include "envs/batch_env.h"
#include "envs/env_options.h"
#include "tasks/task.h"

namespace fleet::envs {

// Rows that live on a callback's stack, where nothing may own memory.
inline constexpr int kMaxActions = 256;       ///< players x action_dim
inline constexpr int kMaxRewards = 128;       ///< players x reward terms
inline constexpr int kMaxMetrics = 128;       ///< players x metrics
inline constexpr int kMaxTerminations = 16;   ///< termination terms
inline constexpr int kMaxObservation = 4096;  ///< players x all groups' numbers

/// The agents' picture of a task. @throws std::invalid_argument if it exceeds the sizes above
EnvSpec make_env_spec(const tasks::TaskSpec& task, const EnvOptions& options);

}  // namespace fleet::envs
