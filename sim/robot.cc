#include "sim/robot.h"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace fleet::sim {
namespace {

struct SpecDeleter {
  void operator()(mjSpec* spec) const { mj_deleteSpec(spec); }
};
using SpecPtr = std::unique_ptr<mjSpec, SpecDeleter>;

SpecPtr parse(const std::string& file) {
  std::array<char, 1000> error{};
  SpecPtr spec(mj_parseXML(file.c_str(), nullptr, error.data(), error.size()));
  if (!spec) {
    throw std::runtime_error(file + ": " + error.data());
  }
  return spec;
}

std::string name_of(mjsElement* element) { return mjs_getString(mjs_getName(element)); }

template <class F>
void for_each_element(mjSpec* spec, mjtObj type, F&& f) {
  for (mjsElement* e = mjs_firstElement(spec, type); e != nullptr;) {
    mjsElement* const next = mjs_nextElement(spec, e);
    f(e);
    e = next;
  }
}

void delete_all(mjSpec* spec, mjtObj type) {
  for_each_element(spec, type, [&](mjsElement* element) { mjs_delete(spec, element); });
}

/// Colliding geoms without a name get "<body>_collision<k>", so that rules can speak of them.
void name_colliding_geoms(mjSpec* spec) {
  for_each_element(spec, mjOBJ_BODY, [&](mjsElement* element) {
    mjsBody* const body = mjs_asBody(element);
    int count = 0;
    for (mjsElement* e = mjs_firstChild(body, mjOBJ_GEOM, 0); e != nullptr;
         e = mjs_nextChild(body, e, 0)) {
      const mjsGeom* const geom = mjs_asGeom(e);
      const bool collides = geom->contype != 0 || geom->conaffinity != 0;
      if (collides && name_of(e).empty()) {
        mjs_setName(e, (name_of(element) + "_collision" + std::to_string(++count)).c_str());
      }
    }
  });
}

void apply(const CollisionRule& rule, mjsGeom* geom) {
  const auto set = [](const std::vector<int>& from, int& to) {
    to = from.empty() ? to : from.front();
  };
  set(rule.contype, geom->contype);
  set(rule.conaffinity, geom->conaffinity);
  set(rule.condim, geom->condim);
  set(rule.priority, geom->priority);
  for (std::size_t i = 0; i < rule.friction.size() && i < 3; ++i) {
    geom->friction[i] = rule.friction[i];
  }
  for (std::size_t i = 0; i < rule.solref.size() && i < mjNREF; ++i) {
    geom->solref[i] = rule.solref[i];
  }
  geom->margin = rule.margin.empty() ? geom->margin : rule.margin.front();
}

void apply_collision(mjSpec* spec, const RobotConfig& robot) {
  std::vector<int> uses(robot.collision.size(), 0);
  for_each_element(spec, mjOBJ_GEOM, [&](mjsElement* element) {
    for (std::size_t i = 0; i < robot.collision.size(); ++i) {
      if (matches(name_of(element), robot.collision[i].geoms)) {
        apply(robot.collision[i], mjs_asGeom(element));
        ++uses[i];
      }
    }
  });
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (uses[i] == 0) {
      throw std::runtime_error(robot.name + ": collision." + std::to_string(i) + ".geoms: '" +
                               robot.collision[i].geoms + "' matches no geom of " + robot.model);
    }
  }
}

void add_servo(mjSpec* spec, const std::string& joint, const ActuatorGroup& group) {
  mjsActuator* const servo = mjs_addActuator(spec, nullptr);
  mjs_setName(servo->element, joint.c_str());
  mjs_setString(servo->target, joint.c_str());
  servo->trntype = mjTRN_JOINT;
  servo->gaintype = mjGAIN_FIXED;
  servo->gainprm[0] = group.stiffness;
  servo->biastype = mjBIAS_AFFINE;
  servo->biasprm[1] = -group.stiffness;
  servo->biasprm[2] = -group.damping;
  servo->ctrllimited = mjLIMITED_FALSE;
  servo->forcelimited = mjLIMITED_TRUE;
  servo->forcerange[0] = -group.effort_limit;
  servo->forcerange[1] = group.effort_limit;
}

/// The servo holds damping and armature; the joint keeps neither of its own, nor dry friction.
void add_servos(mjSpec* spec, const RobotConfig& robot) {
  delete_all(spec, mjOBJ_ACTUATOR);
  for_each_element(spec, mjOBJ_JOINT, [&](mjsElement* element) {
    mjsJoint* const joint = mjs_asJoint(element);
    if (joint->type != mjJNT_HINGE) {
      return;
    }
    const ActuatorGroup& group = group_of(robot, name_of(element));
    joint->armature = group.armature;
    joint->damping[0] = 0.0;
    joint->frictionloss = 0.0;
    add_servo(spec, name_of(element), group);
  });
}

mjsSensor* add_sensor(mjSpec* spec, const std::string& name, mjtSensor type, mjtObj object,
                      const std::string& object_name) {
  mjsSensor* const sensor = mjs_addSensor(spec);
  mjs_setName(sensor->element, name.c_str());
  sensor->type = type;
  sensor->objtype = object;
  mjs_setString(sensor->objname, object_name.c_str());
  return sensor;
}

