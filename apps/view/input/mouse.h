#pragma once

#include <vector>

#include <mujoco/mujoco.h>

#include "apps/view/context.h"
#include "apps/view/draw/tiles.h"
#include "apps/view/input/event.h"

namespace fleet::view {

/// What a hand does in the scene: moves the camera, chooses an env, pulls at a body, as in MuJoCo's
/// simulate. A double click selects a body; ctrl and the right button pull it, the left turn it.
class Mouse {
 public:
  Mouse();

  /// @param tiles as they were drawn last
  void handle(const Event& event, Context& context, const Tiles& tiles);

  const mjvPerturb& perturb() const { return perturb_; }
  bool is_pulling() const { return perturb_.active != 0; }

  /// (nv) the force on the chosen env's joints, N and N m, while a hand pulls.
  /// @param data the env's present state; its xfrc_applied is written
  std::vector<double> force(const mjModel& model, mjData& data) const;

 private:
  void press(const Event& event, Context& context, const Tiles& tiles);
  void drag(double dx, double dy, Context& context, const Tiles& tiles);
  /// Selects what lies under the cursor. @returns its body, 0: none
  int select(Context& context, const Tiles& tiles, double point[3]);

  mjvPerturb perturb_;
  double x_ = 0.0, y_ = 0.0;  // of the cursor, pixels from the lower left corner
  int button_ = -1;           // that is down; -1: none
  int modifiers_ = 0;
  double last_press_ = -1.0;  // s, for double clicks
  int last_button_ = -1;
};

}  // namespace fleet::view
