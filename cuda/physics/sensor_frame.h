#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/spatial.h"

// Frames of things that sensors are attached to, and how these move.

namespace fleet::physics {

/// Where the arrays of a kind of object are, and which body it belongs to.
template <class R>
struct ObjectFrame {
  const R* pos;  ///< (3) m
  const R* mat;  ///< (9)
  int body;
};

template <class R>
FLEET_HD ObjectFrame<R> object_frame(const auto& m, const PhysicsData<R>& d, int type, int id) {
  switch (static_cast<Object>(type)) {
    case Object::kBody:
      return {&d.xipos[3 * id], &d.ximat[9 * id], id};
    case Object::kGeom:
      return {&d.geom_xpos[3 * id], &d.geom_xmat[9 * id], m.geom_bodyid[id]};
    case Object::kSite:
      return {&d.site_xpos[3 * id], &d.site_xmat[9 * id], m.site_bodyid[id]};
    default:
      return {&d.xpos[3 * id], &d.xmat[9 * id], id};
  }
}

template <class R>
FLEET_HD Quat<R> object_quat(const auto& m, const PhysicsData<R>& d, int type, int id) {
  switch (static_cast<Object>(type)) {
    case Object::kBody:
      return load4(&d.xquat[4 * id]) * load4(&d.field.body_iquat[4 * id]);
    case Object::kGeom:
      return load4(&d.xquat[4 * m.geom_bodyid[id]]) * constant4<R>(&m.geom_quat[4 * id]);
    case Object::kSite:
      return load4(&d.xquat[4 * m.site_bodyid[id]]) * constant4<R>(&m.site_quat[4 * id]);
    default:
      return load4(&d.xquat[4 * id]);
  }
}

/// From the centre of the body's tree to the frame, m.
template <class R>
FLEET_HD Vec3<R> offset_from_com(const auto& m, const PhysicsData<R>& d,
                                 const ObjectFrame<R>& frame) {
  return load3(frame.pos) - load3(&d.subtree_com[3 * m.body_rootid[frame.body]]);
}

/// A motion about the tree's centre, seen at a point `offset` away from it.
template <class R>
FLEET_HD Vec6<R> motion_at(const Vec6<R>& motion, const Vec3<R>& offset) {
  return {motion.angular, motion.linear + cross(motion.angular, offset)};
}

/// A wrench about a point, seen from another that is `offset` away from the first.
template <class R>
FLEET_HD Vec6<R> wrench_at(const Vec6<R>& wrench, const Vec3<R>& offset) {
  return {wrench.angular - cross(offset, wrench.linear), wrench.linear};
}

/// Velocity at a frame's origin, world axes.
template <class R>
FLEET_HD Vec6<R> object_velocity(const auto& m, const PhysicsData<R>& d,
                                 const ObjectFrame<R>& frame) {
  return motion_at(load6(&d.cvel[6 * frame.body]), offset_from_com(m, d, frame));
}

/// Acceleration at a frame's origin as an accelerometer feels it (gravity is up), world axes.
template <class R>
FLEET_HD Vec6<R> object_acceleration(const auto& m, const PhysicsData<R>& d,
                                     const ObjectFrame<R>& frame) {
  const Vec6<R> velocity = object_velocity(m, d, frame);
  Vec6<R> a = motion_at(load6(&d.cacc[6 * frame.body]), offset_from_com(m, d, frame));
  a.linear = a.linear + cross(velocity.angular, velocity.linear);
  return a;
}

}  // namespace fleet::physics
