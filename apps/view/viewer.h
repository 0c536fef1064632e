#pragma once

#include <chrono>
#include <vector>

#include "apps/view/arguments.h"
#include "apps/view/choices.h"
#include "apps/view/draw/camera.h"
#include "apps/view/draw/scene_view.h"
#include "apps/view/draw/tiles.h"
#include "apps/view/figures.h"
#include "apps/view/input/mouse.h"
#include "apps/view/input/scripted_hands.h"
#include "apps/view/opened.h"
#include "apps/view/window.h"

namespace fleet::view {

/// The visualizer: in each frame, what hands did, then time, then the picture.
class Viewer {
 public:
  /// @param start when the program began, for the figures  @throws as open() and Window()
  Viewer(const Arguments& arguments, std::chrono::steady_clock::time_point start);

  /// Until the user, or the script, ends it.
  void run();

 private:
  Context context() { return {opened_, choices_, *scene_, *camera_, window_}; }
  void draw_frame(double dt);
  void handle_events(Context& context, const std::vector<Event>& events);
  void advance(Context& context, double dt);
  void watch_files();
  void draw_worlds();
  void draw_status(const mjrRect& area) const;
  void take_pictures();
  Figures figures() const;
  bool is_scripted() const { return arguments_.frames > 0; }
  bool is_over() const;

  Arguments arguments_;
  std::chrono::steady_clock::time_point start_;
  ScriptedHands hands_;
  Opened opened_;
  Window window_;
  std::unique_ptr<SceneView> scene_;  // needs OpenGL
  std::unique_ptr<Camera> camera_;
  Choices choices_;
  Mouse mouse_;
  Tiles tiles_;
  std::int64_t frame_ = 0;
  double since_watch_ = 0.0;        // s since the files were looked at
  double real_speed_ = 1.0;         // simulated s by s of the user's, smoothed
  std::vector<std::string> shots_;  // pictures wanted of this frame
  Figures figures_;
};

}  // namespace fleet::view
