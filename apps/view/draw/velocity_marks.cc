#include "apps/view/draw/velocity_marks.h"

#include <cmath>

#include "apps/render/camera.h"

namespace fleet::view {
namespace {

constexpr double kAbove = 0.3;           // m over the root's origin
constexpr double kMetresPerSpeed = 0.5;  // m by m/s
constexpr Colour kTold{0.2F, 0.85F, 0.3F, 1.0F};
constexpr Colour kDone{0.25F, 0.55F, 1.0F, 1.0F};

void add_arrow(const Point& from, double x, double y, const Colour& colour, Marks& marks) {
  constexpr double kLeast = 0.05;  // m/s
  if (std::hypot(x, y) > kLeast) {
    marks.arrow(from, {from[0] + kMetresPerSpeed * x, from[1] + kMetresPerSpeed * y, from[2]},
                0.015, colour);
  }
}

}  // namespace

void add_velocity_marks(const Opened& opened, int env, const mjData& data, Marks& marks) {
  const Simulation* const simulation = opened.simulation;
  const int command = simulation != nullptr ? simulation->history().find("env/memory/command") : -1;
  if (command < 0) {
    return;
  }
  const int root = render::followed_body(*opened.model);
  const mjtNum* const at = data.xpos + 3 * root;
  const mjtNum* const rotation = data.xmat + 9 * root;
  const double yaw = std::atan2(rotation[3], rotation[0]);
  const auto told = [&](int k) {
    return simulation->history().value(command, simulation->frame(), env, k);
  };
  const Point above{at[0], at[1], at[2] + kAbove};
  add_arrow(above, std::cos(yaw) * told(0) - std::sin(yaw) * told(1),
            std::sin(yaw) * told(0) + std::cos(yaw) * told(1), kTold, marks);
  add_arrow({at[0], at[1], at[2] + kAbove + 0.04}, data.qvel[0], data.qvel[1], kDone, marks);
}

}  // namespace fleet::view
