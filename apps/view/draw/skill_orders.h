#pragma once

#include <array>
#include <string>
#include <vector>

#include "apps/view/opened.h"

namespace fleet::view {

/// What a team's rules order a player in the frame on show.
struct ShownOrder {
  std::string skill;               ///< "goto", "hit"
  std::array<double, 3> target{};  ///< m, world: to fly to, or where the ball is to land
};

/// By player; empty where no team of skills acts.
std::vector<ShownOrder> skill_orders(const Opened& opened, int env);

}  // namespace fleet::view
