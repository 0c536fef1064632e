#pragma once

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "sim/model.h"
#include "tasks/playground/joystick_terms.h"

namespace fleet::tasks {

/// MuJoCo Playground's Go1JoystickFlatTerrain: a quadruped follows velocity commands.
class Go1JoystickTask : public JoystickTerms {
 public:
  using Config = Go1JoystickConfig;
  static constexpr const char* kName = "go1_joystick";
  template <class Real>
  using Memory = JoystickMemory<Real, 12, 4>;

  /// The model with the config's gains. @param third_party_dir the folder that models are found
  /// below
  static sim::ModelPtr load_model(const Config& config, const std::string& third_party_dir);

  Go1JoystickTask(const Config& config, const mjModel& model);

  template <class V>
  void start(V& v, Memory<double>& memory, const Draws& draws) const {
    Random random = draws(Purpose::kReset);
    memory = {};
    memory.hardship = hardship(draws);
    start_near_default(v, random, {1.0, 1.0});
    for (std::size_t k = 0; k < 3; ++k) {
      memory.command[k] = draw_component(random, k);
    }
    memory.seen_command = memory.command;
    memory.command_steps = draw_command_steps(random);
  }

  template <class V, class M>
  auto evaluate(V& v, M& memory, const typename V::Real* action, typename V::Real* reward,
                typename V::Real* metrics) const {
    using Real = typename V::Real;
    using Mask = typename V::Mask;
    using std::sqrt;
    const auto feet = look_at_feet(v, memory);
    const Mask fallen = less(v.sensordata(at_.upright + 2), Real(0.0));
    const Mask still = is_still(memory.command);
    Real* out = reward;
    *out++ = tracking_lin_vel(v, memory);
    *out++ = tracking_ang_vel(v, memory);
    *out++ = squared(v.sensordata(at_.global_linvel + 2));
    *out++ = v.sum(2, [&](int k) { return squared(v.sensordata(at_.global_angvel + k)); });
    *out++ = v.sum(2, [&](int k) { return squared(v.sensordata(at_.upright + k)); });
    *out++ = stand_still(v, memory);
    *out++ = select(fallen, Real(1.0), Real(0.0));
    *out++ = pose(v);
    *out++ = sqrt(v.sum(num_joints_, [&](int j) { return squared(v.actuator_force(j)); })) +
             sum_abs_force(v);
    *out++ = action_rate(v, memory, action);
    *out++ = energy(v);
    *out++ = select(still, Real(0.0), feet_slip(v, feet));
    *out++ = feet_clearance(v, feet, config_.max_foot_height);
    *out++ = select(still, Real(0.0), feet_height(v, feet, config_.max_foot_height));
    *out++ = select(still, Real(0.0), feet_air_time(v, feet));
    *out++ = dof_pos_limits(v);
    pay(v, memory, reward);
    *out = lift_to_zero(v, reward);
    write_metrics(v, memory, fallen, metrics);
    remember(v, feet, action, memory);
    return std::array<Mask, 1>{fallen};
  }

  template <class V, class M>
  typename V::Mask tick(V& /*v*/, M& memory, const Draws& draws) const {
    using Real = typename V::Real;
    memory.hardship = Real(hardship(draws));
    memory.command_steps = memory.command_steps - Real(1.0);
    return less_equal(memory.command_steps, Real(0.0));
  }

  template <class V>
  bool disturb(V& /*v*/, Memory<double>& memory, const Draws& draws) const {
    Random random = draws(Purpose::kCommand);
    for (std::size_t k = 0; k < 3; ++k) {
      const double fresh = draw_component(random, k);
      const bool keeps = random.bernoulli(config_.command.keep[k]);
      if (random.bernoulli(0.5)) {
        memory.command[k] = keeps ? fresh : 0.0;
      }
    }
    memory.command_steps = draw_command_steps(random);
    memory.settled_time = 0.0;
    return false;
  }

  /// The actor's row: linvel, gyro, gravity, joint_pos, joint_vel, last_act, command. The critic's
  /// goes on with what is noisy there as it is, and what no robot measures; its last four numbers
  /// are of pushes, of which there are none.
  template <class V, class M>
  void observe(V& v, const M& memory, int /*player*/, int group, typename V::Real* out) const {
    using Real = typename V::Real;
    const std::array<Real, 3> down = gravity(v);
    out = write_sensor(v, at_.local_linvel, out);
    out = write_sensor(v, at_.gyro, out);
    out = write(v, 3, [&](int k) { return down[k]; }, out);
    out = write_joints(v, out);
    out = write(v, num_joints_, [&](int j) { return memory.seen_action[j]; }, out);
    out = write(v, 3, [&](int k) { return memory.seen_command[k]; }, out);
    if (group == 0) {
      return;
    }
    out = write_true_motion(v, out);
    out = write(v, num_joints_, [&](int j) { return v.actuator_force(j); }, out);
    out = write(v, num_feet_, [&](int f) { return memory.seen_contact[f]; }, out);
    out = write_feet(v, memory, out);
    write(v, 4, [](int /*k*/) { return Real(0.0); }, out);
  }

 private:
  double draw_component(Random& random, std::size_t k) const {
    return random.uniform(-config_.command.amplitude[k], config_.command.amplitude[k]);
  }
  double draw_command_steps(Random& random) const {
    const double time = -config_.command.mean_time * std::log(1.0 - random.uniform());
    return std::round(time / control_period_);
  }

  template <class V>
  typename V::Real pose(V& v) const {
    using Real = typename V::Real;
    using std::exp;
    return exp(-v.sum(num_joints_, [&](int j) {
      return squared(deviation(v, j)) * Real(j % 3 == 2 ? 0.1 : 1.0);  // calves may move
    }));
  }
  template <class V>
  typename V::Real feet_slip(V& v, const Feet<typename V::Real>& feet) const {
    return v.sum(num_feet_, [&](int f) { return feet.speed2[f] * feet.contact[f]; });
  }
  template <class V>
  typename V::Real feet_air_time(V& v, const Feet<typename V::Real>& feet) const {
    return v.sum(num_feet_,
                 [&](int f) { return (feet.air_time[f] - 0.1) * feet.first_contact[f]; });
  }

  /// Playground pays no negative reward.
  template <class V>
  typename V::Real lift_to_zero(V& v, const typename V::Real* reward) const {
    using Real = typename V::Real;
    const int num_terms = static_cast<int>(scale_.size());
    return maximum(-v.sum(num_terms, [&](int i) { return reward[i]; }), Real(0.0));
  }

  Config config_;
};

}  // namespace fleet::tasks
