#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/spatial.h"

// Forces on bodies as forces on joints.

namespace fleet::physics {

/// Adds what a force and a torque (world frame) at a body's centre of mass do to its dofs to `out`.
template <class R>
void add_wrench(const PhysicsModel<ScalarOf<R>>& m, const PhysicsData<R>& d, int body,
                const Vec3<R>& force, const Vec3<R>& torque, R* out) {
  const Vec3<R> arm = load3(&d.xipos[3 * body]) - load3(&d.subtree_com[3 * m.body_rootid[body]]);
  const Vec6<R> wrench{torque + cross(arm, force), force};
  for (int i = m.body_lastdof[body]; i >= 0; i = m.dof_parentid[i]) {
    out[i] += dot(load6(&d.cdof[6 * i]), wrench);
  }
}

/// Adds xfrc_applied (force, torque at the bodies' centres of mass; world frame) to `out`.
template <class R>
void add_applied(const PhysicsModel<ScalarOf<R>>& m, const PhysicsData<R>& d, R* out) {
  for (int body = 1; body < m.nbody; ++body) {
    add_wrench(m, d, body, load3(&d.xfrc_applied[6 * body]), load3(&d.xfrc_applied[6 * body + 3]),
               out);
  }
}

}  // namespace fleet::physics
