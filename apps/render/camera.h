#pragma once

#include <mujoco/mujoco.h>

namespace fleet::render {

/// The body that a camera follows: the first that moves against the world.
int followed_body(const mjModel& model);

/// The model's own camera "overview" where it has one; else one that follows a body from the side, so
/// far away that all of it is seen.
/// @param data at a typical state, positions up to date
mjvCamera make_camera(const mjModel& model, const mjData& data, int body);

}  // namespace fleet::render
