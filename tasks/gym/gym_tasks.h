#pragma once

#include "tasks/gym/ant.h"               // IWYU pragma: export
#include "tasks/gym/half_cheetah.h"      // IWYU pragma: export
#include "tasks/gym/hopper.h"            // IWYU pragma: export
#include "tasks/gym/humanoid.h"          // IWYU pragma: export
#include "tasks/gym/humanoid_standup.h"  // IWYU pragma: export

namespace fleet::tasks {

/// Where the models named by each task's kModelFile lie, below third_party/.
inline constexpr const char* kGymModelFolder = "assets/gymnasium/gymnasium/envs/mujoco/assets";

}  // namespace fleet::tasks