enum class Reduce { kNone = 0, kNetForce = 3 };

/// Reads found (1) and force (3) of the contacts between an object and another.
void add_contact(mjSpec* spec, const std::string& name, mjtObj object,
                 const std::string& object_name, mjtObj other, const std::string& other_name,
                 Reduce reduce) {
  mjsSensor* const sensor = add_sensor(spec, name, mjSENS_CONTACT, object, object_name);
  sensor->reftype = other;
  mjs_setString(sensor->refname, other_name.c_str());
  sensor->intprm[0] = (1 << mjCONDATA_FOUND) | (1 << mjCONDATA_FORCE);
  sensor->intprm[1] = static_cast<int>(reduce);
  sensor->intprm[2] = 1;
}

void add_feet(mjSpec* spec, const RobotConfig& robot) {
  for (const Foot& foot : robot.feet) {
    if (!foot.site_body.empty()) {
      mjsBody* const body = mjs_findBody(spec, foot.site_body.c_str());
      if (body == nullptr) {
        throw std::runtime_error(robot.name + ": feet: no body named '" + foot.site_body + "'");
      }
      mjsSite* const site = mjs_addSite(body, nullptr);
      mjs_setName(site->element, foot.site.c_str());
      std::ranges::copy(foot.site_pos, site->pos);
    }
    const bool by_geom = !foot.contact_geom.empty();
    add_contact(spec, foot.name + "/contact", by_geom ? mjOBJ_GEOM : mjOBJ_XBODY,
                by_geom ? foot.contact_geom : foot.contact_body, mjOBJ_BODY, "terrain",
                Reduce::kNetForce);
    add_sensor(spec, foot.name + "/velocity", mjSENS_FRAMELINVEL, mjOBJ_SITE, foot.site);
  }
}

void add_fall_sensors(mjSpec* spec, const RobotConfig& robot) {
  if (robot.fall_geoms.empty()) {
    return;
  }
  int count = 0;
  for_each_element(spec, mjOBJ_GEOM, [&](mjsElement* element) {
    const std::string name = name_of(element);
    const mjsGeom* const geom = mjs_asGeom(element);
    const bool collides = geom->contype != 0 || geom->conaffinity != 0;
    if (collides && matches(name, robot.fall_geoms)) {
      add_contact(spec, "fall" + std::to_string(count++), mjOBJ_GEOM, name, mjOBJ_BODY, "terrain",
                  Reduce::kNetForce);
    }
  });
  if (count == 0) {
    throw std::runtime_error(robot.name + ": fall_geoms: '" + robot.fall_geoms +
                             "' matches no colliding geom");
  }
}

void add_sensors(mjSpec* spec, const RobotConfig& robot, const SensorSelection& wanted) {
  delete_all(spec, mjOBJ_SENSOR);
  add_sensor(spec, "gyro", mjSENS_GYRO, mjOBJ_SITE, robot.imu_site);
  add_sensor(spec, "velocimeter", mjSENS_VELOCIMETER, mjOBJ_SITE, robot.imu_site);
  add_feet(spec, robot);
  if (wanted.self_collision) {
    add_contact(spec, "self_collision", mjOBJ_XBODY, robot.root_body, mjOBJ_XBODY, robot.root_body,
                Reduce::kNone);
  }
  if (wanted.angular_momentum) {
    add_sensor(spec, "angular_momentum", mjSENS_SUBTREEANGMOM, mjOBJ_BODY, robot.root_body);
  }
  if (wanted.torso_rate) {
    add_sensor(spec, "torso_rate", mjSENS_FRAMEANGVEL, mjOBJ_XBODY, robot.torso_body);
  }
  if (wanted.falls) {
    add_fall_sensors(spec, robot);
  }
}

/// A checkered plane, as wide as the eye reaches, with light and sky for pictures.
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

