#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <mujoco/mujoco.h>

#include "apps/render/gl_context.h"

namespace fleet::render {

/// A picture: rows from top to bottom, three bytes (red, green, blue) per pixel.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< (height, width, 3)
};

/// Puts pictures of one size side by side, `columns` to a row; what is left over stays black.
Image tile(const std::vector<Image>& images, int columns);

/// Draws worlds of one model with MuJoCo's renderer, off the screen.
class Renderer {
 public:
  /// @param model its offscreen buffer is enlarged to the picture's size
  /// @throws std::runtime_error with one line if there is no OpenGL
  Renderer(mjModel& model, int width, int height);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  const char* gl_name() const { return gl_->name(); }

  /// @param data with positions up to date: after mj_forward
  Image draw(mjData& data, mjvCamera& camera);

 private:
  const mjModel& model_;
  int width_;
  int height_;
  std::unique_ptr<GlContext> gl_;
  mjvOption option_;
  mjvScene scene_;
  mjrContext context_;
};

}  // namespace fleet::render
