#include "tasks/volley/volley_scene.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>

#include "tasks/volley/quadrotor.h"

namespace fleet::tasks {
namespace {

using Colour = std::array<float, 4>;
using Size = std::array<double, 3>;

constexpr Colour kWhite{0.95F, 0.95F, 0.95F, 1.0F};
constexpr Colour kDark{0.15F, 0.15F, 0.18F, 1.0F};
constexpr Colour kMesh{0.9F, 0.9F, 0.9F, 0.35F};
constexpr Colour kBall{0.98F, 0.80F, 0.15F, 1.0F};
constexpr std::array<Colour, 2> kTeams{{{0.15F, 0.45F, 0.90F, 0.85F}, {0.90F, 0.30F, 0.20F, 0.85F}}};

struct SpecDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};

/// A shape that touches nothing and weighs nothing.
mjsGeom* add_shape(mjsBody* body, mjtGeom type, const Size& size, const Size& pos,
                   const Colour& colour) {
  mjsGeom* const geom = mjs_addGeom(body, nullptr);
  geom->type = type;
  std::copy(size.begin(), size.end(), geom->size);
  std::copy(pos.begin(), pos.end(), geom->pos);
  std::copy(colour.begin(), colour.end(), geom->rgba);
  geom->contype = geom->conaffinity = 0;
  geom->mass = 0.0;
  geom->density = 0.0;
  return geom;
}

mjsBody* add_free_body(mjSpec* spec, const std::string& name, double mass, const Size& inertia,
                       double com_height) {
  mjsBody* const body = mjs_addBody(mjs_findBody(spec, "world"), nullptr);
  mjs_setName(body->element, name.c_str());
  mjsJoint* const joint = mjs_addJoint(body, nullptr);
  mjs_setName(joint->element, name.c_str());
  joint->type = mjJNT_FREE;
  body->explicitinertial = 1;
  body->mass = mass;
  std::copy(inertia.begin(), inertia.end(), body->inertia);
  body->ipos[0] = body->ipos[1] = 0.0;
  body->ipos[2] = com_height;
  return body;
}

void add_drone(mjSpec* spec, const VolleyConfig& config, int player) {
  const DroneConfig& drone = config.drone;
  const Quadrotor numbers(drone, config.timestep);
  mjsBody* const body = add_free_body(spec, "player" + std::to_string(player), numbers.mass,
                                      numbers.inertia, numbers.com_height);
  const Size& anchor = config.anchors[static_cast<std::size_t>(
      player % static_cast<int>(config.anchors.size()))];
  std::copy(anchor.begin(), anchor.end(), body->pos);
  if (!config.pictures) {
    return;
  }
  const Colour& team = kTeams[static_cast<std::size_t>(player / config.team_size) % 2];
  const double thickness = 0.04 * drone.box[0];
  add_shape(body, mjGEOM_BOX, {0.2 * drone.box[0], 0.14 * drone.box[1], 0.3 * drone.box[2]}, {},
            kDark);
  if (config.has_ball()) {
    add_shape(body, mjGEOM_CYLINDER, {drone.racket_radius, 0.25 * thickness, 0.0},
              {0.0, 0.0, drone.racket_height - 0.25 * thickness}, team);
  }
  for (const RotorConfig& rotor : drone.rotors) {
    add_shape(body, mjGEOM_CYLINDER, {drone.rotor_radius, 0.1 * thickness, 0.0}, rotor.pos, team);
    mjsGeom* const arm = add_shape(body, mjGEOM_CAPSULE, {0.3 * thickness, 0.0, 0.0}, {}, kDark);
    const std::array<double, 6> ends{0.0, 0.0, 0.0, rotor.pos[0], rotor.pos[1], rotor.pos[2]};
    std::copy(ends.begin(), ends.end(), arm->fromto);
  }
}

void add_court(mjSpec* spec, const CourtConfig& court) {
  constexpr double kHalfLine = 0.025;
  mjsBody* const world = mjs_findBody(spec, "world");
  const double x = 0.5 * court.length;
  const double y = 0.5 * court.width;
  for (const double side : {-1.0, 1.0}) {
    add_shape(world, mjGEOM_BOX, {x, kHalfLine, 0.002}, {0.0, side * y, 0.002}, kWhite);
    add_shape(world, mjGEOM_BOX, {kHalfLine, y, 0.002}, {side * x, 0.0, 0.002}, kWhite);
    add_shape(world, mjGEOM_CYLINDER, {0.04, 0.5 * court.net_height, 0.0},
              {0.0, side * (y + 0.1), 0.5 * court.net_height}, kDark);
  }
  add_shape(world, mjGEOM_BOX, {kHalfLine, y, 0.002}, {0.0, 0.0, 0.002}, kWhite);
  const double mesh = 0.5 * std::min(1.0, court.net_height);
  add_shape(world, mjGEOM_BOX, {0.01, y + 0.1, mesh}, {0.0, 0.0, court.net_height - mesh}, kMesh);
  add_shape(world, mjGEOM_BOX, {0.02, y + 0.1, 0.03}, {0.0, 0.0, court.net_height - 0.03}, kWhite);
}

void add_floor(mjSpec* spec) {
  mjsTexture* const texture = mjs_addTexture(spec, nullptr);
  mjs_setName(texture->element, "floor");
  texture->type = mjTEXTURE_2D;
  texture->builtin = mjBUILTIN_CHECKER;
  texture->width = texture->height = 300;
  const Size light{0.78, 0.62, 0.44};
  const Size dark{0.74, 0.58, 0.40};
  std::copy(light.begin(), light.end(), texture->rgb1);
  std::copy(dark.begin(), dark.end(), texture->rgb2);
  mjsMaterial* const material = mjs_addMaterial(spec, nullptr);
  mjs_setName(material->element, "floor");
  mjs_setInStringVec(material->textures, mjTEXROLE_RGB, "floor");
  material->texrepeat[0] = material->texrepeat[1] = 0.5F;
  material->texuniform = 1;
  mjsTexture* const sky = mjs_addTexture(spec, nullptr);
  mjs_setName(sky->element, "sky");
  sky->type = mjTEXTURE_SKYBOX;
  sky->builtin = mjBUILTIN_GRADIENT;
  sky->width = 64;
  sky->height = 384;
  const Size top{0.45, 0.60, 0.75};
  const Size bottom{0.90, 0.93, 0.96};
  std::copy(top.begin(), top.end(), sky->rgb1);
  std::copy(bottom.begin(), bottom.end(), sky->rgb2);
  mjsGeom* const plane = add_shape(mjs_findBody(spec, "world"), mjGEOM_PLANE, {0.0, 0.0, 0.01}, {},
                                   kWhite);
  mjs_setString(plane->material, "floor");
  mjsLight* const sun = mjs_addLight(mjs_findBody(spec, "world"), nullptr);
  sun->type = mjLIGHT_DIRECTIONAL;
  const Size direction{0.3, 0.2, -1.0};
  std::copy(direction.begin(), direction.end(), sun->dir);
}

/// Sees the whole court from a corner, or all that a drone alone flies over.
void add_camera(mjSpec* spec, const VolleyConfig& config) {
  mjsCamera* const camera = mjs_addCamera(mjs_findBody(spec, "world"), nullptr);
  mjs_setName(camera->element, "overview");
  const bool is_small = !config.has_ball();
  const double length = is_small ? 9.0 : config.court.length;
  const Size pos{0.34 * length, -1.08 * length, 0.6 * length};
  std::copy(pos.begin(), pos.end(), camera->pos);
  const double norm = std::sqrt(pos[0] * pos[0] + pos[1] * pos[1]);
  // Looks at a point above the middle: x right along the ground, y up in the picture.
  const double down = pos[2] - 1.5;
  const double range = std::sqrt(norm * norm + down * down);
  const Size right{-pos[1] / norm, pos[0] / norm, 0.0};
  const Size up{-pos[0] / norm * down / range, -pos[1] / norm * down / range, norm / range};
  camera->alt.type = mjORIENTATION_XYAXES;
  std::copy(right.begin(), right.end(), camera->alt.xyaxes);
  std::copy(up.begin(), up.end(), camera->alt.xyaxes + 3);
}

}  // namespace

