#pragma once

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "sim/model.h"
#include "tasks/playground/joystick_terms.h"

namespace fleet::tasks {

/// What one env of the G1's task remembers besides.
template <class Real>
struct G1JoystickMemory : JoystickMemory<Real, 29, 2> {
  std::array<Real, 2> phase{};  ///< rad, -pi to pi, of each foot's gait
  std::array<Real, 2> seen_phase{};
  Real phase_step{};           ///< rad per control step
  std::array<Real, 2> push{};  ///< m/s, added to the root's velocity when the next step begins
  Real push_steps{};           ///< control steps until the next push
  Real push_interval{};        ///< control steps

  void fields(auto&& visit) {
    JoystickMemory<Real, 29, 2>::fields(visit);
    visit("phase", phase);
    visit("seen_phase", seen_phase);
    visit("phase_step", phase_step);
    visit("push", push);
    visit("push_steps", push_steps);
    visit("push_interval", push_interval);
  }
};

/// MuJoCo Playground's G1JoystickFlatTerrain: a humanoid follows velocity commands in a given gait.
class G1JoystickTask : public JoystickTerms {
 public:
  using Config = G1JoystickConfig;
  static constexpr const char* kName = "g1_joystick";
  template <class Real>
  using Memory = G1JoystickMemory<Real>;

  static sim::ModelPtr load_model(const Config& config, const std::string& third_party_dir);

  G1JoystickTask(const Config& config, const mjModel& model);

  template <class V>
  void start(V& v, Memory<double>& memory, const Draws& draws) const {
    Random random = draws(Purpose::kReset);
    memory = {};
    memory.hardship = hardship(draws);
    start_near_default(v, random, {0.5, 1.5});
    memory.phase = memory.seen_phase = {0.0, kPi};
    memory.phase_step = 2.0 * kPi * control_period_ * random.uniform(1.25, 1.5);  // Hz
    draw_command(memory, random);
    memory.seen_command = memory.command;
    const std::array<double, 2>& interval = config_.push.interval_range;
    memory.push_interval = std::round(random.uniform(interval[0], interval[1]) / control_period_);
    memory.push_steps = memory.push_interval - 1.0;
  }

  template <class V, class M>
  void before_substep(V& v, M& memory, const typename V::Real* action) const {
    using Real = typename V::Real;
    for (int k = 0; k < 2; ++k) {
      v.set_qvel(k, v.qvel(k) + memory.push[k]);
      memory.push[k] = Real(0.0);
    }
    JoystickTask::before_substep(v, memory, action);
  }

  template <class V, class M>
  auto evaluate(V& v, M& memory, const typename V::Real* action, typename V::Real* reward,
                typename V::Real* metrics) const;

  template <class V, class M>
  typename V::Mask tick(V& /*v*/, M& memory, const Draws& draws) const {
    using Real = typename V::Real;
    memory.hardship = Real(hardship(draws));
    memory.command_steps = memory.command_steps - Real(1.0);
    memory.push_steps = memory.push_steps - Real(1.0);
    return less_equal(memory.command_steps, Real(0.0)) | less_equal(memory.push_steps, Real(0.0));
  }

  template <class V>
  bool disturb(V& /*v*/, Memory<double>& memory, const Draws& draws) const {
    memory.settled_time = 0.0;
    if (memory.command_steps <= 0.0) {
      Random random = draws(Purpose::kCommand);
      draw_command(memory, random);
    }
    if (memory.push_steps <= 0.0) {
      Random random = draws(Purpose::kPush);
      const double angle = random.uniform(0.0, 2.0 * kPi);
      const std::array<double, 2>& range = config_.push.magnitude_range;
      const double size = config_.push.enable ? random.uniform(range[0], range[1]) : 0.0;
      memory.push = {std::cos(angle) * size, std::sin(angle) * size};
      memory.push_steps = memory.push_interval;
    }
    return false;
  }

  /// The actor's row: linvel, gyro, gravity, command, joint_pos, joint_vel, last_act, phase. The
  /// critic's goes on with what is noisy there as it is, and what no robot measures.
  template <class V, class M>
  void observe(V& v, const M& memory, int /*player*/, int group, typename V::Real* out) const;

