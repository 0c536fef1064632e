#pragma once

#include <algorithm>

#include "cuda/physics/sensor_frame.h"
#include "cuda/physics/velocity.h"

// Quantities of bodies and subtrees that only sensors and tasks ask for.

namespace fleet::physics {

/// A body's own velocity, momentum and spin.  @param velocity (nbody x 3) of its centre of mass
template <class R>
FLEET_HD void begin_subtree_vel(const auto& m, PhysicsData<R>& d, int i, R* velocity) {
  const ObjectFrame<R> frame = object_frame(m, d, static_cast<int>(Object::kBody), i);
  const Vec6<R> v = object_velocity(m, d, frame);
  store3(velocity + 3 * i, v.linear);
  store3(&d.subtree_linvel[3 * i], v.linear * d.field.body_mass[i]);
  const Mat3<R> axes = load9(frame.mat);
  Vec3<R> spin = transposed_times(axes, v.angular);
  const R* const inertia = &d.field.body_inertia[3 * i];
  spin = {spin.x * inertia[0], spin.y * inertia[1], spin.z * inertia[2]};
  store3(&d.subtree_angmom[3 * i], axes * spin);
}

/// From the momentum of a subtree to the velocity of its centre of mass.
template <class R>
FLEET_HD void finish_subtree_linvel(PhysicsData<R>& d, int i) {
  const R mass = maximum(d.field.body_subtreemass[i], R(1e-15));
  store3(&d.subtree_linvel[3 * i], load3(&d.subtree_linvel[3 * i]) * (R(1.0) / mass));
}

/// The angular momentum of a body's subtree, once those of its children are in: about its centre.
template <class R>
FLEET_HD void finish_subtree_angmom(PhysicsData<R>& d, int i, const R* velocity) {
  const Vec3<R> com = load3(&d.subtree_com[3 * i]);
  const Vec3<R> linvel = load3(&d.subtree_linvel[3 * i]);
  const Vec3<R> own = cross(load3(&d.xipos[3 * i]) - com,
                            (load3(velocity + 3 * i) - linvel) * d.field.body_mass[i]);
  store3(&d.subtree_angmom[3 * i], load3(&d.subtree_angmom[3 * i]) + own);
}

/// Adds a child's angular momentum to its parent's, about the parent's centre.
template <class R>
FLEET_HD void pass_angmom(const auto& m, PhysicsData<R>& d, int i) {
  const int parent = m.body_parentid[i];
  const Vec3<R> com = load3(&d.subtree_com[3 * i]);
  const Vec3<R> linvel = load3(&d.subtree_linvel[3 * i]);
  const Vec3<R> moved =
      cross(com - load3(&d.subtree_com[3 * parent]),
            (linvel - load3(&d.subtree_linvel[3 * parent])) * d.field.body_subtreemass[i]);
  R* const out = &d.subtree_angmom[3 * parent];
  store3(out, load3(out) + load3(&d.subtree_angmom[3 * i]) + moved);
}

/// Fills subtree_linvel and subtree_angmom: of a body with all that hangs on it, about its
/// subtree's centre of mass, world axes.
template <class R>
void subtree_vel(const auto& m, PhysicsData<R>& d) {
  R* const velocity = d.scratch_body.data();
  for (int i = 0; i < m.nbody; ++i) {
    begin_subtree_vel(m, d, i, velocity);
  }
  for (int i = m.nbody - 1; i > 0; --i) {
    R* const parent = &d.subtree_linvel[3 * m.body_parentid[i]];
    store3(parent, load3(parent) + load3(&d.subtree_linvel[3 * i]));
  }
  for (int i = 0; i < m.nbody; ++i) {
    finish_subtree_linvel(d, i);
  }
  for (int i = m.nbody - 1; i > 0; --i) {
    finish_subtree_angmom(d, i, velocity);
    pass_angmom(m, d, i);
  }
}

/// A contact's wrench on its second body, about the contact's point, world axes; 0 where there is
/// no contact.
template <class R>
FLEET_HD Vec6<R> contact_wrench(const PhysicsData<R>& d, int c) {
  const Mat3<R> frame = load9(&d.contact.frame[9 * c]);
  const Vec3<R> zero{R(0.0), R(0.0), R(0.0)};
  const Vec3<R> force = transposed_times(frame, load3(&d.contact.force[6 * c]));
  const Vec3<R> torque = transposed_times(frame, load3(&d.contact.force[6 * c + 3]));
  const auto active = d.contact.active[c];
  return {select<R>(active, torque, zero), select<R>(active, force, zero)};
}

/// Adds to cfrc_ext what a wrench at `pos` does to a body, times sign.
template <class R>
FLEET_HD void add_external(const auto& m, PhysicsData<R>& d, int body, const Vec3<R>& pos,
                           const Vec6<R>& wrench, double sign) {
  if (body == 0) {
    return;
  }
  const Vec3<R> offset = load3(&d.subtree_com[3 * m.body_rootid[body]]) - pos;
  R* const out = &d.cfrc_ext[6 * body];
  store6(out, add_scaled(load6(out), wrench_at(wrench, offset), R(sign)));
}

/// Adds to cfrc_ext what xfrc_applied does to a body.
template <class R>
FLEET_HD void add_applied_external(const auto& m, PhysicsData<R>& d, int body) {
  const R* const applied = &d.xfrc_applied[6 * body];
  add_external(m, d, body, load3(&d.xipos[3 * body]), {load3(applied + 3), load3(applied)}, 1.0);
}

/// Adds to cfrc_ext what a contact does to one of its bodies.
template <class R>
FLEET_HD void add_contact_external(const auto& m, PhysicsData<R>& d, int c, int body, double sign) {
  const Vec3<R> pos =
      select<R>(d.contact.active[c], load3(&d.contact.pos[3 * c]), {R(0.0), R(0.0), R(0.0)});
  add_external(m, d, body, pos, contact_wrench(d, c), sign);
}

template <class R>
void external_forces(const auto& m, PhysicsData<R>& d) {
  std::fill(d.cfrc_ext.begin(), d.cfrc_ext.end(), R(0.0));
  for (int body = 1; body < m.nbody && d.has_applied; ++body) {
    add_applied_external(m, d, body);
  }
  for (int c = 0; c < d.contact.num; ++c) {
    const auto& pair = m.pairs[d.contact.pair[c]];
    add_contact_external(m, d, c, pair.body1, -1.0);
    add_contact_external(m, d, c, pair.body2, 1.0);
  }
}

/// A body's acceleration from its parent's, and the force that its joints then have to give.
template <class R>
FLEET_HD void body_force(const auto& m, PhysicsData<R>& d, int body) {
  Vec6<R> a = load6(&d.cacc[6 * m.body_parentid[body]]);
  for (int i = m.body_dofadr[body]; i < m.body_dofadr[body] + m.body_dofnum[body]; ++i) {
    a = add_scaled(a, load6(&d.cdof_dot[6 * i]), d.qvel[i]);
    a = add_scaled(a, load6(&d.cdof[6 * i]), d.qacc[i]);
  }
  store6(&d.cacc[6 * body], a);
  const R* const inertia = &d.cinert[10 * body];
  const Vec6<R> v = load6(&d.cvel[6 * body]);
  const Vec6<R> needed = inertia_times(inertia, a) + cross_force(v, inertia_times(inertia, v));
  store6(&d.cfrc_int[6 * body], add_scaled(needed, load6(&d.cfrc_ext[6 * body]), R(-1.0)));
}

template <class R>
void rne_post_constraint(const auto& m, PhysicsData<R>& d) {
  external_forces(m, d);
  store6(&d.cacc[0], upward_gravity<R>(m));
  const Vec3<R> zero{R(0.0), R(0.0), R(0.0)};
  store6(&d.cfrc_int[0], {zero, zero});
  for (int body = 1; body < m.nbody; ++body) {
    body_force(m, d, body);
  }
  for (int body = m.nbody - 1; body > 0; --body) {
    R* const parent = &d.cfrc_int[6 * m.body_parentid[body]];
    store6(parent, load6(parent) + load6(&d.cfrc_int[6 * body]));
  }
}

}  // namespace fleet::physics
