#include "sim/robot.h"

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/ground.h"
#include "sim/robot_sensors.h"
#include "sim/spec.h"

namespace fleet::sim {
namespace {

SpecPtr parse(const std::string& file) {
  std::array<char, 1000> error{};
  SpecPtr spec(mj_parseXML(file.c_str(), nullptr, error.data(), error.size()));
  if (!spec) {
    throw std::runtime_error(file + ": " + error.data());
  }
  return spec;
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

}  // namespace fleet::sim
