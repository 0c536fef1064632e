#include "apps/deploy/safety.h"

#include <algorithm>
#include <cmath>

namespace fleet::deploy {
namespace {

bool all_finite(const auto& values) {
  return std::ranges::all_of(values, [](auto x) { return std::isfinite(x); });
}

/// std::clamp, counted. Of an empty interval the nearer end to `low` is taken.
void clamp_counted(double& value, double low, double high, std::int64_t& count) {
  const double before = value;
  value = std::max(low, std::min(high, value));
  count += value != before ? 1 : 0;
}

}  // namespace

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "none";
    case Fault::kTilt:
      return "tilt";
    case Fault::kNotFinite:
      return "not finite";
    case Fault::kStale:
      return "stale";
  }
  return "";
}

Safety::Safety(const onnx_files::PolicyRecord& record, const SafetyConfig& config)
    : config_(config), contract_(record.contract) {
  for (std::size_t j = 0; j < contract_.action_names.size(); ++j) {
    max_step_.push_back(config.max_target_step * contract_.effort_limit[j] /
                        contract_.stiffness[j]);
  }
}

Fault Safety::find_fault(const RobotState& state, std::span<const float> action, double now) const {
  if (!all_finite(state.quaternion) || !all_finite(state.ang_vel) || !all_finite(state.lin_vel) ||
      !all_finite(state.joint_pos) || !all_finite(state.joint_vel) || !all_finite(action)) {
    return Fault::kNotFinite;
  }
  if (!(std::abs(now - state.time) <= config_.max_state_age)) {
    return Fault::kStale;
  }
  return tilt(state.quaternion) > config_.max_tilt ? Fault::kTilt : Fault::kNone;
}

void Safety::clamp(const RobotState& state, std::span<const double> last,
                   std::span<double> target) {
  const PolicyContract& c = contract_;
  for (std::size_t j = 0; j < target.size(); ++j) {
    if (config_.clamp_targets) {
      clamp_counted(target[j], c.hard_lower[j], c.hard_upper[j], counts_.position);
    }
    clamp_counted(target[j], last[j] - max_step_[j], last[j] + max_step_[j], counts_.rate);
    const double braking = c.damping[j] * state.joint_vel[j];
    clamp_counted(target[j], state.joint_pos[j] + (braking - c.effort_limit[j]) / c.stiffness[j],
                  state.joint_pos[j] + (braking + c.effort_limit[j]) / c.stiffness[j],
                  counts_.torque);
  }
  counts_.targets += static_cast<std::int64_t>(target.size());
}

}  // namespace fleet::deploy
