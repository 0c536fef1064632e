#pragma once

#include "apps/view/draw/marks.h"
#include "apps/view/opened.h"

namespace fleet::view {

/// What matters in volleyball and has no body: the ball's trail and where it will land, targets,
/// and over each drone its number and what the rules let it do.
/// @param data the env's state on show
void add_volley_marks(const Opened& opened, int env, const mjData& data, Marks& marks);

/// "serves", "may hit" or "": what the rules let a player do in the frame on show.
std::string volley_role(const Simulation& simulation, int env, int player);

}  // namespace fleet::view
