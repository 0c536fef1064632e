#pragma once

#include <imgui.h>

#include "apps/view/context.h"

namespace fleet::view {

/// The colour that a volleyball team has in the scene. @param team 0 or 1
ImVec4 team_colour(int team);

/// Draws the score of the chosen env's rallies since the reset over the scene, and how the one on
/// show stands. Nothing where it is no match.
/// @param area of the scene, pixels from the lower left corner
void draw_scoreboard(const Context& context, const mjrRect& area);

}  // namespace fleet::view
