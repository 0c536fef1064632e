#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/view/draw/skill_orders.h"

namespace fleet::view {

/// What a session with the viewer was, for tests and measurements.
struct Figures {
  std::string gl;                  ///< who draws
  double start_up = 0.0;           ///< s from the program's begin to the first picture
  std::vector<double> frame_time;  ///< s, of all pictures but the first
  std::int64_t control_steps = 0;
  // At the end:
  double simulated = 0.0;  ///< s
  bool is_paused = false;
  double speed = 1.0;
  int env = 0;
  int num_tiles = 1;
  std::string camera;
  double divergences = 0.0;
  std::vector<double> qpos;     ///< of the chosen env
  std::string policy;           ///< where it comes from; "": there is none
  std::optional<double> value;  ///< of the chosen row; nothing: no critic tells it
  std::vector<ShownOrder> orders;
  std::string message;  ///< of what was done last
};

/// Writes them as JSON. @param file "-" for stdout, "" for nowhere  @throws files::FileError
void save_figures(const std::string& file, Figures figures);

}  // namespace fleet::view
