#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "apps/deploy/robot_state.h"
#include "apps/onnx/policy_record.h"

namespace fleet::deploy {

struct SafetyConfig {
  double max_tilt = 1.0;        ///< rad
  double max_state_age = 0.05;  ///< s
  /// How far a target may move in a control step, in units of effort_limit / stiffness: the offset
  /// at which a motor at rest gives its all.
  double max_target_step = 2.0;
  /// Keeps targets between the joints' stops, too. A policy may have learnt to aim beyond them:
  /// that is how a position servo is asked for torque near a stop, and training does not forbid it.
  bool clamp_targets = false;
};

/// Why a robot was told to brake. Latched: only a new Runner goes on.
enum class Fault : std::uint8_t { kNone, kTilt, kNotFinite, kStale };
const char* name_of(Fault fault);

/// How often a target was changed by each clamp.
struct ClampCounts {
  std::int64_t position = 0, rate = 0, torque = 0, targets = 0;
};

/// What stands between a policy and the motors.
class Safety {
 public:
  Safety(const onnx_files::PolicyRecord& record, const SafetyConfig& config);

  /// @param now s, on the clock of state.time
  Fault find_fault(const RobotState& state, std::span<const float> action, double now) const;

  /// Keeps targets a step from the last ones and to what the motor can give there,
  /// |stiffness (target - q) - damping qvel| <= effort_limit; if asked to, between the stops.
  /// @param last the targets of the step before  @param target (action_dim) rad, changed in place
  void clamp(const RobotState& state, std::span<const double> last, std::span<double> target);

  const ClampCounts& counts() const { return counts_; }

 private:
  SafetyConfig config_;
  PolicyContract contract_;
  std::vector<double> max_step_;  // (action_dim) rad
  ClampCounts counts_;
};

}  // namespace fleet::deploy
