#pragma once

#include "cuda/physics/sensor_contact.h"

// Sensors by the stage after which they can be read, as mj_sensorPos, mj_sensorVel, mj_sensorAcc.
// The type of a sensor is the same in all worlds: these switches cost nothing per lane.

namespace fleet::physics {

template <class R>
FLEET_HD void position_frame_sensor(const auto& m, const PhysicsData<R>& d, int i, R* out) {
  const ObjectFrame<R> frame = object_frame(m, d, m.sensor_objtype[i], m.sensor_objid[i]);
  const bool relative = m.sensor_refid[i] >= 0;
  const ObjectFrame<R> reference =
      relative ? object_frame(m, d, m.sensor_reftype[i], m.sensor_refid[i]) : frame;
  const auto type = static_cast<Sensor>(m.sensor_type[i]);
  Vec3<R> value = load3(frame.pos);
  if (type == Sensor::kFramePos) {
    value = relative ? value - load3(reference.pos) : value;
  } else {
    const int axis = m.sensor_type[i] - static_cast<int>(Sensor::kFrameXAxis);
    value = column(load9(frame.mat), axis);
  }
  store3(out, relative ? transposed_times(load9(reference.mat), value) : value);
}

template <class R>
FLEET_HD void quat_sensor(const auto& m, const PhysicsData<R>& d, int i, R* out) {
  const Quat<R> quat = object_quat(m, d, m.sensor_objtype[i], m.sensor_objid[i]);
  if (m.sensor_refid[i] < 0) {
    store4(out, quat);
    return;
  }
  store4(out, conjugate(object_quat(m, d, m.sensor_reftype[i], m.sensor_refid[i])) * quat);
}

/// Velocity of a frame; in a reference frame it is what an observer who turns with it sees.
template <class R>
FLEET_HD Vec6<R> frame_velocity(const auto& m, const PhysicsData<R>& d, int i) {
  const ObjectFrame<R> frame = object_frame(m, d, m.sensor_objtype[i], m.sensor_objid[i]);
  const Vec6<R> velocity = object_velocity(m, d, frame);
  if (m.sensor_refid[i] < 0) {
    return velocity;
  }
  const ObjectFrame<R> reference = object_frame(m, d, m.sensor_reftype[i], m.sensor_refid[i]);
  const Vec6<R> moving = object_velocity(m, d, reference);
  const Vec3<R> arm = load3(frame.pos) - load3(reference.pos);
  const Mat3<R> axes = load9(reference.mat);
  const Vec3<R> linear = velocity.linear - moving.linear + cross(arm, moving.angular);
  return {transposed_times(axes, velocity.angular - moving.angular),
          transposed_times(axes, linear)};
}

/// The limit of a hinge or slide that is in force: distance beyond its margin, or its velocity.
/// The lower one counts if both are.
template <class R>
FLEET_HD R joint_limit_sensor(const auto& m, const PhysicsData<R>& d, int i) {
  const int j = m.sensor_objid[i];
  if (!m.limits || !m.jnt_limited[j]) {
    return R(0.0);
  }
  const R pos = d.qpos[m.jnt_qposadr[j]];
  const R vel = d.qvel[m.jnt_dofadr[j]];
  const R margin(m.jnt_margin[j]);
  const R lower = pos - R(m.jnt_range[2 * j]);
  const R upper = R(m.jnt_range[2 * j + 1]) - pos;
  const bool wants_pos = m.sensor_type[i] == static_cast<int>(Sensor::kJointLimitPos);
  const R at_upper = select(less(upper, margin), wants_pos ? upper - margin : -vel, R(0.0));
  return select(less(lower, margin), wants_pos ? lower - margin : vel, at_upper);
}

template <class R>
FLEET_HD R joint_limit_force(const auto& m, const PhysicsData<R>& d, int i) {
  R force(0.0);
  auto found = less(R(0.0), R(0.0));
  for (int row = d.dof_rows.num_friction; row < d.dof_rows.num && m.limits; ++row) {
    if (d.dof_rows.id[row] == m.sensor_objid[i]) {
      const auto counts = less(R(0.0), d.dof_rows.D[row]) & !found;
      force = select(counts, d.dof_rows.force[row], force);
      found = found | counts;
    }
  }
  return force;
}

template <class R>
FLEET_HD void position_sensor(const auto& m, PhysicsData<R>& d, int i, R* out) {
  const int id = m.sensor_objid[i];
  switch (static_cast<Sensor>(m.sensor_type[i])) {
    case Sensor::kMagnetometer:
      store3(out, transposed_times(load9(&d.site_xmat[9 * id]), constant3<R>(&m.magnetic[0])));
      break;
    case Sensor::kJointPos:
      out[0] = d.qpos[m.jnt_qposadr[id]];
      break;
    case Sensor::kTendonPos:
      out[0] = d.ten_length[id];
      break;
    case Sensor::kActuatorPos:
      out[0] = d.actuator_length[id];
      break;
    case Sensor::kBallQuat:
      store4(out, normalised(load4(&d.qpos[m.jnt_qposadr[id]])));
      break;
    case Sensor::kJointLimitPos:
      out[0] = joint_limit_sensor(m, d, i);
      break;
    case Sensor::kFrameQuat:
      quat_sensor(m, d, i, out);
      break;
    case Sensor::kSubtreeCom:
      store3(out, load3(&d.subtree_com[3 * id]));
      break;
    case Sensor::kInsideSite: {
      const R* const pos = object_frame(m, d, m.sensor_objtype[i], id).pos;
      out[0] = select(inside_site(m, d, m.sensor_refid[i], load3(pos)), R(1.0), R(0.0));
      break;
    }
    default:
      position_frame_sensor(m, d, i, out);
      break;
  }
}

template <class R>
FLEET_HD void velocity_sensor(const auto& m, PhysicsData<R>& d, int i, R* out) {
  const int id = m.sensor_objid[i];
  const auto in_site = [&](bool angular) {
    const Vec6<R> v = frame_velocity(m, d, i);
    const Vec3<R> part = angular ? v.angular : v.linear;
    store3(out, transposed_times(load9(&d.site_xmat[9 * id]), part));
  };
  switch (static_cast<Sensor>(m.sensor_type[i])) {
    case Sensor::kVelocimeter:
      in_site(false);
      break;
    case Sensor::kGyro:
      in_site(true);
      break;
    case Sensor::kJointVel:
      out[0] = d.qvel[m.jnt_dofadr[id]];
      break;
    case Sensor::kTendonVel:
      out[0] = d.ten_velocity[id];
      break;
    case Sensor::kActuatorVel:
      out[0] = d.actuator_velocity[id];
      break;
    case Sensor::kBallAngVel:
      store3(out, load3(&d.qvel[m.jnt_dofadr[id]]));
      break;
    case Sensor::kJointLimitVel:
      out[0] = joint_limit_sensor(m, d, i);
      break;
    case Sensor::kFrameLinVel:
      store3(out, frame_velocity(m, d, i).linear);
      break;
    case Sensor::kFrameAngVel:
      store3(out, frame_velocity(m, d, i).angular);
      break;
    case Sensor::kSubtreeLinVel:
      store3(out, load3(&d.subtree_linvel[3 * id]));
      break;
    default:
      store3(out, load3(&d.subtree_angmom[3 * id]));
      break;
  }
}

/// What holds a site's body to its parent, at the site, in its frame.
template <class R>
FLEET_HD Vec6<R> joint_wrench(const auto& m, const PhysicsData<R>& d, int site) {
  const ObjectFrame<R> frame = object_frame(m, d, static_cast<int>(Object::kSite), site);
  const Vec6<R> wrench =
      wrench_at(load6(&d.cfrc_int[6 * frame.body]), offset_from_com(m, d, frame));
  const Mat3<R> axes = load9(frame.mat);
  return {transposed_times(axes, wrench.angular), transposed_times(axes, wrench.linear)};
}

template <class R>
FLEET_HD R tendon_force(const auto& m, const PhysicsData<R>& d, int tendon) {
  R sum(0.0);
  for (int u = 0; u < m.nu; ++u) {
    if (m.actuator_trntype[u] == static_cast<int>(Transmission::kTendon) &&
        m.actuator_trnid[u] == tendon) {
      sum += d.actuator_force[u];
    }
  }
  return sum;
}

template <class R>
FLEET_HD void acceleration_sensor(const auto& m, PhysicsData<R>& d, int i, R* out) {
  const int id = m.sensor_objid[i];
  const auto acceleration = [&] {
    return object_acceleration(m, d, object_frame(m, d, m.sensor_objtype[i], id));
  };
  switch (static_cast<Sensor>(m.sensor_type[i])) {
    case Sensor::kTouch:
      out[0] = touch_sensor(m, d, i);
      break;
    case Sensor::kAccelerometer:
      store3(out, transposed_times(load9(&d.site_xmat[9 * id]), acceleration().linear));
      break;
    case Sensor::kForce:
      store3(out, joint_wrench(m, d, id).linear);
      break;
    case Sensor::kTorque:
      store3(out, joint_wrench(m, d, id).angular);
      break;
    case Sensor::kActuatorForce:
      out[0] = d.actuator_force[id];
      break;
    case Sensor::kJointActuatorForce:
      out[0] = d.qfrc_actuator[m.jnt_dofadr[id]];
      break;
    case Sensor::kTendonActuatorForce:
      out[0] = tendon_force(m, d, id);
      break;
    case Sensor::kJointLimitForce:
      out[0] = joint_limit_force(m, d, i);
      break;
    case Sensor::kFrameLinAcc:
      store3(out, acceleration().linear);
      break;
    default:
      store3(out, acceleration().angular);
      break;
  }
}

/// Reads and clips a sensor, if it is one of this stage.
template <class R>
FLEET_HD void read_sensor(const auto& m, PhysicsData<R>& d, Stage stage, int i) {
  if (m.sensor_stage[i] != static_cast<int>(stage)) {
    return;
  }
  R* const out = &d.sensordata[m.sensor_adr[i]];
  if (m.sensor_type[i] == static_cast<int>(Sensor::kContact)) {
    contact_sensor(m, d, i);
  } else if (stage == Stage::kPos) {
    position_sensor(m, d, i, out);
  } else if (stage == Stage::kVel) {
    velocity_sensor(m, d, i, out);
  } else {
    acceleration_sensor(m, d, i, out);
  }
  const R cutoff(m.sensor_cutoff[i]);
  for (int k = 0; k < m.sensor_dim[i] && m.sensor_cutoff[i] > 0; ++k) {
    out[k] = m.sensor_positive[i] ? minimum(cutoff, out[k]) : clamp(out[k], -cutoff, cutoff);
  }
}

template <class R>
void sensors_of_stage(const auto& m, PhysicsData<R>& d, Stage stage) {
  for (int i = 0; i < m.nsensor; ++i) {
    read_sensor(m, d, stage, i);
  }
}

/// After kinematics, com_pos, tendons and contacts.
template <class R>
void sensor_pos(const auto& m, PhysicsData<R>& d) {
  sensors_of_stage(m, d, Stage::kPos);
}

/// After com_vel as well.
template <class R>
void sensor_vel(const auto& m, PhysicsData<R>& d) {
  if (m.needs_subtree_vel) {
    subtree_vel(m, d);
  }
  sensors_of_stage(m, d, Stage::kVel);
}

/// After the constraint solver, with contact.force filled.
template <class R>
void sensor_acc(const auto& m, PhysicsData<R>& d) {
  if (m.needs_rne_post_constraint) {
    rne_post_constraint(m, d);
  }
  sensors_of_stage(m, d, Stage::kAcc);
}

}  // namespace fleet::physics
