#include "tasks/velocity/velocity_symmetry.h"

#include <algorithm>
#include <stdexcept>

#include "sim/model.h"

namespace fleet::tasks {
namespace {

std::string swapped(const sim::Symmetry& symmetry, const std::string& name) {
  for (const auto& [left, right] : symmetry.swap) {
    for (const auto& [from, to] : {std::pair(left, right), std::pair(right, left)}) {
      if (const std::size_t at = name.find(from); at != std::string::npos) {
        return std::string(name).replace(at, from.size(), to);
      }
    }
  }
  return name;
}

Mirror mirror_of(const sim::RobotConfig& robot, const std::vector<std::string>& names,
                 bool with_signs) {
  Mirror mirror;
  for (const std::string& name : names) {
    const auto source = std::ranges::find(names, swapped(robot.symmetry, name));
    if (source == names.end()) {
      throw std::runtime_error(robot.name + ": symmetry: '" + name + "' has no mirror image");
    }
    const bool negate = with_signs && std::ranges::any_of(robot.symmetry.negate,
                                                          [&](const std::string& pattern) {
                                                            return sim::matches(name, pattern);
                                                          });
    mirror.source.push_back(static_cast<int>(source - names.begin()));
    mirror.sign.push_back(negate ? -1.0F : 1.0F);
  }
  return mirror;
}

Mirror signs(std::vector<float> sign) {
  Mirror mirror{.source = {}, .sign = std::move(sign)};
  for (std::size_t i = 0; i < mirror.sign.size(); ++i) {
    mirror.source.push_back(static_cast<int>(i));
  }
  return mirror;
}

/// Each element of `mirror` stands for a vector that is itself mirrored by `inner`.
Mirror nested(const Mirror& mirror, const Mirror& inner) {
  Mirror result;
  for (const int source : mirror.source) {
    for (std::size_t k = 0; k < inner.source.size(); ++k) {
      result.source.push_back(source * static_cast<int>(inner.source.size()) + inner.source[k]);
      result.sign.push_back(inner.sign[k]);
    }
  }
  return result;
}

void append(const Mirror& term, Mirror& row) {
  const int offset = static_cast<int>(row.source.size());
  for (std::size_t i = 0; i < term.source.size(); ++i) {
    row.source.push_back(offset + term.source[i]);
    row.sign.push_back(term.sign[i]);
  }
}

}  // namespace

void add_symmetry(const sim::RobotConfig& robot, TaskSpec& spec) {
  if (robot.symmetry.swap.empty()) {
    return;
  }
  std::vector<std::string> feet;
  for (const sim::Foot& foot : robot.feet) {
    feet.push_back(foot.name);
  }
  const Mirror joint = mirror_of(robot, spec.contract.action_names, true);
  const Mirror foot = mirror_of(robot, feet, false);
  const Mirror vector = signs({1.0F, -1.0F, 1.0F});
  const Mirror rotation = signs({-1.0F, 1.0F, -1.0F});  // of a pseudovector
  const Mirror planar = signs({1.0F, -1.0F, -1.0F});    // vx, vy, wz
  for (const ObservationGroup& group : spec.observations) {
    Mirror row;
    for (const ObservationTerm& term : group.terms) {
      const bool of_joints = term.name == "joint_pos" || term.name == "joint_vel" ||
                             term.name == "actions";
      append(of_joints                            ? joint
             : term.name == "base_ang_vel"        ? rotation
             : term.name == "command"             ? planar
             : term.name == "foot_contact_forces" ? nested(foot, vector)
             : term.dim == 3                      ? vector
                                                  : foot,
             row);
    }
    spec.observation_mirror.push_back(row);
  }
  spec.action_mirror = joint;
}

}  // namespace fleet::tasks
