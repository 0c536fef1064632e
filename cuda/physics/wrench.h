#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/spatial.h"

// Forces on bodies as forces on joints.

namespace fleet::physics {

/// A force and a torque (world frame) at a body's centre of mass, about the centre of its tree.
template <class R>
FLEET_HD Vec6<R> wrench_about_tree(const auto& m, const PhysicsData<R>& d, int body,
                                   const Vec3<R>& force, const Vec3<R>& torque) {
  const Vec3<R> arm = load3(&d.xipos[3 * body]) - load3(&d.subtree_com[3 * m.body_rootid[body]]);
  return {torque + cross(arm, force), force};
}

/// Adds what a wrench on a body, about the centre of its tree, does to its dofs to `out`.
template <class R>
void add_wrench(const auto& m, const PhysicsData<R>& d, int body, const Vec6<R>& wrench, R* out) {
  for (int i = m.body_lastdof[body]; i >= 0; i = m.dof_parentid[i]) {
    out[i] += dot(load6(&d.cdof[6 * i]), wrench);
  }
}

/// xfrc_applied of a body, about the centre of its tree.
template <class R>
FLEET_HD Vec6<R> applied_wrench(const auto& m, const PhysicsData<R>& d, int body) {
  return wrench_about_tree(m, d, body, load3(&d.xfrc_applied[6 * body]),
                           load3(&d.xfrc_applied[6 * body + 3]));
}

/// Adds xfrc_applied (force, torque at the bodies' centres of mass; world frame) to `out`.
template <class R>
void add_applied(const auto& m, const PhysicsData<R>& d, R* out) {
  for (int body = 1; body < m.nbody; ++body) {
    add_wrench(m, d, body, applied_wrench(m, d, body), out);
  }
}

}  // namespace fleet::physics
