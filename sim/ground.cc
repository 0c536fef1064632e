#include "sim/ground.h"

#include <algorithm>
#include <array>

namespace fleet::sim {

void add_ground(mjSpec* spec) {
  mjsTexture* const texture = mjs_addTexture(spec, nullptr);
  mjs_setName(texture->element, "ground");
  texture->type = mjTEXTURE_2D;
  texture->builtin = mjBUILTIN_CHECKER;
  texture->width = texture->height = 300;
  const std::array<double, 3> light{0.38, 0.44, 0.50};
  const std::array<double, 3> dark{0.30, 0.36, 0.42};
  std::ranges::copy(light, texture->rgb1);
  std::ranges::copy(dark, texture->rgb2);
  mjsTexture* const sky = mjs_addTexture(spec, nullptr);
  mjs_setName(sky->element, "sky");
  sky->type = mjTEXTURE_SKYBOX;
  sky->builtin = mjBUILTIN_GRADIENT;
  sky->width = 64;
  sky->height = 384;
  const std::array<double, 3> top{0.45, 0.60, 0.75};
  const std::array<double, 3> bottom{0.90, 0.93, 0.96};
  std::ranges::copy(top, sky->rgb1);
  std::ranges::copy(bottom, sky->rgb2);
  mjsMaterial* const material = mjs_addMaterial(spec, nullptr);
  mjs_setName(material->element, "ground");
  mjs_setInStringVec(material->textures, mjTEXROLE_RGB, "ground");
  material->texrepeat[0] = material->texrepeat[1] = 1.0F;
  material->texuniform = 1;
  mjsBody* const terrain = mjs_addBody(mjs_findBody(spec, "world"), nullptr);
  mjs_setName(terrain->element, "terrain");
  mjsGeom* const plane = mjs_addGeom(terrain, nullptr);
  mjs_setName(plane->element, "terrain");
  plane->type = mjGEOM_PLANE;
  plane->size[2] = 0.01;
  mjs_setString(plane->material, "ground");
  mjsLight* const sun = mjs_addLight(mjs_findBody(spec, "world"), nullptr);
  sun->type = mjLIGHT_DIRECTIONAL;
  const std::array<double, 3> direction{0.3, 0.2, -1.0};
  std::ranges::copy(direction, sun->dir);
  spec->visual.global.offwidth = 1920;
  spec->visual.global.offheight = 1080;
}

}  // namespace fleet::sim
