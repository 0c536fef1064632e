#pragma once

#include "apps/view/choices.h"
#include "apps/view/draw/camera.h"
#include "apps/view/draw/scene_view.h"
#include "apps/view/opened.h"
#include "apps/view/window.h"

namespace fleet::view {

/// What panels, keys and mouse work on.
struct Context {
  Opened& opened;
  Choices& choices;
  SceneView& scene;
  Camera& camera;
  Window& window;
};

/// The rows of a batch: of the chosen player in the chosen env.
inline int chosen_row(const Context& context) {
  const int players = context.opened.simulation->spec().num_players;
  return context.choices.env * players + context.choices.player;
}

}  // namespace fleet::view
