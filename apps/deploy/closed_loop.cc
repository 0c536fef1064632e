#include "apps/deploy/closed_loop.h"

#include <cmath>

#include "cuda/philox.h"

namespace fleet::deploy {
namespace {

constexpr double kStanding = 0.1;  // share of commands that are 0

/// Draws what the robot is told, and the pushes, of one episode.
class Script {
 public:
  Script(const LoopConfig& config, const Scenario& scenario, const PolicyContract& contract,
         int episode)
      : config_(config),
        scenario_(scenario),
        contract_(contract),
        episode_(episode),
        command_(contract.command_names.size()) {}

  /// @param time s since the ramp's end
  const std::vector<double>& command(double time) {
    const int index = static_cast<int>(time / config_.command_period);
    if (!config_.command.empty()) {
      command_ = config_.command;
    } else if (index != drawn_) {
      drawn_ = index;
      Random random = draw(Purpose::kCommand, index);
      const bool is_standing = random.bernoulli(kStanding);
      for (std::size_t k = 0; k < command_.size(); ++k) {
        const double drawn = random.uniform(contract_.command_lower[k], contract_.command_upper[k]);
        command_[k] = is_standing ? 0.0 : drawn;
      }
    }
    return command_;
  }

  void push_if_due(double time, StandIn& robot) {
    const int index = static_cast<int>(time / scenario_.push_period);
    if (scenario_.push > 0.0 && index > pushed_) {
      pushed_ = index;
      constexpr double kTurn = 6.283185307179586;
      const double angle = draw(Purpose::kPush, index).uniform(0.0, kTurn);
      robot.push(scenario_.push * std::cos(angle), scenario_.push * std::sin(angle));
    }
  }

 private:
  Random draw(Purpose purpose, int index) const {
    return Random(config_.seed, static_cast<std::uint32_t>(episode_), 0,
                  static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(purpose));
  }

  const LoopConfig& config_;
  const Scenario& scenario_;
  const PolicyContract& contract_;
  int episode_;
  std::vector<double> command_;
  int drawn_ = -1;
  int pushed_ = 0;
};

struct Errors {
  double lin_vel = 0.0, yaw_rate = 0.0, steps = 0.0;

  void add(const std::vector<double>& command, const std::array<double, 3>& velocity) {
    lin_vel += std::hypot(command[0] - velocity[0], command[1] - velocity[1]);
    yaw_rate += std::abs(command[2] - velocity[2]);
    steps += 1.0;
  }
};

/// @returns whether the robot stayed up
bool run_episode(Runner& runner, StandIn& robot, Script& script, const LoopConfig& config,
                 double period, Errors& errors) {
  RobotState state(robot.num_joints());
  robot.reset();
  double begin = 0.0;
  const auto num_steps = std::llround((config.runner.ramp_time + config.seconds) / period);
  for (std::int64_t step = 0; step < num_steps; ++step) {
    begin = runner.is_ramping() ? robot.time() : begin;
    const double time = robot.time() - begin;
    const std::vector<double>& command = script.command(time);
    robot.measure(state);
    const bool is_acting = !runner.is_ramping();
    const JointCommand& joints = runner.step(state, command, robot.time());
    if (runner.fault() != Fault::kNone) {
      return false;
    }
    script.push_if_due(time, robot);
    robot.advance(joints);
    if (robot.has_diverged()) {
      return false;
    }
    if (is_acting) {
      errors.add(command, robot.velocity());
    } else {
      robot.hang();
    }
  }
  return true;
}

void add(const ClampCounts& from, ClampCounts& to) {
  to.position += from.position;
  to.rate += from.rate;
  to.torque += from.torque;
  to.targets += from.targets;
}

}  // namespace

LoopResult run_scenario(const onnx_files::PolicyFile& policy, const sim::RobotConfig& robot_config,
                        const Scenario& scenario, const std::string& asset_dir,
                        const LoopConfig& config, LatencyLog& latency) {
  const PolicyContract& contract = policy.record->contract;
  LoopResult result{.scenario = scenario.name, .episodes = config.episodes};
  StandIn robot(robot_config, *policy.record, scenario, asset_dir);
  Errors errors;
  for (int episode = 0; episode < config.episodes; ++episode) {
    Runner runner(policy, config.runner);
    runner.record(&latency);
    Script script(config, scenario, contract, episode);
    const bool stays_up =
        run_episode(runner, robot, script, config, contract.control_period, errors);
    result.falls += stays_up ? 0 : 1;
    add(runner.clamps(), result.clamps);
  }
  result.lin_vel_error = errors.steps > 0.0 ? errors.lin_vel / errors.steps : 0.0;
  result.yaw_rate_error = errors.steps > 0.0 ? errors.yaw_rate / errors.steps : 0.0;
  return result;
}

}  // namespace fleet::deploy
