#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/model.h"

// What mj_step, mj_forward and their like do, for a pack of worlds at once. R is double (tests,
// reference), FloatPack<8> or FloatPack<16>; defined for these three in engine.cc.

namespace fleet::physics {

/// One physics step of every world of the pack: forward(), then the model's integrator. As after
/// mj_step, derived quantities are those of the state before it.
template <class R>
void step(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d);

/// All stages for the present state: derived quantities, contacts, forces, qacc, sensors.
template <class R>
void forward(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d);

/// Brings up to date what depends on positions and velocities alone, contacts and the mass matrix
/// left out: kinematics, centres of mass, cvel, and the sensors of position and velocity.
template <class R>
void refresh(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d);

/// Fills cacc, cfrc_int and cfrc_ext, as mj_rnePostConstraint; step() does so only for sensors.
template <class R>
void rne_post_constraint(const auto& m, PhysicsData<R>& d);

}  // namespace fleet::physics
