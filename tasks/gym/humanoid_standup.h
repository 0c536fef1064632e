#pragma once

#include <array>

#include "tasks/gym/humanoid_body.h"

namespace fleet::tasks {

/// Gymnasium's HumanoidStandup-v5: get up from lying. No episode ends before its time.
class HumanoidStandupTask : public HumanoidBody {
 public:
  using Config = HumanoidStandupConfig;
  static constexpr const char* kName = "humanoid_standup";
  static constexpr const char* kModelFile = "humanoidstandup.xml";

  template <class Real>
  struct Memory {
    void fields(auto&& /*visit*/) {}
  };

  HumanoidStandupTask(const Config& config, const mjModel& model)
      : HumanoidBody(kName, model), config_(config) {
    spec_.reward_terms = {"reward_linup", "reward_quadctrl", "reward_impact", "reward_survive"};
  }

  template <class V>
  void start(V& view, auto& /*memory*/, const Draws& draws) const {
    start_near_default(view, draws, config_.reset_noise_scale, VelocityNoise::kUniform);
  }

  template <class V>
  auto evaluate(V& view, Memory<typename V::Real>& /*memory*/, const typename V::Real* /*action*/,
                typename V::Real* reward, typename V::Real* /*metrics*/) const {
    using Real = typename V::Real;
    reward[0] = view.qpos(2) / Real(timestep_);
    reward[1] = -Real(config_.ctrl_cost_weight) * ctrl_squared(view);
    reward[2] = -impact_cost(view, config_.impact_cost_weight, config_.impact_cost_range);
    reward[3] = Real(1);
    return std::array<typename V::Mask, 0>{};
  }

  template <class V>
  void observe(V& view, Memory<typename V::Real>& /*memory*/, int /*player*/, int /*group*/,
               typename V::Real* out) const {
    write_body(view, out);
  }

 private:
  Config config_;
};

}  // namespace fleet::tasks
