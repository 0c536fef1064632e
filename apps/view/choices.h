#pragma once

#include <array>
#include <optional>
#include <string>

#include "apps/view/clock.h"

namespace fleet::view {

/// What the user has chosen, apart from what is drawn (SceneView) and from where (Camera).
struct Choices {
  Clock clock;
  int env = 0;        ///< that panels tell of and hands reach for
  int player = 0;     ///< of its players
  int num_tiles = 1;  ///< envs side by side, from `env` on
  bool has_panels = true;
  bool has_help = false;
  bool wants_screenshot = false;

  // The command of a velocity task: given by hand, or drawn by the task.
  bool is_driving = false;
  std::array<double, 3> command{};  ///< m/s, m/s, rad/s: of the sliders
  std::array<double, 3> lean{};     ///< -1, 0 or 1: of the keys that are down
  std::array<double, 3> reached{};  ///< -1 to 1: how far the keys have come, in parts of the range
  std::optional<std::array<double, 3>> given;  ///< both together, as the robot is told

  double push_speed = 1.0;  ///< m/s
  std::string message;      ///< of what was done last
};

}  // namespace fleet::view
