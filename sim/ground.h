#pragma once

#include <mujoco/mujoco.h>

namespace fleet::sim {

/// A checkered plane in a body "terrain", as wide as the eye reaches, with light and sky for
/// pictures.
void add_ground(mjSpec* spec);

}  // namespace fleet::sim
