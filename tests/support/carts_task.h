#pragma once

#include <array>

#include "cuda/philox.h"
#include "sim/model.h"
#include "tasks/task.h"

namespace fleet::testing {

/// Two carts on one rail push themselves along; a cart is done when it leaves [-1, 1].
inline constexpr const char* kCarts = R"(
<mujoco>
  <option timestep="0.01"/>
  <worldbody>
    <body name="a"><joint name="a" type="slide" axis="1 0 0" damping="1"/><geom size=".1" mass="1" contype="0" conaffinity="0"/></body>
    <body name="b" pos="0 1 0"><joint name="b" type="slide" axis="1 0 0" damping="1"/><geom size=".1" mass="1" contype="0" conaffinity="0"/></body>
  </worldbody>
  <actuator><motor joint="a"/><motor joint="b"/></actuator>
</mujoco>)";

struct CartsConfig {
  int max_episode_steps = 50;
};

class CartsTask {
 public:
  using Config = CartsConfig;
  template <class Real>
  struct Memory {
    Real pushes{};
    void fields(auto&& visit) { visit("pushes", pushes); }
  };

  CartsTask(const Config& config, const mjModel& model) {
    spec_.num_players = static_cast<int>(model.nu);
    spec_.action_dim = 1;
    spec_.substeps = 4;
    spec_.max_episode_steps = config.max_episode_steps;
    spec_.observations = {{"actor", true, {{"x", 1, "m", "world", 0.1}, {"v", 1, "m/s", "world"}}}};
    spec_.reward_terms = {"position", "effort"};
    spec_.termination_terms = {"left"};
    spec_.metrics = {"x"};
    spec_.contract.control_period = 0.04;
    spec_.contract.action_bound = {1.0};
  }
  const tasks::TaskSpec& spec() const { return spec_; }

  void start(auto& v, auto& memory, const tasks::Draws& draws) const {
    Random random = draws(Purpose::kReset);
    for (int i = 0; i < spec_.num_players; ++i) {
      v.set_qpos(i, random.uniform(-0.5, 0.5));
    }
    memory = {};
  }
  void before_substep(auto& v, auto& /*memory*/, const auto* action) const {
    for (int i = 0; i < spec_.num_players; ++i) {
      v.set_ctrl(i, 10.0 * action[i]);
    }
  }
  void after_substep(auto& /*v*/, auto& /*memory*/) const {}
  void after_substeps(auto& /*v*/, auto& /*memory*/) const {}
  template <class V, class Real = typename V::Real>
  auto evaluate(V& v, auto& /*memory*/, const Real* action, Real* reward, Real* metrics) const {
    typename V::Mask left(false);
    for (int i = 0; i < spec_.num_players; ++i) {
      reward[2 * i] = v.qpos(i);
      reward[2 * i + 1] = -action[i] * action[i];
      metrics[i] = v.qpos(i);
      left = left | less(Real(1.0), v.qpos(i)) | less(v.qpos(i), Real(-1.0));
    }
    return std::array{left};
  }
  template <class V>
  typename V::Mask tick(V& /*v*/, auto& /*memory*/, const tasks::Draws& /*draws*/) const {
    return typename V::Mask(true);
  }
  bool disturb(auto& v, auto& memory, const tasks::Draws& draws) const {
    Random random = draws(Purpose::kPush);
    memory.pushes += 1.0;
    v.set_qvel(0, v.qvel(0) + random.uniform(-0.1, 0.1));
    return true;
  }
  void observe(auto& v, auto& /*memory*/, int player, int /*group*/, auto* out) const {
    out[0] = v.qpos(player);
    out[1] = v.qvel(player);
  }

 private:
  tasks::TaskSpec spec_;
};

inline sim::ModelPtr carts_model() {
  sim::initialise_mujoco();
  mjSpec* const spec = mj_parseXMLString(kCarts, nullptr, nullptr, 0);
  sim::ModelPtr model(mj_compile(spec, nullptr));
  mj_deleteSpec(spec);
  return model;
}

}  // namespace fleet::testing
