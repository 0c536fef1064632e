#pragma once

#include <memory>
#include <string>

namespace fleet::render {

/// OpenGL without a window or a screen, current on the thread that made it for as long as it lives.
///
/// The library behind it is opened here and not linked to, so a machine without one still runs all
/// that draws nothing.
class GlContext {
 public:
  virtual ~GlContext() = default;
  GlContext(const GlContext&) = delete;
  GlContext& operator=(const GlContext&) = delete;

  /// "OSMesa" (software, works on any machine) or "EGL" (the GPU's driver).
  virtual const char* name() const = 0;

 protected:
  GlContext() = default;
};

/// Tries OSMesa, then EGL; the environment variable MUJOCO_GL (osmesa or egl) allows only one.
/// @throws std::runtime_error with one line that says why neither works
std::unique_ptr<GlContext> make_gl_context();

}  // namespace fleet::render
