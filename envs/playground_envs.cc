#include "envs/playground_envs.h"

namespace fleet::envs {

template class MujocoEnv<tasks::Go1JoystickTask>;
template class LanesEnv<tasks::Go1JoystickTask>;
template class MujocoEnv<tasks::G1JoystickTask>;
template class LanesEnv<tasks::G1JoystickTask>;

}  // namespace fleet::envs
