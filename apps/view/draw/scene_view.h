#pragma once

#include <span>

#include <mujoco/mujoco.h>

#include "apps/view/draw/marks.h"

namespace fleet::view {

/// Draws worlds of one model with MuJoCo's renderer into the window.
class SceneView {
 public:
  /// OpenGL must be current. @param model its picture quality is lowered where OpenGL runs on the
  /// CPU
  /// @param font_scale of labels: 1 for a common screen
  SceneView(mjModel& model, bool is_software, double font_scale);
  ~SceneView();
  SceneView(const SceneView&) = delete;
  SceneView& operator=(const SceneView&) = delete;

  /// @param area pixels from the window's lower left corner  @param perturb null: none
  void draw(mjrRect area, mjData& data, mjvCamera& camera, const mjvPerturb* perturb,
            const Marks& marks);
  /// Fills an area with one colour.
  static void fill(mjrRect area, const Colour& colour);

  /// What is drawn; the user's switches.
  mjvOption& option() { return option_; }
  std::span<mjtByte> render_flags() { return scene_.flags; }

  /// The scene as it was drawn last, to find out what lies under the cursor.
  const mjvScene& scene() const { return scene_; }

 private:
  const mjModel& model_;
  mjvOption option_;
  mjvScene scene_;
  mjrContext context_;
};

}  // namespace fleet::view
