#pragma once

#include <mujoco/mujoco.h>

#include "sim/words.h"

namespace fleet::sim {

/// One world of the `mujoco` backend as task code sees it: MuJoCo's names, an index per number.
/// Values are what mjData holds at that moment; who calls says how fresh they are.
class MjView {
 public:
  using Real = double;
  using Mask = sim::Mask;

  MjView(const mjModel* model, mjData* data) : m_(model), d_(data) {}

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
  Real body_mass(int body) const { return m_->body_mass[body]; }

  void set_qpos(int i, Real value) { d_->qpos[i] = value; }
  void set_qvel(int i, Real value) { d_->qvel[i] = value; }
  void set_ctrl(int i, Real value) { d_->ctrl[i] = value; }

  /// Force (k = 0, 1, 2) and torque (3, 4, 5) on a body at its centre of mass, world frame. They act
  /// until they are set anew; whoever sets them clears them before the control step ends.
  void set_xfrc_applied(int body, int k, Real value) { d_->xfrc_applied[6 * body + k] = value; }
  void clear_xfrc_applied() { mju_zero(d_->xfrc_applied, static_cast<int>(6 * m_->nbody)); }

  /// Fills cfrc_ext, which mj_step itself leaves alone.
  void rne_post_constraint() { mj_rnePostConstraint(m_, d_); }

  /// f(0) + ... + f(n - 1), added in this order.
  template <class F>
  Real sum(int n, F&& f) const {
    Real total = 0.0;
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

  const mjModel* model() const { return m_; }
  mjData* data() const { return d_; }

 private:
  const mjModel* m_;
  mjData* d_;
};

}  // namespace fleet::sim
