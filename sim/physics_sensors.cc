#include "sim/physics_sensors.h"

#include <algorithm>
#include <array>

namespace fleet::sim {
namespace {

using physics::Object;
using physics::Sensor;

struct Kind {
  const char* name;  // of the MJCF element
  int sensor;        // Sensor, or -1: the engine does not have it
};
constexpr Kind have(const char* name, Sensor sensor) { return {name, static_cast<int>(sensor)}; }

// In the order of mjtSensor.
constexpr std::array<Kind, mjSENS_USER + 1> kKinds{{
    have("touch", Sensor::kTouch),
    have("accelerometer", Sensor::kAccelerometer),
    have("velocimeter", Sensor::kVelocimeter),
    have("gyro", Sensor::kGyro),
    have("force", Sensor::kForce),
    have("torque", Sensor::kTorque),
    have("magnetometer", Sensor::kMagnetometer),
    {"rangefinder", -1},
    {"camprojection", -1},
    have("jointpos", Sensor::kJointPos),
    have("jointvel", Sensor::kJointVel),
    have("tendonpos", Sensor::kTendonPos),
    have("tendonvel", Sensor::kTendonVel),
    have("actuatorpos", Sensor::kActuatorPos),
    have("actuatorvel", Sensor::kActuatorVel),
    have("actuatorfrc", Sensor::kActuatorForce),
    have("jointactuatorfrc", Sensor::kJointActuatorForce),
    have("tendonactuatorfrc", Sensor::kTendonActuatorForce),
    have("ballquat", Sensor::kBallQuat),
    have("ballangvel", Sensor::kBallAngVel),
    have("jointlimitpos", Sensor::kJointLimitPos),
    have("jointlimitvel", Sensor::kJointLimitVel),
    have("jointlimitfrc", Sensor::kJointLimitForce),
    {"tendonlimitpos", -1},
    {"tendonlimitvel", -1},
    {"tendonlimitfrc", -1},
    have("framepos", Sensor::kFramePos),
    have("framequat", Sensor::kFrameQuat),
    have("framexaxis", Sensor::kFrameXAxis),
    have("frameyaxis", Sensor::kFrameYAxis),
    have("framezaxis", Sensor::kFrameZAxis),
    have("framelinvel", Sensor::kFrameLinVel),
    have("frameangvel", Sensor::kFrameAngVel),
    have("framelinacc", Sensor::kFrameLinAcc),
    have("frameangacc", Sensor::kFrameAngAcc),
    have("subtreecom", Sensor::kSubtreeCom),
    have("subtreelinvel", Sensor::kSubtreeLinVel),
    have("subtreeangmom", Sensor::kSubtreeAngMom),
    have("insidesite", Sensor::kInsideSite),
    {"distance", -1},
    {"normal", -1},
    {"fromto", -1},
    have("contact", Sensor::kContact),
    {"e_potential", -1},
    {"e_kinetic", -1},
    {"clock", -1},
    {"tactile", -1},
    {"plugin", -1},
    {"user", -1},
}};

Object object_of(int type) {
  switch (type) {
    case mjOBJ_BODY:
      return Object::kBody;
    case mjOBJ_XBODY:
      return Object::kXBody;
    case mjOBJ_GEOM:
      return Object::kGeom;
    case mjOBJ_SITE:
      return Object::kSite;
    case mjOBJ_JOINT:
      return Object::kJoint;
    case mjOBJ_TENDON:
      return Object::kTendon;
    case mjOBJ_ACTUATOR:
      return Object::kActuator;
    default:
      return Object::kNone;
  }
}

/// The site whose volume a sensor asks about, or -1.
int volume_site(const mjModel& m, int sensor) {
  switch (m.sensor_type[sensor]) {
    case mjSENS_TOUCH:
      return m.sensor_objid[sensor];
    case mjSENS_INSIDESITE:
      return m.sensor_refid[sensor];
    case mjSENS_CONTACT:
      return m.sensor_objtype[sensor] == mjOBJ_SITE ? m.sensor_objid[sensor] : -1;
    default:
      return -1;
  }
}

bool is_massless(const mjModel& m, int sensor) {
  const int body = m.sensor_objid[sensor];
  return m.sensor_type[sensor] == mjSENS_INSIDESITE && m.sensor_objtype[sensor] == mjOBJ_BODY &&
         body > 0 && m.body_mass[body] < mjMINVAL;
}

/// Whether one side of a contact is what the sensor names. Bodies below a named one count as it.
bool side_matches(const mjModel& m, int geom, int type, int id) {
  int body = m.geom_bodyid[geom];
  switch (type) {
    case mjOBJ_UNKNOWN:
    case mjOBJ_SITE:
      return true;
    case mjOBJ_GEOM:
      return geom == id;
    case mjOBJ_BODY:
      return body == id;
    case mjOBJ_XBODY:
      while (body > id) {
        body = m.body_parentid[body];
      }
      return body == id;
    default:
      return false;
  }
}

/// 0: not counted; 1: as the contact is; -1: with its sides exchanged.
int contact_match(const mjModel& m, int sensor, int geom1, int geom2) {
  const int type1 = m.sensor_objtype[sensor];
  const int type2 = m.sensor_reftype[sensor];
  const auto matches = [&](int geom, bool first) {
    return side_matches(m, geom, first ? type1 : type2,
                        first ? m.sensor_objid[sensor] : m.sensor_refid[sensor]);
  };
  const bool first1 = matches(geom1, true), first2 = matches(geom2, true);
  const bool second1 = matches(geom1, false), second2 = matches(geom2, false);
  if (!(first1 || first2) || !(second1 || second2)) {
    return 0;
  }
  if (type1 == mjOBJ_UNKNOWN) {
    return second2 ? 1 : -1;
  }
  if (type2 == mjOBJ_UNKNOWN) {
    return first1 ? 1 : -1;
  }
  if (first1 && second2) {
    return 1;
  }
  return first2 && second1 ? -1 : 0;
}

/// Touch: 1 if the sensor's body is the first of the two, -1 if it is the second.
int touch_match(const mjModel& m, int sensor, int geom1, int geom2) {
  const int body = m.site_bodyid[m.sensor_objid[sensor]];
  return m.geom_bodyid[geom2] == body ? -1 : (m.geom_bodyid[geom1] == body ? 1 : 0);
}

template <class T>
void add_matches(const mjModel& m, int sensor, physics::PhysicsModel<T>& physics) {
  const int type = m.sensor_type[sensor];
  if (type != mjSENS_CONTACT && type != mjSENS_TOUCH) {
    physics.sensor_match_adr.push_back(-1);
    return;
  }
  physics.sensor_match_adr.push_back(static_cast<int>(physics.sensor_match.size()));
  for (const auto& pair : physics.pairs) {
    const int match = type == mjSENS_TOUCH ? touch_match(m, sensor, pair.geom1, pair.geom2)
                                           : contact_match(m, sensor, pair.geom1, pair.geom2);
    physics.sensor_match.push_back(static_cast<std::int8_t>(match));
  }
}

bool needs_subtree_vel(int type) {
  return type == mjSENS_SUBTREELINVEL || type == mjSENS_SUBTREEANGMOM;
}
bool needs_rne_post_constraint(int type) {
  return type == mjSENS_ACCELEROMETER || type == mjSENS_FORCE || type == mjSENS_TORQUE ||
         type == mjSENS_FRAMELINACC || type == mjSENS_FRAMEANGACC;
}

template <class T>
void add_sensor(const mjModel& m, int i, physics::PhysicsModel<T>& physics) {
  const int type = m.sensor_type[i];
  const bool clips = type != mjSENS_CONTACT && (m.sensor_datatype[i] == mjDATATYPE_REAL ||
                                                m.sensor_datatype[i] == mjDATATYPE_POSITIVE);
  physics.sensor_type.push_back(kKinds[type].sensor);
  physics.sensor_stage.push_back(m.sensor_needstage[i]);
  physics.sensor_objtype.push_back(static_cast<int>(object_of(m.sensor_objtype[i])));
  physics.sensor_objid.push_back(m.sensor_objid[i]);
  physics.sensor_reftype.push_back(static_cast<int>(object_of(m.sensor_reftype[i])));
  physics.sensor_refid.push_back(m.sensor_refid[i]);
  physics.sensor_dim.push_back(m.sensor_dim[i]);
  physics.sensor_adr.push_back(m.sensor_adr[i]);
  physics.sensor_intprm.insert(physics.sensor_intprm.end(), m.sensor_intprm + mjNSENS * i,
                               m.sensor_intprm + mjNSENS * (i + 1));
  physics.sensor_cutoff.push_back(static_cast<T>(clips ? std::max(m.sensor_cutoff[i], 0.0) : 0.0));
  physics.sensor_positive.push_back(m.sensor_datatype[i] == mjDATATYPE_POSITIVE);
  add_matches(m, i, physics);
  physics.needs_subtree_vel |= needs_subtree_vel(type);
  physics.needs_rne_post_constraint |= needs_rne_post_constraint(type);
}

}  // namespace

std::string unsupported_sensor(const mjModel& m, int sensor) {
  const Kind& kind = kKinds.at(m.sensor_type[sensor]);
  if (kind.sensor < 0) {
    return kind.name;
  }
  if (m.sensor_history[2 * sensor] > 0 || m.sensor_delay[sensor] > 0 ||
      m.sensor_interval[2 * sensor] > 0) {
    return std::string(kind.name) + " with delay, interval or history";
  }
  if (m.sensor_objtype[sensor] == mjOBJ_CAMERA || m.sensor_reftype[sensor] == mjOBJ_CAMERA) {
    return std::string(kind.name) + " of a camera";
  }
  constexpr int kVelocities = 1 << mjCONDATA_LINVEL | 1 << mjCONDATA_ANGVEL;
  if (m.sensor_type[sensor] == mjSENS_CONTACT &&
      (m.sensor_intprm[mjNSENS * sensor] & kVelocities) != 0) {
    return "contact with linvel or angvel";
  }
  const int site = volume_site(m, sensor);
  if (site >= 0 && (m.site_type[site] < mjGEOM_SPHERE || m.site_type[site] > mjGEOM_BOX)) {
    return std::string(kind.name) +
           " with a site that is no sphere, capsule, ellipsoid, cylinder or box";
  }
  const bool limit = m.sensor_type[sensor] >= mjSENS_JOINTLIMITPOS &&
                     m.sensor_type[sensor] <= mjSENS_JOINTLIMITFRC;
  if (limit && m.jnt_type[m.sensor_objid[sensor]] < mjJNT_SLIDE) {
    return std::string(kind.name) + " of a ball joint";
  }
  return is_massless(m, sensor) ? std::string(kind.name) + " of a body without mass" : "";
}

template <class T>
void add_sensors(const mjModel& m, physics::PhysicsModel<T>& physics) {
  physics.nsensordata = static_cast<int>(m.nsensordata);
  if ((m.opt.disableflags & mjDSBL_SENSOR) != 0) {
    return;  // sensordata stays zero
  }
  physics.nsensor = static_cast<int>(m.nsensor);
  for (int i = 0; i < physics.nsensor; ++i) {
    add_sensor(m, i, physics);
  }
}

template void add_sensors(const mjModel&, physics::PhysicsModel<float>&);
template void add_sensors(const mjModel&, physics::PhysicsModel<double>&);

}  // namespace fleet::sim