sim::ModelPtr build_volley_scene(const VolleyConfig& config) {
  const std::unique_ptr<mjSpec, SpecDeleter> spec(mj_makeSpec());
  spec->option.timestep = config.timestep;
  spec->option.integrator = mjINT_EULER;
  spec->option.disableflags |= mjDSBL_CONTACT | mjDSBL_CONSTRAINT;
  spec->visual.global.offwidth = 1920;
  spec->visual.global.offheight = 1080;
  if (config.pictures) {
    add_floor(spec.get());
    add_camera(spec.get(), config);
    if (config.has_ball()) {
      add_court(spec.get(), config.court);
    }
  }
  for (int player = 0; player < config.num_players(); ++player) {
    add_drone(spec.get(), config, player);
  }
  const auto add_body = [&](const char* name, double mass, mjtGeom type, const Size& size,
                            const Size& pos, const Colour& colour) {
    const double inertia = 0.4 * mass * size[0] * size[0];  // turns nothing: impacts have no friction
    mjsBody* const body = add_free_body(spec.get(), name, mass, {inertia, inertia, inertia}, 0.0);
    std::copy(pos.begin(), pos.end(), body->pos);
    if (config.pictures) {
      add_shape(body, type, size, {}, colour);
    }
  };
  if (config.has_ball()) {
    add_body("ball", config.ball.mass, mjGEOM_SPHERE, {config.ball.radius, 0.0, 0.0},
             {0.0, 0.0, 4.0}, kBall);
  }
  if (config.has_board()) {
    add_body("board", Board::kMass, mjGEOM_CYLINDER, {Board::kRadius, Board::kHalfHeight, 0.0},
             {Board::kX, 0.0, Board::kZ}, kTeams[1]);
  }
  sim::ModelPtr model(mj_compile(spec.get(), nullptr));
  if (!model) {
    throw std::runtime_error("volley." + std::string(mjs_getError(spec.get())));
  }
  return model;
}

}  // namespace fleet::tasks
