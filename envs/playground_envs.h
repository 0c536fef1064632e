#pragma once

#include "envs/lanes_env.h"
#include "envs/mujoco_env.h"
#include "tasks/playground/g1_joystick.h"
#include "tasks/playground/go1_joystick.h"

// The envs of MuJoCo Playground's tasks are compiled in playground_envs.cc, beside the others.

namespace fleet::envs {

extern template class MujocoEnv<tasks::Go1JoystickTask>;
extern template class LanesEnv<tasks::Go1JoystickTask>;
extern template class MujocoEnv<tasks::G1JoystickTask>;
extern template class LanesEnv<tasks::G1JoystickTask>;

}  // namespace fleet::envs
