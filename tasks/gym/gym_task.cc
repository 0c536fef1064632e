#include "tasks/gym/gym_task.h"

#include <stdexcept>

#include "sim/model.h"

namespace fleet::tasks {
namespace {

/// The actuator's name; Gymnasium's models leave some to be named by the joint they drive.
std::string actuator_name(const mjModel& model, int actuator) {
  if (const char* name = mj_id2name(&model, mjOBJ_ACTUATOR, actuator)) {
    return name;
  }
  const char* joint = mj_id2name(&model, mjOBJ_JOINT, model.actuator_trnid[2 * actuator]);
  return joint != nullptr ? joint : "";
}

void require_symmetric_range(const std::string& task, const mjModel& model, int actuator) {
  const mjtNum* const range = model.actuator_ctrlrange + 2 * actuator;
  if (range[0] != -range[1] || range[1] <= 0.0) {
    throw std::invalid_argument(task + ": the range of actuator " + actuator_name(model, actuator) +
                                " is not symmetric about 0");
  }
}

void describe_actuator(const mjModel& model, int actuator, PolicyContract& contract) {
  const double bound = model.actuator_ctrlrange[2 * actuator + 1];
  const int joint = model.actuator_trnid[2 * actuator];
  contract.action_names.push_back(actuator_name(model, actuator));
  contract.action_scale.push_back(1.0);
  contract.action_offset.push_back(0.0);
  contract.action_bound.push_back(bound);
  contract.effort_limit.push_back(bound * model.actuator_gear[6 * actuator]);
  contract.armature.push_back(model.dof_armature[model.jnt_dofadr[joint]]);
  const auto [lower, upper] = sim::joint_range(model, joint);
  contract.hard_lower.push_back(lower);
  contract.hard_upper.push_back(upper);
}

}  // namespace

GymTask::GymTask(const std::string& name, const mjModel& model, int frame_skip)
    : nq_(static_cast<int>(model.nq)),
      nv_(static_cast<int>(model.nv)),
      nu_(static_cast<int>(model.nu)),
      nbody_(static_cast<int>(model.nbody)),
      timestep_(model.opt.timestep),
      control_period_(model.opt.timestep * frame_skip),
      start_qpos_(model.qpos0, model.qpos0 + model.nq) {
  spec_.action_dim = nu_;
  spec_.substeps = frame_skip;
  spec_.max_episode_steps = kMaxEpisodeSteps;
  spec_.derived_stale = true;
  spec_.observations = {{.name = "actor", .noisy = false, .terms = {}}};
  spec_.contract.task = name;
  spec_.contract.control_period = control_period_;
  spec_.contract.physics_timestep = timestep_;
  for (int actuator = 0; actuator < nu_; ++actuator) {
    require_symmetric_range(name, model, actuator);
    describe_actuator(model, actuator, spec_.contract);
  }
}

std::vector<ObservationTerm> GymTask::state_terms(int first_qpos) const {
  return {{.name = "qpos", .dim = nq_ - first_qpos, .unit = "m, rad", .frame = "joint"},
          {.name = "qvel", .dim = nv_, .unit = "m/s, rad/s", .frame = "joint"}};
}

}  // namespace fleet::tasks