 private:
  static constexpr double kPi = 3.14159265358979323846;
  static constexpr int kCommandSteps = 501;

  void draw_command(Memory<double>& memory, Random& random) const {
    const auto draw = [&](const std::array<double, 2>& range) {
      return random.uniform(range[0], range[1]);
    };
    const G1Command& command = config_.command;
    memory.command = {draw(command.lin_vel_x), draw(command.lin_vel_y), draw(command.ang_vel_yaw)};
    if (random.bernoulli(0.1)) {
      memory.command = {};
    }
    memory.command_steps = kCommandSteps;
  }

  template <class V>
  typename V::Mask touches(V& v, int address) const {
    return less(typename V::Real(0.0), v.sensordata(address));
  }
  /// The foot's height (m) that the gait has at a phase: up and down along a cubic curve.
  template <class Real>
  Real wanted_height(const Real& phase) const {
    const auto curve = [](const Real& x) { return x * x * x + 3.0 * (x * x * (Real(1.0) - x)); };
    const Real x = (phase + kPi) / Real(2.0 * kPi);
    const double height = config_.max_foot_height;
    return select(less_equal(x, Real(0.5)), height * curve(2.0 * x),
                  height - height * curve(2.0 * x - Real(1.0)));
  }
  template <class V, class M>
  typename V::Real feet_phase(V& v, const M& memory, const Feet<typename V::Real>& feet) const {
    using Real = typename V::Real;
    using std::abs, std::exp;
    const Real error = v.sum(
        num_feet_, [&](int f) { return squared(feet.height[f] - wanted_height(memory.phase[f])); });
    const auto moves = less(Real(0.1), pelvis_speed(v)) |
                       less(Real(0.1), abs(v.sensordata(at_.global_angvel + 2))) |
                       less(Real(kStill), norm(memory.command));
    return select(moves, exp(-error / Real(0.01)), Real(0.0));
  }
  template <class V>
  typename V::Real pelvis_speed(V& v) const {
    using std::sqrt;
    return sqrt(v.sum(2, [&](int k) { return squared(v.sensordata(at_.global_linvel + k)); }));
  }
  /// Squared difference of the torso's z axis from that of the default pose.
  template <class V>
  typename V::Real orientation(V& v) const {
    constexpr std::array<double, 3> kUpright{0.073, 0.0, 1.0};
    return v.sum(3, [&](int k) { return squared(v.sensordata(at_.upright + k) - kUpright[k]); });
  }
  template <class V>
  typename V::Real feet_air_time(V& v, const Feet<typename V::Real>& feet) const {
    using Real = typename V::Real;
    return v.sum(num_feet_, [&](int f) {
      return minimum((feet.air_time[f] - 0.2) * feet.first_contact[f], Real(0.5 - 0.2));
    });
  }
  template <class V>
  typename V::Real contact_force(V& v) const {
    using Real = typename V::Real;
    using std::abs;
    return v.sum(num_feet_, [&](int f) {
      return maximum(abs(v.sensordata(foot_force_[f] + 2)) - config_.max_contact_force, Real(0.0));
    });
  }
  /// Hip roll and yaw. Playground's weights of the four joints, of which a command to the left
  /// takes away the two of the rolls, multiply the sum of all four: its index arrays are columns.
  template <class V, class M>
  typename V::Real joint_deviation_hip(V& v, const M& memory) const {
    using Real = typename V::Real;
    using std::abs;
    const Real sum_of_weights = select(less(Real(0.1), memory.command[1]), Real(2.0), Real(4.0));
    const Real sum = v.sum(2, [&](int side) {
      return abs(deviation(v, hip_roll_[side])) + abs(deviation(v, hip_yaw_[side]));
    });
    return sum * sum_of_weights;
  }

