#pragma once

#include <array>

#include "tasks/gym/gym_task.h"

namespace fleet::tasks {

/// Gymnasium's HalfCheetah-v5: run forward. No episode ends before its time.
class HalfCheetahTask : public GymTask {
 public:
  using Config = HalfCheetahConfig;
  static constexpr const char* kName = "half_cheetah";
  static constexpr const char* kModelFile = "half_cheetah.xml";

  HalfCheetahTask(const Config& config, const mjModel& model)
      : GymTask(kName, model, 5), config_(config) {
    spec_.observations[0].terms = state_terms(kFirstQpos);
    spec_.reward_terms = {"reward_forward", "reward_ctrl"};
    spec_.metrics = {"x_velocity"};
  }

  template <class V>
  void start(V& view, auto& /*memory*/, const Draws& draws) const {
    start_near_default(view, draws, config_.reset_noise_scale, VelocityNoise::kNormal);
  }

  template <class V>
  auto evaluate(V& view, Memory<typename V::Real>& memory, const typename V::Real* action,
                typename V::Real* reward, typename V::Real* metrics) const {
    using Real = typename V::Real;
    metrics[0] = (view.qpos(0) - memory.x) / Real(control_period_);
    reward[0] = Real(config_.forward_reward_weight) * metrics[0];
    reward[1] = -Real(config_.ctrl_cost_weight) * action_squared(view, action);
    return std::array<typename V::Mask, 0>{};
  }

  template <class V>
  void observe(V& view, Memory<typename V::Real>& memory, int /*player*/, int /*group*/,
               typename V::Real* out) const {
    memory.x = view.qpos(0);
    write_state(view, kFirstQpos, kUnbounded, out);
  }

 private:
  static constexpr int kFirstQpos = 1;  // x is not observed

  Config config_;
};

}  // namespace fleet::tasks
