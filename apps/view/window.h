#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/render/renderer.h"
#include "apps/view/input/event.h"

struct GLFWwindow;

namespace fleet::view {

struct Size {
  int width = 0;
  int height = 0;
};

/// A window with OpenGL and Dear ImGui in it, and what hands do there. One at a time.
///
/// A frame: take_events(), begin_frame(), ImGui calls and drawing, draw_gui(), show().
class Window {
 public:
  /// @throws std::runtime_error with one line if there is no screen or no OpenGL
  Window(const std::string& title, Size size);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  bool is_closed() const;
  void close();

  /// What hands did since the last call, and what was injected.
  std::vector<Event> take_events();
  /// Lets this happen as if hands had done it.
  void inject(const Event& event);

  /// @param dt s since the last frame, for the GUI; nullopt: as the clock says
  void begin_frame(std::optional<double> dt);
  void draw_gui();
  void show();

  Size size() const;                       ///< in the coordinates of events
  Size pixels() const;                     ///< of the framebuffer
  double scale() const { return scale_; }  ///< of text on this screen
  const std::string& gl_name() const { return gl_name_; }
  bool is_software() const;  ///< OpenGL runs on the CPU

  /// What has been drawn in this frame.
  render::Image read() const;

 private:
  struct Callbacks;

  void start_gui();

  GLFWwindow* window_ = nullptr;
  std::vector<Event> events_;
  double scale_ = 1.0;
  std::string gl_name_;
};

}  // namespace fleet::view