  Config config_;
  int global_linvel_torso_, global_angvel_torso_;
  std::array<int, 2> foot_force_, hip_roll_, hip_yaw_, knee_;
  std::array<int, 2> hand_on_thigh_;
  std::array<int, 3> feet_crossed_;  ///< contacts that end an episode
};

template <class V, class M>
auto G1JoystickTask::evaluate(V& v, M& memory, const typename V::Real* action,
                              typename V::Real* reward, typename V::Real* metrics) const {
  using Real = typename V::Real;
  using Mask = typename V::Mask;
  using std::abs;
  const auto feet = look_at_feet(v, memory);
  const Mask fallen = less(v.sensordata(at_.upright + 2), Real(0.0));
  const Mask crossed =
      touches(v, feet_crossed_[0]) | touches(v, feet_crossed_[1]) | touches(v, feet_crossed_[2]);
  const auto flag = [](const Mask& mask) { return select(mask, Real(1.0), Real(0.0)); };
  Real* out = reward;
  *out++ = tracking_lin_vel(v, memory);
  *out++ = tracking_ang_vel(v, memory);
  *out++ = squared(v.sensordata(at_.global_linvel + 2)) +
           squared(v.sensordata(global_linvel_torso_ + 2));
  *out++ = v.sum(2, [&](int k) { return squared(v.sensordata(global_angvel_torso_ + k)); });
  *out++ = orientation(v);
  *out++ = squared(v.qpos(2) - config_.base_height_target);
  *out++ = sum_abs_force(v);
  *out++ = action_rate(v, memory, action);
  *out++ = energy(v);
  *out++ = v.sum(num_joints_, [&](int j) { return squared(v.qacc(kRootQvel + j)); });
  *out++ = v.sum(num_feet_, [&](int f) { return pelvis_speed(v) * feet.contact[f]; });
  *out++ = feet_clearance(v, feet, config_.max_foot_height);
  *out++ = feet_height(v, feet, config_.max_foot_height);
  *out++ = feet_air_time(v, feet);
  *out++ = feet_phase(v, memory, feet);
  *out++ = Real(1.0);
  *out++ = flag(fallen | crossed);
  *out++ = stand_still(v, memory);
  *out++ = flag(touches(v, hand_on_thigh_[0]) | touches(v, hand_on_thigh_[1]));
  *out++ = contact_force(v);
  *out++ = joint_deviation_hip(v, memory);
  *out++ = v.sum(2, [&](int side) { return abs(deviation(v, knee_[side])); });
  *out++ = dof_pos_limits(v);
  *out++ = v.sum(num_joints_, [&](int j) { return squared(deviation(v, j)); });
  pay(v, memory, reward);
  write_metrics(v, memory, fallen | crossed, metrics);
  remember(v, feet, action, memory);
  memory.seen_phase = memory.phase;
  for (int f = 0; f < 2; ++f) {
    const Real next = memory.phase[f] + memory.phase_step + Real(kPi);  // below 4 pi
    const Real turn = select(less(next, Real(2.0 * kPi)), Real(0.0), Real(2.0 * kPi));
    memory.phase[f] = next - turn - Real(kPi);
  }
  return std::array<Mask, 2>{fallen, crossed};
}

template <class V, class M>
void G1JoystickTask::observe(V& v, const M& memory, int /*player*/, int group,
                             typename V::Real* out) const {
  using Real = typename V::Real;
  using std::cos, std::sin;
  const std::array<Real, 3> down = gravity(v);
  out = write_sensor(v, at_.local_linvel, out);
  out = write_sensor(v, at_.gyro, out);
  out = write(v, 3, [&](int k) { return down[k]; }, out);
  out = write(v, 3, [&](int k) { return memory.seen_command[k]; }, out);
  out = write_joints(v, out);
  out = write(v, num_joints_, [&](int j) { return memory.seen_action[j]; }, out);
  out = write(v, num_feet_, [&](int f) { return cos(memory.seen_phase[f]); }, out);
  out = write(v, num_feet_, [&](int f) { return sin(memory.seen_phase[f]); }, out);
  if (group == 0) {
    return;
  }
  out = write_true_motion(v, out);
  *out++ = v.qpos(2);
  out = write(v, num_joints_, [&](int j) { return v.actuator_force(j); }, out);
  out = write(
      v, num_feet_,
      [&](int f) { return select(touches(v, at_.foot_found[f]), Real(1.0), Real(0.0)); }, out);
  write_feet(v, memory, out);
}

}  // namespace fleet::tasks
