#pragma once

#include "apps/view/context.h"

// The windows beside the scene. Each function draws one, and does at once what the user asks there.

namespace fleet::view {

/// All that this subject has something to show in.
void draw_panels(Context& context);

void draw_world_panel(Context& context);     ///< time, history, env, who acts
void draw_command_panel(Context& context);   ///< velocity command, push, friction
void draw_scene_panel(Context& context);     ///< camera, groups, flags
void draw_reward_panel(Context& context);    ///< reward terms, terminations
void draw_policy_panel(Context& context);    ///< actions, observations, value
void draw_contact_panel(Context& context);   ///< contact forces
void draw_learning_panel(Context& context);  ///< curves of a run
void draw_match_panel(Context& context);     ///< volleyball: players and metrics
void draw_help(Context& context);

}  // namespace fleet::view
