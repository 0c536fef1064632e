#include "envs/volley_envs.h"

namespace fleet::envs {

template class MujocoEnv<tasks::VolleyTask>;
template class LanesEnv<tasks::VolleyTask>;

}  // namespace fleet::envs
