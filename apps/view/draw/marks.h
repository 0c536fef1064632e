#pragma once

#include <array>
#include <string>
#include <vector>

#include <mujoco/mujoco.h>

namespace fleet::view {

using Point = std::array<double, 3>;  ///< m, world frame
using Colour = std::array<float, 4>;  ///< red, green, blue, opacity

/// Shapes that are drawn into a scene beside the model's own: arrows, trails, targets, labels.
class Marks {
 public:
  void ball(const Point& at, double radius, const Colour& colour, const std::string& label = "");
  /// @param width of the shaft, m
  void arrow(const Point& from, const Point& to, double width, const Colour& colour);
  void line(const Point& from, const Point& to, double width, const Colour& colour);
  /// Flat on the ground.
  void disc(const Point& at, double radius, const Colour& colour);
  /// Text that stands at a point.
  void label(const Point& at, const std::string& text);

  /// Adds them to a scene, as far as it has room.
  void add_to(mjvScene& scene) const;
  bool empty() const { return geoms_.empty(); }

 private:
  mjvGeom& add(mjtGeom type, const Point& size, const Point& at, const Colour& colour);
  void connect(mjtGeom type, const Point& from, const Point& to, double width,
               const Colour& colour);

  std::vector<mjvGeom> geoms_;
};

}  // namespace fleet::view
