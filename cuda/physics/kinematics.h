#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/spatial.h"

// Where everything is: frames of bodies, joints, geoms and sites; centres of mass, motion axes.

namespace fleet::physics {

/// The pose of one body's frame while its joints are applied one after the other.
template <class R>
struct BodyPose {
  Vec3<R> pos;
  Quat<R> quat;
};

/// Applies joint j to the pose of its body and writes the joint's anchor and axis.
template <class R>
FLEET_HD void apply_joint(const auto& m, PhysicsData<R>& d, int j, BodyPose<R>& pose) {
  const R* const qpos = &d.qpos[m.jnt_qposadr[j]];
  const Vec3<R> local_pos = constant3<R>(&m.jnt_pos[3 * j]);
  const Vec3<R> axis = rotate(pose.quat, constant3<R>(&m.jnt_axis[3 * j]));
  const Vec3<R> anchor = pose.pos + rotate(pose.quat, local_pos);
  switch (static_cast<Joint>(m.jnt_type[j])) {
    case Joint::kSlide:
      pose.pos = add_scaled(pose.pos, axis, qpos[0] - R(m.qpos0[m.jnt_qposadr[j]]));
      break;
    case Joint::kBall:
      pose.quat = pose.quat * normalised(load4(qpos));
      pose.pos = anchor - rotate(pose.quat, local_pos);
      break;
    case Joint::kHinge:
      pose.quat = pose.quat * axis_angle(constant3<R>(&m.jnt_axis[3 * j]),
                                         qpos[0] - R(m.qpos0[m.jnt_qposadr[j]]));
      pose.pos = anchor - rotate(pose.quat, local_pos);
      break;
    case Joint::kFree:
      break;
  }
  store3(&d.xanchor[3 * j], anchor);
  store3(&d.xaxis[3 * j], axis);
}

template <class R>
FLEET_HD void body_kinematics(const auto& m, PhysicsData<R>& d, int body) {
  const int parent = m.body_parentid[body];
  const int first = m.body_jntadr[body];
  BodyPose<R> pose;
  if (m.body_jntnum[body] == 1 && m.jnt_type[first] == static_cast<int>(Joint::kFree)) {
    const R* const qpos = &d.qpos[m.jnt_qposadr[first]];
    pose = {load3(qpos), normalised(load4(qpos + 3))};
    store3(&d.xanchor[3 * first], pose.pos);
    store3(&d.xaxis[3 * first], constant3<R>(&m.jnt_axis[3 * first]));
  } else {
    const Vec3<R> offset = constant3<R>(&m.body_pos[3 * body]);
    pose.pos = load3(&d.xpos[3 * parent]) + load9(&d.xmat[9 * parent]) * offset;
    pose.quat = load4(&d.xquat[4 * parent]) * constant4<R>(&m.body_quat[4 * body]);
    for (int j = first; j < first + m.body_jntnum[body]; ++j) {
      apply_joint(m, d, j, pose);
    }
    pose.quat = normalised(pose.quat);
  }
  store3(&d.xpos[3 * body], pose.pos);
  store4(&d.xquat[4 * body], pose.quat);
  const Mat3<R> xmat = matrix(pose.quat);
  store9(&d.xmat[9 * body], xmat);
  store3(&d.xipos[3 * body], pose.pos + xmat * load3(&d.field.body_ipos[3 * body]));
  store9(&d.ximat[9 * body], matrix(pose.quat * load4(&d.field.body_iquat[4 * body])));
}

/// The world frame of something fixed to a body.  @param pos, quat (3, 4) in the body's frame
template <class R>
FLEET_HD void attach(const PhysicsData<R>& d, int body, const ScalarOf<R>* pos,
                     const ScalarOf<R>* quat, R* xpos, R* xmat) {
  const Vec3<R> offset = constant3<R>(pos);
  store3(xpos, load3(&d.xpos[3 * body]) + load9(&d.xmat[9 * body]) * offset);
  store9(xmat, matrix(load4(&d.xquat[4 * body]) * constant4<R>(quat)));
}

template <class R>
FLEET_HD void geom_frame(const auto& m, PhysicsData<R>& d, int i) {
  attach<R>(d, m.geom_bodyid[i], &m.geom_pos[3 * i], &m.geom_quat[4 * i], &d.geom_xpos[3 * i],
            &d.geom_xmat[9 * i]);
}

template <class R>
FLEET_HD void site_frame(const auto& m, PhysicsData<R>& d, int i) {
  attach<R>(d, m.site_bodyid[i], &m.site_pos[3 * i], &m.site_quat[4 * i], &d.site_xpos[3 * i],
            &d.site_xmat[9 * i]);
}

/// Fills xpos to site_xmat. Body 0, the world, keeps what the constructor gave it.
template <class R>
void kinematics(const auto& m, PhysicsData<R>& d) {
  for (int body = 1; body < m.nbody; ++body) {
    body_kinematics(m, d, body);
  }
  for (int i = 0; i < m.ngeom; ++i) {
    geom_frame(m, d, i);
  }
  for (int i = 0; i < m.nsite; ++i) {
    site_frame(m, d, i);
  }
}

/// The motion axis of a rotation about `axis` through a point `offset` before the centre.
template <class R>
FLEET_HD void write_rotation_axis(R* cdof, const Vec3<R>& axis, const Vec3<R>& offset) {
  store6(cdof, {axis, cross(axis, offset)});
}

template <class R>
FLEET_HD void joint_axes(const auto& m, PhysicsData<R>& d, int j) {
  const int body = m.jnt_bodyid[j];
  const Vec3<R> offset =
      load3(&d.subtree_com[3 * m.body_rootid[body]]) - load3(&d.xanchor[3 * j]);
  R* cdof = &d.cdof[6 * m.jnt_dofadr[j]];
  const auto type = static_cast<Joint>(m.jnt_type[j]);
  if (type == Joint::kHinge) {
    write_rotation_axis(cdof, load3(&d.xaxis[3 * j]), offset);
    return;
  }
  if (type == Joint::kSlide) {
    store6(cdof, {{R(0.0), R(0.0), R(0.0)}, load3(&d.xaxis[3 * j])});
    return;
  }
  if (type == Joint::kFree) {
    for (int k = 0; k < 18; ++k) {
      cdof[k] = R(k == 3 || k == 10 || k == 17 ? 1.0 : 0.0);
    }
    cdof += 18;
  }
  const Mat3<R> axes = load9(&d.xmat[9 * body]);
  for (int k = 0; k < 3; ++k) {
    write_rotation_axis(cdof + 6 * k, column(axes, k), offset);
  }
}

/// subtree_com of a body by itself, times its mass.
template <class R>
FLEET_HD void begin_subtree_com(PhysicsData<R>& d, int body) {
  store3(&d.subtree_com[3 * body], load3(&d.xipos[3 * body]) * d.field.body_mass[body]);
}

/// From the sum over the subtree to its mean.
template <class R>
FLEET_HD void finish_subtree_com(PhysicsData<R>& d, int body) {
  const R mass = d.field.body_subtreemass[body];
  const auto massless = less(mass, R(1e-15));
  const R scale = R(1.0) / select(massless, R(1.0), mass);
  const Vec3<R> com = load3(&d.subtree_com[3 * body]) * scale;
  store3(&d.subtree_com[3 * body], select<R>(massless, load3(&d.xipos[3 * body]), com));
}

template <class R>
FLEET_HD void body_inertia(const auto& m, PhysicsData<R>& d, int body) {
  const Vec3<R> offset = load3(&d.xipos[3 * body]) - load3(&d.subtree_com[3 * m.body_rootid[body]]);
  write_inertia(&d.cinert[10 * body], load3(&d.field.body_inertia[3 * body]),
                load9(&d.ximat[9 * body]), offset, d.field.body_mass[body]);
}

/// Fills subtree_com, cinert and cdof.
template <class R>
void com_pos(const auto& m, PhysicsData<R>& d) {
  for (int body = 0; body < m.nbody; ++body) {
    begin_subtree_com(d, body);
  }
  for (int body = m.nbody - 1; body > 0; --body) {
    R* const parent = &d.subtree_com[3 * m.body_parentid[body]];
    store3(parent, load3(parent) + load3(&d.subtree_com[3 * body]));
  }
  for (int body = 0; body < m.nbody; ++body) {
    finish_subtree_com(d, body);
  }
  for (int body = 1; body < m.nbody; ++body) {
    body_inertia(m, d, body);
  }
  for (int j = 0; j < m.njnt; ++j) {
    joint_axes(m, d, j);
  }
}

}  // namespace fleet::physics
