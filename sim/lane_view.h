#pragma once

#include <algorithm>

#include "cuda/physics/engine.h"
#include "cuda/physics/pack_math.h"  // IWYU pragma: export (what terms are written in)

namespace fleet::sim {

/// A pack of worlds of the `lanes` backend as task code sees it; the members are MjView's.
template <class R>
class LaneView {
 public:
  using Real = R;
  using Mask = physics::MaskOf<R>;
  using Model = physics::PhysicsModel<physics::ScalarOf<R>>;
  using Data = physics::PhysicsData<R>;

  LaneView(const Model& model, Data& data) : m_(&model), d_(&data) {}

  Real qpos(int i) const { return d_->qpos[i]; }
  Real qvel(int i) const { return d_->qvel[i]; }
  Real ctrl(int i) const { return d_->ctrl[i]; }
  Real sensordata(int i) const { return d_->sensordata[i]; }
  Real qfrc_actuator(int i) const { return d_->qfrc_actuator[i]; }
  Real actuator_force(int i) const { return d_->actuator_force[i]; }
  Real qacc(int i) const { return d_->qacc[i]; }
  Real xpos(int body, int k) const { return d_->xpos[3 * body + k]; }
  Real xquat(int body, int k) const { return d_->xquat[4 * body + k]; }
  Real xipos(int body, int k) const { return d_->xipos[3 * body + k]; }
  Real site_xpos(int site, int k) const { return d_->site_xpos[3 * site + k]; }
  Real cinert(int body, int k) const { return d_->cinert[10 * body + k]; }
  Real cvel(int body, int k) const { return d_->cvel[6 * body + k]; }
  Real cfrc_ext(int body, int k) const { return d_->cfrc_ext[6 * body + k]; }
  Real body_mass(int body) const { return d_->field.body_mass[body]; }

  void set_qpos(int i, Real value) { d_->qpos[i] = value; }
  void set_qvel(int i, Real value) { d_->qvel[i] = value; }
  void set_ctrl(int i, Real value) { d_->ctrl[i] = value; }

  void set_xfrc_applied(int body, int k, Real value) {
    d_->xfrc_applied[6 * body + k] = value;
    d_->has_applied = true;
  }
  void clear_xfrc_applied() {
    std::ranges::fill(d_->xfrc_applied, R(0.0));
    d_->has_applied = false;
  }

  void rne_post_constraint() { physics::rne_post_constraint(*m_, *d_); }

  /// f(0) + ... + f(n - 1), added in this order.
  template <class F>
  Real sum(int n, F&& f) const {
    Real total(0.0);
    for (int i = 0; i < n; ++i) {
      total += f(i);
    }
    return total;
  }

  template <class F>
  void for_each(int n, F&& f) const {
    for (int i = 0; i < n; ++i) {
      f(i);
    }
  }

 private:
  const Model* m_;
  Data* d_;
};

/// One world of a pack as events see it: its state in double precision, rounded when written.
/// Nothing derived is here: it belongs to the state before the event.
template <class R>
class OneLaneView {
 public:
  using Real = double;
  using Mask = fleet::Mask;

  OneLaneView(physics::PhysicsData<R>& data, int lane) : d_(&data), lane_(lane) {}

  Real qpos(int i) const { return physics::lane(d_->qpos[i], lane_); }
  Real qvel(int i) const { return physics::lane(d_->qvel[i], lane_); }
  Real ctrl(int i) const { return physics::lane(d_->ctrl[i], lane_); }
  void set_qpos(int i, Real value) { set(d_->qpos[i], value); }
  void set_qvel(int i, Real value) { set(d_->qvel[i], value); }
  void set_ctrl(int i, Real value) { set(d_->ctrl[i], value); }

 private:
  void set(R& number, Real value) {
    physics::set_lane(number, lane_, static_cast<physics::ScalarOf<R>>(value));
  }

  physics::PhysicsData<R>* d_;
  int lane_;
};

}  // namespace fleet::sim
