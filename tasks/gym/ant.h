#pragma once

#include <array>

#include "tasks/gym/gym_task.h"

namespace fleet::tasks {

/// Gymnasium's Ant-v5: walk forward on four legs, and press on things gently.
class AntTask : public GymTask {
 public:
  using Config = AntConfig;
  static constexpr const char* kName = "ant";
  static constexpr const char* kModelFile = "ant.xml";

  AntTask(const Config& config, const mjModel& model) : GymTask(kName, model, 5), config_(config) {
    spec_.observations[0].terms = state_terms(kFirstQpos);
    spec_.observations[0].terms.push_back(
        {.name = "cfrc_ext", .dim = 6 * (nbody_ - 1), .unit = "N m, N", .frame = "world"});
    spec_.reward_terms = {"reward_forward", "reward_ctrl", "reward_contact", "reward_survive"};
    spec_.termination_terms = {"unhealthy"};
    spec_.metrics = {"x_velocity"};
  }

  template <class V>
  void start(V& view, auto& /*memory*/, const Draws& draws) const {
    start_near_default(view, draws, config_.reset_noise_scale, VelocityNoise::kNormal);
  }

  template <class V>
  void after_substeps(V& view, auto& /*memory*/) const {
    view.rne_post_constraint();
  }

  template <class V>
  auto evaluate(V& view, Memory<typename V::Real>& memory, const typename V::Real* action,
                typename V::Real* reward, typename V::Real* metrics) const {
    using Real = typename V::Real;
    using Mask = typename V::Mask;
    const Mask healthy = is_healthy(view);
    const Real contact_squared =
        view.sum(6 * nbody_, [&](int i) { return squared(contact_force(view, i)); });
    metrics[0] = (view.xpos(kTorso, 0) - memory.x) / Real(control_period_);
    reward[0] = Real(config_.forward_reward_weight) * metrics[0];
    reward[1] = -Real(config_.ctrl_cost_weight) * action_squared(view, action);
    reward[2] = -Real(config_.contact_cost_weight) * contact_squared;
    reward[3] = select(healthy, Real(config_.healthy_reward), Real(0));
    return std::array<Mask, 1>{(!healthy) & Mask(config_.terminate_when_unhealthy)};
  }

  template <class V>
  void observe(V& view, Memory<typename V::Real>& memory, int /*player*/, int /*group*/,
               typename V::Real* out) const {
    memory.x = view.xpos(kTorso, 0);
    out = write_state(view, kFirstQpos, kUnbounded, out);
    view.for_each(6 * (nbody_ - 1), [&](int i) { out[i] = contact_force(view, 6 + i); });
  }

 private:
  static constexpr int kFirstQpos = 2;  // x and y are not observed
  static constexpr int kTorso = 1;

  template <class V>
  typename V::Real contact_force(V& view, int i) const {
    using Real = typename V::Real;
    const auto& [low, high] = config_.contact_force_range;
    return clamp(view.cfrc_ext(i / 6, i % 6), Real(low), Real(high));
  }

  template <class V>
  typename V::Mask is_healthy(V& view) const {
    using Real = typename V::Real;
    const auto& [low, high] = config_.healthy_z_range;
    const Real z = view.qpos(2);
    const Real not_finite = count_outside(view, 0, {-kUnbounded, kUnbounded});
    return less_equal(Real(low), z) & less_equal(z, Real(high)) & less(not_finite, Real(0.5));
  }

  Config config_;
};

}  // namespace fleet::tasks
