#include "sim/robot_sensors.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "sim/model.h"
#include "sim/spec.h"

namespace fleet::sim {
namespace {

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

}  // namespace

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

}  // namespace fleet::sim
