#pragma once

#include "apps/view/context.h"

// What keys and buttons do alike.

namespace fleet::view {

void toggle_pause(Context& context);

/// One control step on; pauses.
void step_once(Context& context);

/// Chooses the env that panels tell of, as near as there is one.
void choose_env(Context& context, int env);

/// Begins anew: new episodes, or the start of a recording.
void reset(Context& context);

/// Whether something in the worlds can be pushed.
bool can_push(const Context& context);

/// Adds choices.push_speed to the velocity of the chosen robot or drone, in a drawn direction along
/// the ground. Does nothing where nothing can be pushed.
void push(Context& context);

/// Hands the command that the user gives, if any, to the simulation.
/// @param dt s of the user's since the last time: how far keys have come
void give_command(Context& context, double dt);

}  // namespace fleet::view
