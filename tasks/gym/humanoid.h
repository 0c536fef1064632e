#pragma once

#include <array>

#include "tasks/gym/humanoid_body.h"

namespace fleet::tasks {

/// Gymnasium's Humanoid-v5: walk forward without falling.
class HumanoidTask : public HumanoidBody {
 public:
  using Config = HumanoidConfig;
  static constexpr const char* kName = "humanoid";
  static constexpr const char* kModelFile = "humanoid.xml";

  HumanoidTask(const Config& config, const mjModel& model)
      : HumanoidBody(kName, model), config_(config) {
    spec_.reward_terms = {"reward_forward", "reward_ctrl", "reward_contact", "reward_survive"};
    spec_.termination_terms = {"unhealthy"};
    spec_.metrics = {"x_velocity"};
  }

  template <class V>
  void start(V& view, auto& /*memory*/, const Draws& draws) const {
    start_near_default(view, draws, config_.reset_noise_scale, VelocityNoise::kUniform);
  }

  template <class V>
  auto evaluate(V& view, Memory<typename V::Real>& memory, const typename V::Real* /*action*/,
                typename V::Real* reward, typename V::Real* metrics) const {
    using Real = typename V::Real;
    using Mask = typename V::Mask;
    const auto& [low, high] = config_.healthy_z_range;
    const Mask healthy = less(Real(low), view.qpos(2)) & less(view.qpos(2), Real(high));
    metrics[0] = (centre_of_mass_x(view) - memory.x) / Real(control_period_);
    reward[0] = Real(config_.forward_reward_weight) * metrics[0];
    reward[1] = -Real(config_.ctrl_cost_weight) * ctrl_squared(view);
    reward[2] = -impact_cost(view, config_.contact_cost_weight, config_.contact_cost_range);
    reward[3] = select(healthy, Real(config_.healthy_reward), Real(0));
    return std::array<Mask, 1>{(!healthy) & Mask(config_.terminate_when_unhealthy)};
  }

  template <class V>
  void observe(V& view, Memory<typename V::Real>& memory, int /*player*/, int /*group*/,
               typename V::Real* out) const {
    memory.x = centre_of_mass_x(view);
    write_body(view, out);
  }

 private:
  template <class V>
  typename V::Real centre_of_mass_x(V& view) const {
    const auto mass = [&](int body) { return view.body_mass(body); };
    const auto moment = [&](int body) { return view.body_mass(body) * view.xipos(body, 0); };
    return view.sum(nbody_, moment) / view.sum(nbody_, mass);
  }

  Config config_;
};

}  // namespace fleet::tasks
