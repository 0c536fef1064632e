#pragma once

#include "apps/view/draw/marks.h"
#include "apps/view/opened.h"

namespace fleet::view {

/// What a walking robot is told and what it does: green and blue arrows of velocity above it.
/// @param data the env's state on show
void add_velocity_marks(const Opened& opened, int env, const mjData& data, Marks& marks);

}  // namespace fleet::view
