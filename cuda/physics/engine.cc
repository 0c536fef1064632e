#include "cuda/physics/engine.h"

#include "cuda/physics/collision.h"
#include "cuda/physics/constraint.h"
#include "cuda/physics/integrate.h"
#include "cuda/physics/kinematics.h"
#include "cuda/physics/passive.h"
#include "cuda/physics/runge_kutta.h"
#include "cuda/physics/sensor.h"
#include "cuda/physics/solver.h"
#include "cuda/physics/velocity.h"

namespace fleet::physics {
namespace {

template <class R>
void position_stage(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  kinematics(m, d);
  com_pos(m, d);
  tendon_lengths(m, d);
  make_M(m, d);
  factor_M(m, d);
  collide(m, d);
  transmission(m, d);
}

template <class R>
void velocity_stage(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  transmission_velocity(m, d);
  com_vel(m, d);
  passive(m, d);
  rne(m, d);
}

template <class R>
void acceleration_stage(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  actuation(m, d);
  for (int i = 0; i < m.nv; ++i) {
    d.qfrc_smooth[i] = d.qfrc_passive[i] - d.qfrc_bias[i] + d.qfrc_applied[i] + d.qfrc_actuator[i];
  }
  if (d.has_applied) {
    add_applied(m, d, d.qfrc_smooth.data());
  }
  std::copy(d.qfrc_smooth.begin(), d.qfrc_smooth.end(), d.qacc_smooth.begin());
  solve_factored(m, d.qLD.data(), d.qLDiagInv.data(), d.qacc_smooth.data());
  make_constraint(m, d);
  solve(m, d);
}

/// All but the sensors.
template <class R>
void dynamics(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  position_stage(m, d);
  velocity_stage(m, d);
  acceleration_stage(m, d);
  contact_forces(d);
}

}  // namespace

template <class R>
void forward(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  dynamics(m, d);
  sensor_pos(m, d);
  sensor_vel(m, d);
  sensor_acc(m, d);
}

template <class R>
void step(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  forward(m, d);
  switch (m.integrator) {
    case Integrator::kEuler:
      euler(m, d);
      break;
    case Integrator::kImplicitFast:
      implicit_fast(m, d);
      break;
    case Integrator::kRungeKutta:
      runge_kutta(m, d, [&] { dynamics(m, d); });
      break;
  }
}

template <class R>
void refresh(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  kinematics(m, d);
  com_pos(m, d);
  com_vel(m, d);
  sensor_pos(m, d);
  sensor_vel(m, d);
}

#define FLEET_INSTANTIATE(R)                                        \
  template void step(const PhysicsModel<ScalarOf<R>>&, PhysicsData<R>&);    \
  template void forward(const PhysicsModel<ScalarOf<R>>&, PhysicsData<R>&); \
  template void refresh(const PhysicsModel<ScalarOf<R>>&, PhysicsData<R>&); \
  template void rne_post_constraint(const PhysicsModel<ScalarOf<R>>&, PhysicsData<R>&);
FLEET_INSTANTIATE(double)
FLEET_INSTANTIATE(FloatPack<8>)
FLEET_INSTANTIATE(FloatPack<16>)
#undef FLEET_INSTANTIATE

}  // namespace fleet::physics
