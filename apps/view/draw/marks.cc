#include "apps/view/draw/marks.h"

#include <algorithm>
#include <cstring>

namespace fleet::view {

mjvGeom& Marks::add(mjtGeom type, const Point& size, const Point& at, const Colour& colour) {
  mjvGeom& geom = geoms_.emplace_back();
  mjv_initGeom(&geom, type, size.data(), at.data(), nullptr, colour.data());
  geom.category = mjCAT_DECOR;
  geom.objtype = mjOBJ_UNKNOWN;
  geom.objid = -1;
  return geom;
}

void Marks::ball(const Point& at, double radius, const Colour& colour, const std::string& label) {
  mjvGeom& geom = add(mjGEOM_SPHERE, {radius, radius, radius}, at, colour);
  label.copy(geom.label, sizeof(geom.label) - 1);
}

void Marks::connect(mjtGeom type, const Point& from, const Point& to, double width,
                    const Colour& colour) {
  mjv_connector(&add(type, {width, width, width}, from, colour), type, width, from.data(),
                to.data());
}

void Marks::arrow(const Point& from, const Point& to, double width, const Colour& colour) {
  connect(mjGEOM_ARROW, from, to, width, colour);
}

void Marks::line(const Point& from, const Point& to, double width, const Colour& colour) {
  connect(mjGEOM_CAPSULE, from, to, width, colour);
}

void Marks::disc(const Point& at, double radius, const Colour& colour) {
  add(mjGEOM_CYLINDER, {radius, radius, 0.005}, at, colour);
}

void Marks::label(const Point& at, const std::string& text) {
  mjvGeom& geom = add(mjGEOM_LABEL, {0.1, 0.1, 0.1}, at, {1.0F, 1.0F, 1.0F, 1.0F});
  text.copy(geom.label, sizeof(geom.label) - 1);
}

void Marks::add_to(mjvScene& scene) const {
  for (const mjvGeom& geom : geoms_) {
    if (scene.ngeom >= scene.maxgeom) {
      return;
    }
    scene.geoms[scene.ngeom++] = geom;
  }
}

}  // namespace fleet::view
