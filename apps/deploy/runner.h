#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "apps/deploy/latency.h"
#include "apps/deploy/observation.h"
#include "apps/deploy/robot_state.h"
#include "apps/deploy/safety.h"
#include "apps/onnx/policy_file.h"
#include "cuda/graph_evaluator.h"

namespace fleet::deploy {

struct RunnerConfig {
  double ramp_time =
      1.0;  ///< s from where the robot is to the default pose, before the policy acts
  SafetyConfig safety{};
};

/// The control loop of a robot with one policy, without the waiting: state in, command out.
///
///   ramp to the default pose -> policy (observation, network, clamps) -> braking, after a fault
class Runner {
 public:
  /// @throws UserError if the file's contract is not complete, or not one of position servos
  Runner(const onnx_files::PolicyFile& policy, const RunnerConfig& config);

  /// One control step; allocates nothing.
  /// @param command (command_dim), kept within the contract's range  @param now s
  const JointCommand& step(const RobotState& state, std::span<const double> command, double now);

  Fault fault() const { return fault_; }
  bool is_ramping() const { return step_ < num_ramp_steps_; }
  const ClampCounts& clamps() const { return safety_.counts(); }

  /// From now on the stages' times go there; it must outlive the runner.
  void record(LatencyLog* latency) { latency_ = latency; }

 private:
  void ramp(const RobotState& state);
  void act(const RobotState& state, std::span<const double> command);

  PolicyContract contract_;
  ObservationBuilder builder_;
  kernels::GraphEvaluator network_;
  Safety safety_;
  std::int64_t num_ramp_steps_;
  std::int64_t step_ = 0;
  Fault fault_ = Fault::kNone;
  LatencyLog* latency_ = nullptr;
  std::vector<double> start_pos_;    // (action_dim) rad, where the ramp began
  std::vector<double> last_target_;  // (action_dim) rad
  std::vector<double> command_;      // (command_dim)
  std::vector<float> observation_;   // (observation_dim)
  std::vector<float> action_;        // (action_dim)
  JointCommand joints_;
};

}  // namespace fleet::deploy
