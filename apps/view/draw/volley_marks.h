#pragma once

#include <array>
#include <string>

#include "apps/view/draw/marks.h"
#include "apps/view/opened.h"

namespace fleet::view {

/// The teams in the scene: blue, which begins at x > 0, and red.
inline constexpr std::array<Colour, 2> kTeamColours{
    {{0.35F, 0.60F, 1.0F, 1.0F}, {1.0F, 0.45F, 0.35F, 1.0F}}};

/// What matters in volleyball and has no body: the ball's trail and where it will land, targets,
/// and over each drone its number, what the rules let it do and the skill that it is ordered.
/// @param data the env's state on show
void add_volley_marks(const Opened& opened, int env, const mjData& data, Marks& marks);

/// "serves", "may hit" or "": what the rules let a player do in the frame on show.
std::string volley_role(const Simulation& simulation, int env, int player);

}  // namespace fleet::view
