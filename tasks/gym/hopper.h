#pragma once

#include <array>

#include "tasks/gym/gym_task.h"

namespace fleet::tasks {

/// Gymnasium's Hopper-v5: hop forward without falling, in the vertical plane.
class HopperTask : public GymTask {
 public:
  using Config = HopperConfig;
  static constexpr const char* kName = "hopper";
  static constexpr const char* kModelFile = "hopper.xml";

  HopperTask(const Config& config, const mjModel& model) : HopperTask(kName, config, model) {}

  template <class V>
  void start(V& view, auto& /*memory*/, const Draws& draws) const {
    start_near_default(view, draws, config_.reset_noise_scale, VelocityNoise::kUniform);
  }

  template <class V>
  auto evaluate(V& view, Memory<typename V::Real>& memory, const typename V::Real* action,
                typename V::Real* reward, typename V::Real* metrics) const {
    using Real = typename V::Real;
    using Mask = typename V::Mask;
    const Mask healthy = is_healthy(view);
    metrics[0] = (view.qpos(0) - memory.x) / Real(control_period_);
    reward[0] = Real(config_.forward_reward_weight) * metrics[0];
    reward[1] = -Real(config_.ctrl_cost_weight) * action_squared(view, action);
    reward[2] = select(healthy, Real(config_.healthy_reward), Real(0));
    return std::array<Mask, 1>{(!healthy) & Mask(config_.terminate_when_unhealthy)};
  }

  template <class V>
  void observe(V& view, Memory<typename V::Real>& memory, int /*player*/, int /*group*/,
               typename V::Real* out) const {
    memory.x = view.qpos(0);
    write_state(view, kFirstQpos, kVelocityBound, out);
  }

 protected:
  HopperTask(const char* name, const Config& config, const mjModel& model)
      : GymTask(name, model, 4), config_(config) {
    spec_.observations[0].terms = state_terms(kFirstQpos);
    spec_.reward_terms = {"reward_forward", "reward_ctrl", "reward_survive"};
    spec_.termination_terms = {"unhealthy"};
    spec_.metrics = {"x_velocity"};
  }

 private:
  static constexpr int kFirstQpos = 1;            // x is not observed
  static constexpr double kVelocityBound = 10.0;  // m/s and rad/s, of what is observed
  static constexpr int kFirstBoundedQpos = 2;     // x and z may be any number

  template <class V>
  typename V::Mask is_healthy(V& view) const {
    using Real = typename V::Real;
    const auto& [z_low, z_high] = config_.healthy_z_range;
    const auto& [angle_low, angle_high] = config_.healthy_angle_range;
    const Real z = view.qpos(1);
    const Real angle = view.qpos(2);
    const Real outside = count_outside(view, kFirstBoundedQpos, config_.healthy_state_range);
    return less(Real(z_low), z) & less(z, Real(z_high)) & less(Real(angle_low), angle) &
           less(angle, Real(angle_high)) & less(outside, Real(0.5));
  }

  Config config_;
};

/// Gymnasium's Walker2d-v5: the hopper's task on two legs, with wider bounds.
class Walker2dTask : public HopperTask {
 public:
  using Config = Walker2dConfig;
  static constexpr const char* kName = "walker2d";
  static constexpr const char* kModelFile = "walker2d_v5.xml";

  Walker2dTask(const Config& config, const mjModel& model) : HopperTask(kName, config, model) {}
};

}  // namespace fleet::tasks
