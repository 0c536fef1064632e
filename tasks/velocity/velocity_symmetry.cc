#include "tasks/velocity/velocity_symmetry.h"

#include <string>
#include <vector>

#include "tasks/mirror.h"

namespace fleet::tasks {

void add_symmetry(const sim::RobotConfig& robot, TaskSpec& spec) {
  if (robot.symmetry.swap.empty()) {
    return;
  }
  std::vector<std::string> feet;
  for (const sim::Foot& foot : robot.feet) {
    feet.push_back(foot.name);
  }
  const Mirror joint =
      mirror_of_names(spec.contract.action_names, robot.symmetry, true, robot.name);
  const Mirror foot = mirror_of_names(feet, robot.symmetry, false, robot.name);
  for (const ObservationGroup& group : spec.observations) {
    Mirror row;
    for (const ObservationTerm& term : group.terms) {
      const bool of_joints =
          term.name == "joint_pos" || term.name == "joint_vel" || term.name == "actions";
      append(of_joints                            ? joint
             : term.name == "base_ang_vel"        ? mirror_of_rotation()
             : term.name == "command"             ? mirror_of_command()
             : term.name == "foot_contact_forces" ? nested(foot, mirror_of_vector())
             : term.dim == 3                      ? mirror_of_vector()
                                                  : foot,
             row);
    }
    spec.observation_mirror.push_back(row);
  }
  spec.action_mirror = joint;
}

}  // namespace fleet::tasks
