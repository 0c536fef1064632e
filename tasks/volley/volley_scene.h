#pragma once

#include "sim/model.h"
#include "tasks/volley/volley_config.h"

namespace fleet::tasks {

/// Drones "player0", "player1", ..., then "ball", then "board", as far as the task has them: free
/// bodies that nothing in MuJoCo touches. Court, net, rotors and rackets are there for the eye.
/// @throws std::runtime_error with MuJoCo's reason if the numbers make no bodies
sim::ModelPtr build_volley_scene(const VolleyConfig& config);

/// What the board of set-and-spike hard is: a disc that a machine moves.
struct Board {
  static constexpr double kRadius = 0.5;     ///< m
  static constexpr double kHalfHeight = 0.15;  ///< m
  static constexpr double kMass = 0.8;       ///< kg
  static constexpr double kX = -4.0, kZ = 0.5;  ///< m, where it waits
};

}  // namespace fleet::tasks
