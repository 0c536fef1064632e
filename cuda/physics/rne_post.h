#pragma once

#include <algorithm>

#include "cuda/physics/sensor_frame.h"

// Quantities of bodies and subtrees that only sensors and tasks ask for.

namespace fleet::physics {

/// Fills subtree_linvel and subtree_angmom: of a body with all that hangs on it, about its
/// subtree's centre of mass, world axes.
template <class R>
void subtree_vel(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  R* const velocity = d.scratch_body.data();  // (nbody x 3) of the body's own centre of mass
  for (int i = 0; i < m.nbody; ++i) {
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
  for (int i = m.nbody - 1; i >= 0; --i) {
    const Vec3<R> momentum = load3(&d.subtree_linvel[3 * i]);
    if (i > 0) {
      R* const parent = &d.subtree_linvel[3 * m.body_parentid[i]];
      store3(parent, load3(parent) + momentum);
    }
    const R mass = maximum(d.field.body_subtreemass[i], R(1e-15));
    store3(&d.subtree_linvel[3 * i], momentum * (R(1.0) / mass));
  }
  for (int i = m.nbody - 1; i > 0; --i) {
    const int parent = m.body_parentid[i];
    const Vec3<R> com = load3(&d.subtree_com[3 * i]);
    const Vec3<R> linvel = load3(&d.subtree_linvel[3 * i]);
    const Vec3<R> own = cross(load3(&d.xipos[3 * i]) - com,
                              (load3(velocity + 3 * i) - linvel) * d.field.body_mass[i]);
    const Vec3<R> total = load3(&d.subtree_angmom[3 * i]) + own;
    const Vec3<R> moved =
        cross(com - load3(&d.subtree_com[3 * parent]),
              (linvel - load3(&d.subtree_linvel[3 * parent])) * d.field.body_subtreemass[i]);
    store3(&d.subtree_angmom[3 * i], total);
    store3(&d.subtree_angmom[3 * parent], load3(&d.subtree_angmom[3 * parent]) + total + moved);
  }
}

/// A contact's wrench on its second body, about the contact's point, world axes; 0 where there is
/// no contact.
template <class R>
Vec6<R> contact_wrench(const PhysicsData<R>& d, int c) {
  const Mat3<R> frame = load9(&d.contact.frame[9 * c]);
  const Vec3<R> zero{R(0.0), R(0.0), R(0.0)};
  const Vec3<R> force = transposed_times(frame, load3(&d.contact.force[6 * c]));
  const Vec3<R> torque = transposed_times(frame, load3(&d.contact.force[6 * c + 3]));
  const auto active = d.contact.active[c];
  return {select<R>(active, torque, zero), select<R>(active, force, zero)};
}

/// Adds to cfrc_ext what a wrench at `pos` does to a body, times sign.
template <class R>
void add_external(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d, int body,
                  const Vec3<R>& pos, const Vec6<R>& wrench, double sign) {
  if (body == 0) {
    return;
  }
  const Vec3<R> offset = load3(&d.subtree_com[3 * m.body_rootid[body]]) - pos;
  R* const out = &d.cfrc_ext[6 * body];
  store6(out, add_scaled(load6(out), wrench_at(wrench, offset), R(sign)));
}

template <class R>
void external_forces(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  std::fill(d.cfrc_ext.begin(), d.cfrc_ext.end(), R(0.0));
  for (int body = 1; body < m.nbody && d.has_applied; ++body) {
    const R* const applied = &d.xfrc_applied[6 * body];
    add_external(m, d, body, load3(&d.xipos[3 * body]), {load3(applied + 3), load3(applied)}, 1.0);
  }
  for (int c = 0; c < d.contact.num; ++c) {
    const auto& pair = m.pairs[d.contact.pair[c]];
    const Vec3<R> pos =
        select<R>(d.contact.active[c], load3(&d.contact.pos[3 * c]), {R(0.0), R(0.0), R(0.0)});
    const Vec6<R> wrench = contact_wrench(d, c);
    add_external(m, d, pair.body1, pos, wrench, -1.0);
    add_external(m, d, pair.body2, pos, wrench, 1.0);
  }
}

template <class R>
void rne_post_constraint(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  external_forces(m, d);
  for (int k = 0; k < 6; ++k) {
    d.cacc[k] = R(k >= 3 && m.gravity_on ? -m.gravity[k - 3] : 0.0);
    d.cfrc_int[k] = R(0.0);
  }
  for (int body = 1; body < m.nbody; ++body) {
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
  for (int body = m.nbody - 1; body > 0; --body) {
    R* const parent = &d.cfrc_int[6 * m.body_parentid[body]];
    store6(parent, load6(parent) + load6(&d.cfrc_int[6 * body]));
  }
}

}  // namespace fleet::physics