template <std::size_t N>
int choose(const std::string& key, const std::string& value,
           const std::array<std::pair<const char*, int>, N>& options) {
  std::string known;
  for (const auto& [name, number] : options) {
    if (value == name) {
      return number;
    }
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw std::runtime_error("physics." + key + ": '" + value + "' is not one of " + known);
}

void set_options(mjOption& option, const PhysicsConfig& physics) {
  using Choice = std::pair<const char*, int>;
  mj_defaultOption(&option);
  option.timestep = physics.timestep;
  option.iterations = physics.iterations;
  option.ls_iterations = physics.ls_iterations;
  option.tolerance = physics.tolerance;
  option.impratio = physics.impratio;
  option.integrator =
      choose("integrator", physics.integrator,
             std::array{Choice{"Euler", mjINT_EULER}, Choice{"implicitfast", mjINT_IMPLICITFAST}});
  option.cone = choose(
      "cone", physics.cone,
      std::array{Choice{"pyramidal", mjCONE_PYRAMIDAL}, Choice{"elliptic", mjCONE_ELLIPTIC}});
  option.solver = choose(
      "solver", physics.solver,
      std::array{Choice{"Newton", mjSOL_NEWTON}, Choice{"CG", mjSOL_CG}, Choice{"PGS", mjSOL_PGS}});
  option.jacobian = choose("jacobian", physics.jacobian,
                           std::array{Choice{"auto", mjJAC_AUTO}, Choice{"dense", mjJAC_DENSE},
                                      Choice{"sparse", mjJAC_SPARSE}});
  option.ccd_iterations = 50;
}

/// @throws std::runtime_error if a pattern matches none of the spec's elements of a type
void require_match(const RobotConfig& robot, mjSpec* spec, mjtObj type, const std::string& key,
                   const std::string& pattern) {
  bool found = false;
  for_each_element(spec, type, [&](mjsElement* element) {
    const std::string name = name_of(element);
    found = found || (!name.empty() && matches(name, pattern));
  });
  if (!found) {
    throw std::runtime_error(robot.name + ": " + key + ": '" + pattern + "' matches no " +
                             mju_type2Str(type) + " of " + robot.model);
  }
}

/// Finds the misspelt: a pattern that matches nothing would be without effect.
void require_matches(const RobotConfig& robot, mjSpec* spec) {
  for (const ActuatorGroup& group : robot.actuators) {
    for (const std::string& joint : group.joints) {
      require_match(robot, spec, mjOBJ_JOINT, "actuators: joints", joint);
    }
  }
  for (const Foot& foot : robot.feet) {
    require_match(robot, spec, mjOBJ_GEOM, "feet: " + foot.name + ": geoms", foot.geoms);
  }
  for (const std::string& joint : robot.symmetry.negate) {
    require_match(robot, spec, mjOBJ_JOINT, "symmetry: negate", joint);
  }
}

}  // namespace

const ActuatorGroup& group_of(const RobotConfig& robot, const std::string& joint) {
  for (const ActuatorGroup& group : robot.actuators) {
    for (const std::string& pattern : group.joints) {
      if (matches(joint, pattern)) {
        return group;
      }
    }
  }
  throw std::runtime_error(robot.name + ": actuators: no group names joint '" + joint + "'");
}

ModelPtr build_robot(const RobotConfig& robot, const PhysicsConfig& physics,
                     const SensorSelection& sensors, const std::string& asset_dir) {
  const std::string file = asset_dir + '/' + robot.model;
  const SpecPtr spec = parse(file);
  set_options(spec->option, physics);
  delete_all(spec.get(), mjOBJ_KEY);
  name_colliding_geoms(spec.get());
  require_matches(robot, spec.get());
  apply_collision(spec.get(), robot);
  add_servos(spec.get(), robot);
  add_ground(spec.get());
  add_sensors(spec.get(), robot, sensors);
  ModelPtr model(mj_compile(spec.get(), nullptr));
  if (!model) {
    throw std::runtime_error(file + ": " + mjs_getError(spec.get()));
  }
  return model;
}

std::vector<int> actuated_joints(const mjModel& model) {
  std::vector<int> joints;
  for (int joint = 0; joint < model.njnt; ++joint) {
    if (model.jnt_type[joint] == mjJNT_HINGE) {
      joints.push_back(joint);
    }
  }
  return joints;
}

namespace {

/// A pattern of a map, and which of the names it matches.
struct Claim {
  const std::string* pattern;
  double value;
  std::vector<bool> matched;

  std::ptrdiff_t count() const { return std::ranges::count(matched, true); }
  bool is_narrower_than(const Claim& other) const {
    for (std::size_t i = 0; i < matched.size(); ++i) {
      if (matched[i] && !other.matched[i]) {
        return false;
      }
    }
    return count() < other.count();
  }
};

std::vector<Claim> find_claims(const std::map<std::string, double>& by_pattern,
                               const std::vector<std::string>& names) {
  std::vector<Claim> claims;
  for (const auto& [pattern, value] : by_pattern) {
    Claim claim{.pattern = &pattern, .value = value, .matched = {}};
    for (const std::string& name : names) {
      claim.matched.push_back(matches(name, pattern));
    }
    if (std::ranges::find(claim.matched, true) == claim.matched.end()) {
      throw std::runtime_error('\'' + pattern + "' matches no joint");
    }
    claims.push_back(std::move(claim));
  }
  return claims;
}

}  // namespace

std::vector<double> resolve(const std::map<std::string, double>& by_pattern,
                            const std::vector<std::string>& names, double otherwise) {
  const std::vector<Claim> claims = find_claims(by_pattern, names);
  std::vector<double> values(names.size(), otherwise);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Claim* narrowest = nullptr;
    for (const Claim& claim : claims) {
      if (claim.matched[i] && (narrowest == nullptr || claim.count() < narrowest->count())) {
        narrowest = &claim;
      }
    }
    for (const Claim& claim : claims) {
      if (claim.matched[i] && &claim != narrowest && !narrowest->is_narrower_than(claim)) {
        throw std::runtime_error('\'' + names[i] + "' is matched by both '" + *narrowest->pattern +
                                 "' and '" + *claim.pattern + "', and neither is the narrower one");
      }
    }
    values[i] = narrowest != nullptr ? narrowest->value : otherwise;
  }
  return values;
}

}  // namespace fleet::sim
