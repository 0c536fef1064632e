#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <mujoco/mujoco.h>

#include "sim/words.h"
#include "tasks/gym/gym_config.h"
#include "tasks/task.h"

namespace fleet::tasks {

using sim::clamp, sim::less, sim::less_equal, sim::select, sim::squared;

/// The distribution that a new episode's velocities come from; positions are always uniform.
enum class VelocityNoise : std::uint8_t { kUniform, kNormal };

/// What Gymnasium's MuJoCo tasks have in common: motors take the action as it is, episodes start
/// near the model's own pose, and derived quantities are seen one substep old.
///
/// A task derives from this and adds evaluate(), observe() and, where it needs them, its own
/// Memory and after_substeps(). observe() is the first to see the derived quantities of a new
/// episode, so it is where a task remembers from where the next step's progress counts.
class GymTask {
 public:
  static constexpr int kMaxEpisodeSteps = 1000;

  template <class Real>
  struct Memory {
    Real x{};  ///< m, of what is to move forward, when last observed

    void fields(auto&& visit) { visit("x", x); }
  };

  const TaskSpec& spec() const { return spec_; }

  template <class V>
  void before_substep(V& view, auto& /*memory*/, const typename V::Real* action) const {
    view.for_each(nu_, [&](int i) { view.set_ctrl(i, action[i]); });
  }
  template <class V>
  void after_substep(V& /*view*/, auto& /*memory*/) const {}
  template <class V>
  void after_substeps(V& /*view*/, auto& /*memory*/) const {}
  template <class V>
  typename V::Mask tick(V& /*view*/, auto& /*memory*/, const Draws& /*draws*/) const {
    return typename V::Mask(false);
  }
  template <class V>
  bool disturb(V& /*view*/, auto& /*memory*/, const Draws& /*draws*/) const {
    return false;
  }

 protected:
  /// Fills in what the model says; the terms are the derived class's.
  GymTask(const std::string& name, const mjModel& model, int frame_skip);

  template <class V>
  void start_near_default(V& view, const Draws& draws, double scale, VelocityNoise noise) const {
    using Real = typename V::Real;
    Random random = draws(Purpose::kReset);
    for (int i = 0; i < nq_; ++i) {
      view.set_qpos(i, Real(start_qpos_[i] + random.uniform(-scale, scale)));
    }
    for (int i = 0; i < nv_; ++i) {
      const bool is_normal = noise == VelocityNoise::kNormal;
      view.set_qvel(i, Real(is_normal ? scale * random.normal() : random.uniform(-scale, scale)));
    }
  }

  template <class V>
  typename V::Real action_squared(V& view, const typename V::Real* action) const {
    return view.sum(nu_, [&](int i) { return squared(action[i]); });
  }

  /// How many of qpos[first_qpos:] and qvel are not strictly inside `range`; NaN never is.
  template <class V>
  typename V::Real count_outside(V& view, int first_qpos, const Range& range) const {
    using Real = typename V::Real;
    const auto outside = [&](Real x) {
      return select(less(Real(range[0]), x) & less(x, Real(range[1])), Real(0), Real(1));
    };
    return view.sum(nq_ - first_qpos, [&](int i) { return outside(view.qpos(first_qpos + i)); }) +
           view.sum(nv_, [&](int i) { return outside(view.qvel(i)); });
  }

  /// Writes qpos[first_qpos:] and qvel clipped to +-bound. @returns where the row goes on
  template <class V>
  typename V::Real* write_state(V& view, int first_qpos, double bound,
                                typename V::Real* out) const {
    using Real = typename V::Real;
    const int num_positions = nq_ - first_qpos;
    view.for_each(num_positions, [&](int i) { out[i] = view.qpos(first_qpos + i); });
    out += num_positions;
    view.for_each(nv_, [&](int i) { out[i] = clamp(view.qvel(i), Real(-bound), Real(bound)); });
    return out + nv_;
  }

  /// The terms that write_state() writes.
  std::vector<ObservationTerm> state_terms(int first_qpos) const;

  TaskSpec spec_;
  int nq_, nv_, nu_, nbody_;
  double timestep_;                 ///< s
  double control_period_;           ///< s
  std::vector<double> start_qpos_;  // (nq)
};

}  // namespace fleet::tasks
