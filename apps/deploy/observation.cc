#include "apps/deploy/observation.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "apps/user_error.h"

namespace fleet::deploy {

ObservationBuilder::ObservationBuilder(const onnx_files::PolicyRecord& record)
    : default_pos_(record.contract.action_offset) {
  const int joints = record.action_dim();
  const auto commands = static_cast<int>(record.contract.command_names.size());
  struct Known {
    std::string_view name;
    Source source;
    int dim;
  };
  const std::array<Known, 7> known{{{"base_lin_vel", Source::kLinVel, 3},
                                    {"base_ang_vel", Source::kAngVel, 3},
                                    {"projected_gravity", Source::kGravity, 3},
                                    {"joint_pos", Source::kJointPos, joints},
                                    {"joint_vel", Source::kJointVel, joints},
                                    {"actions", Source::kAction, joints},
                                    {"command", Source::kCommand, commands}}};
  for (const ObservationTerm& term : record.observation) {
    const Known* found = nullptr;
    for (const Known& candidate : known) {
      found = candidate.name == term.name ? &candidate : found;
    }
    if (found == nullptr || found->dim != term.dim) {
      throw UserError(fmt::format(
          "the policy observes '{}' ({} numbers), which a legged robot's sensors do not give",
          term.name, term.dim));
    }
    parts_.push_back({found->source, term.scale});
  }
}

void ObservationBuilder::build(const RobotState& state, std::span<const float> last_action,
                               std::span<const double> command, std::span<float> out) const {
  float* to = out.data();
  const auto write = [&](const auto& values, double scale) {
    for (const auto value : values) {
      *to++ = static_cast<float>(scale * static_cast<double>(value));
    }
  };
  for (const auto& [source, scale] : parts_) {
    switch (source) {
      case Source::kLinVel:
        write(state.lin_vel, scale);
        break;
      case Source::kAngVel:
        write(state.ang_vel, scale);
        break;
      case Source::kGravity:
        write(projected_gravity(state.quaternion), scale);
        break;
      case Source::kJointPos:
        for (std::size_t j = 0; j < default_pos_.size(); ++j) {
          *to++ = static_cast<float>(scale * (state.joint_pos[j] - default_pos_[j]));
        }
        break;
      case Source::kJointVel:
        write(state.joint_vel, scale);
        break;
      case Source::kAction:
        write(last_action, scale);
        break;
      case Source::kCommand:
        write(command, scale);
        break;
    }
  }
}

}  // namespace fleet::deploy
