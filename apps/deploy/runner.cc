#include "apps/deploy/runner.h"

#include <algorithm>
#include <cmath>

#include "apps/user_error.h"
#include "cuda/require.h"

namespace fleet::deploy {
namespace {

using Clock = LatencyLog::Clock;

const onnx_files::PolicyRecord& checked(const onnx_files::PolicyFile& policy) {
  if (!policy.is_ours) {
    throw UserError("the file has no contract of Fleet's: rates and limits are not known");
  }
  const PolicyContract& contract = policy.record->contract;
  const auto is_positive = [](double x) { return std::isfinite(x) && x > 0.0; };
  if (!std::ranges::all_of(contract.stiffness, is_positive) || contract.stiffness.empty() ||
      !std::ranges::all_of(contract.effort_limit, is_positive) || contract.effort_limit.empty() ||
      contract.damping.empty() || contract.hard_lower.empty()) {
    throw UserError(
        "the policy does not drive position servos: its contract has no gains or limits");
  }
  return *policy.record;
}

}  // namespace

Runner::Runner(const onnx_files::PolicyFile& policy, const RunnerConfig& config)
    : contract_(checked(policy).contract),
      builder_(*policy.record),
      network_(policy.onnx.graph),
      safety_(*policy.record, config.safety),
      num_ramp_steps_(std::llround(config.ramp_time / contract_.control_period)),
      start_pos_(contract_.action_names.size()),
      last_target_(contract_.action_offset),
      command_(contract_.command_names.size()),
      observation_(static_cast<std::size_t>(network_.input_dim())),
      action_(contract_.action_names.size()),
      joints_(contract_.action_names.size()) {}

const JointCommand& Runner::step(const RobotState& state, std::span<const double> command,
                                 double now) {
  require(command.size() == command_.size() && state.joint_pos.size() == action_.size(),
          "a state or command of another robot");
  const auto begin = Clock::now();
  const Fault fault = safety_.find_fault(state, action_, now);
  fault_ = fault_ == Fault::kNone ? fault : fault_;
  if (fault_ == Fault::kNone && is_ramping()) {
    ramp(state);
  } else if (fault_ == Fault::kNone) {
    act(state, command);
  }
  joints_.is_damping = fault_ != Fault::kNone;
  ++step_;
  if (latency_ != nullptr) {
    latency_->add(Stage::kTotal, begin, Clock::now());
  }
  return joints_;
}

void Runner::ramp(const RobotState& state) {
  if (step_ == 0) {
    start_pos_ = state.joint_pos;  // of equal size: no allocation
    last_target_ = state.joint_pos;
  }
  const double share = static_cast<double>(step_ + 1) / static_cast<double>(num_ramp_steps_);
  for (std::size_t j = 0; j < joints_.target.size(); ++j) {
    joints_.target[j] = start_pos_[j] + share * (contract_.action_offset[j] - start_pos_[j]);
  }
  safety_.clamp(state, last_target_, joints_.target);
  last_target_ = joints_.target;
}

void Runner::act(const RobotState& state, std::span<const double> command) {
  const auto begin = Clock::now();
  for (std::size_t k = 0; k < command_.size(); ++k) {
    command_[k] = std::clamp(command[k], contract_.command_lower[k], contract_.command_upper[k]);
  }
  builder_.build(state, action_, command_, observation_);
  const auto observed = Clock::now();
  network_.evaluate(observation_, action_);
  const auto evaluated = Clock::now();
  if (!std::ranges::all_of(action_, [](float x) { return std::isfinite(x); })) {
    fault_ = Fault::kNotFinite;
    return;
  }
  for (std::size_t j = 0; j < joints_.target.size(); ++j) {
    joints_.target[j] =
        contract_.action_offset[j] + contract_.action_scale[j] * static_cast<double>(action_[j]);
  }
  safety_.clamp(state, last_target_, joints_.target);
  last_target_ = joints_.target;
  if (latency_ != nullptr) {
    latency_->add(Stage::kObservation, begin, observed);
    latency_->add(Stage::kPolicy, observed, evaluated);
    latency_->add(Stage::kSafety, evaluated, Clock::now());
  }
}

}  // namespace fleet::deploy
