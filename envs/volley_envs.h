#pragma once

#include "envs/lanes_env.h"
#include "envs/mujoco_env.h"
#include "tasks/volley/volley_task.h"

// The envs of drone volleyball are compiled in volley_envs.cc, beside the others.

namespace fleet::envs {

extern template class MujocoEnv<tasks::VolleyTask>;
extern template class LanesEnv<tasks::VolleyTask>;

}  // namespace fleet::envs
