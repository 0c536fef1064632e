#pragma once

#include "apps/view/context.h"

namespace fleet::view {

/// Places the panels around the scene the first time, as the user can move them afterwards.
/// @returns the part of the window that is left for the scene, in pixels from the lower left corner
mjrRect lay_out(const Window& window, bool has_panels);

}  // namespace fleet::view
