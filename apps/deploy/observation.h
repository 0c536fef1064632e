#pragma once

#include <span>
#include <vector>

#include "apps/deploy/robot_state.h"
#include "apps/onnx/policy_record.h"

namespace fleet::deploy {

/// Builds the policy's observation from what the robot measures, as the contract lists it.
class ObservationBuilder {
 public:
  /// @throws UserError naming the first term that a robot's sensors do not give
  explicit ObservationBuilder(const onnx_files::PolicyRecord& record);

  /// @param last_action (action_dim) as the policy gave it, clipped to its bound
  /// @param command (command_dim) in the contract's order  @param out (dim)
  void build(const RobotState& state, std::span<const float> last_action,
             std::span<const double> command, std::span<float> out) const;

 private:
  enum class Source { kLinVel, kAngVel, kGravity, kJointPos, kJointVel, kAction, kCommand };
  struct Part {
    Source source;
    double scale;
  };

  std::vector<Part> parts_;
  std::vector<double> default_pos_;  // (action_dim) rad
};

}  // namespace fleet::deploy
