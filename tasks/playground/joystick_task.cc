#include "tasks/playground/joystick_task.h"

#include <algorithm>
#include <stdexcept>

#include "sim/model.h"
#include "tasks/mirror.h"

namespace fleet::tasks {
namespace {

std::string joint_name(const mjModel& model, int actuator) {
  return mj_id2name(&model, mjOBJ_JOINT, model.actuator_trnid[2 * actuator]);
}

/// The torque that an actuator's joint gets at most, however it is limited.
double effort_limit(const mjModel& model, int actuator) {
  const int joint = model.actuator_trnid[2 * actuator];
  return model.actuator_forcelimited[actuator] ? model.actuator_forcerange[2 * actuator + 1]
                                               : model.jnt_actfrcrange[2 * joint + 1];
}

void describe_servo(const mjModel& model, int actuator, PolicyContract& contract) {
  const int joint = model.actuator_trnid[2 * actuator];
  const int dof = model.jnt_dofadr[joint];
  contract.action_names.push_back(joint_name(model, actuator));
  contract.stiffness.push_back(model.actuator_gainprm[mjNGAIN * actuator]);
  contract.damping.push_back(model.dof_damping[dof]);
  contract.effort_limit.push_back(effort_limit(model, actuator));
  contract.armature.push_back(model.dof_armature[dof]);
  const auto [lower, upper] = sim::joint_range(model, joint);
  contract.hard_lower.push_back(lower);
  contract.hard_upper.push_back(upper);
}

}  // namespace

JoystickTask::JoystickTask(const JoystickRobot& robot, const mjModel& model, int substeps,
                           int episode_length, double action_scale)
    : robot_(robot),
      num_joints_(static_cast<int>(model.nu)),
      num_feet_(static_cast<int>(robot.feet.size())),
      control_period_(model.opt.timestep * substeps),
      action_scale_(action_scale) {
  const int keyframe = sim::id_of(model, mjOBJ_KEY, robot.keyframe);
  const mjtNum* const qpos = model.key_qpos + keyframe * model.nq;
  start_qpos_.assign(qpos, qpos + model.nq);
  std::copy_n(start_qpos_.begin() + kRootQpos, num_joints_, default_pose_.begin());

  at_.imu_body = sim::id_of(model, mjOBJ_BODY, robot.imu_body);
  const auto imu = [&](const std::string& name) {
    return sensor_address(model, name + robot.imu_suffix);
  };
  at_.gyro = imu("gyro");
  at_.local_linvel = imu("local_linvel");
  at_.accelerometer = imu("accelerometer");
  at_.global_linvel = imu("global_linvel");
  at_.global_angvel = imu("global_angvel");
  at_.upright = sensor_address(model, robot.upright_sensor);
  for (std::size_t f = 0; f < robot.feet.size(); ++f) {
    at_.foot_site[f] = sim::id_of(model, mjOBJ_SITE, robot.feet[f]);
    at_.foot_found[f] = sensor_address(model, robot.feet[f] + "_floor_found");
    at_.foot_velocity[f] = sensor_address(model, robot.feet[f] + "_global_linvel");
  }

  spec_.action_dim = num_joints_;
  spec_.substeps = substeps;
  spec_.max_episode_steps = episode_length;
  spec_.derived_stale = true;
  spec_.metrics = {"lin_vel_error",     "yaw_rate_error",    "fallen",           "settled",
                   "command_lin_vel_x", "command_lin_vel_y", "command_ang_vel_z"};
  PolicyContract& contract = spec_.contract;
  contract.task = robot.task;
  contract.control_period = control_period_;
  contract.physics_timestep = model.opt.timestep;
  for (int actuator = 0; actuator < num_joints_; ++actuator) {
    describe_servo(model, actuator, contract);
    contract.action_scale.push_back(action_scale);
    contract.action_offset.push_back(default_pose_[actuator]);
    contract.action_bound.push_back(1.0);
  }
  contract.command_names = {"lin_vel_x", "lin_vel_y", "ang_vel_z"};
  spec_.action_mirror = mirror_of_names(contract.action_names, robot.symmetry, true, robot.task);
}

void JoystickTask::set_soft_limits(const std::vector<double>& lower,
                                   const std::vector<double>& upper) {
  std::ranges::copy(lower, soft_lower_.begin());
  std::ranges::copy(upper, soft_upper_.begin());
  spec_.contract.position_lower = lower;
  spec_.contract.position_upper = upper;
}

int JoystickTask::sensor_address(const mjModel& model, const std::string& name) {
  return model.sensor_adr[sim::id_of(model, mjOBJ_SENSOR, name)];
}

JoystickTask::Seen JoystickTask::seen(std::string_view name, double noise) const {
  const Mirror& joint = spec_.action_mirror;
  const Mirror foot = mirror_of_names(robot_.feet, robot_.symmetry, false, robot_.task);
  const int joints = num_joints_;
  const int feet = num_feet_;
  const std::vector<Seen> all{
      {{"linvel", 3, "m/s", "imu"}, mirror_of_vector()},
      {{"gyro", 3, "rad/s", "imu"}, mirror_of_rotation()},
      {{"gravity", 3, "1", "imu"}, mirror_of_vector()},
      {{"command", 3, "m/s, m/s, rad/s", "imu"}, mirror_of_command()},
      {{"joint_pos", joints, "rad", "joint, relative to the default"}, joint},
      {{"joint_vel", joints, "rad/s", "joint"}, joint},
      {{"last_act", joints, "action units", "joint"}, joint},
      {{"accelerometer", 3, "m/s^2", "imu"}, mirror_of_vector()},
      {{"global_angvel", 3, "rad/s", "world"}, mirror_of_rotation()},
      {{"actuator_force", joints, "N m", "joint"}, joint},
      {{"contact", feet, "1", ""}, foot},
      {{"feet_vel", 3 * feet, "m/s", "world"}, nested(foot, mirror_of_vector())},
      {{"feet_air_time", feet, "s", ""}, foot},
  };
  const auto found = std::ranges::find(all, name, [](const Seen& one) { return one.term.name; });
  if (found == all.end()) {
    throw std::logic_error("no quantity is called " + std::string(name));
  }
  Seen one = *found;
  one.term.noise = noise;
  return one;
}

void JoystickTask::add_group(const std::string& name, const std::vector<Seen>& terms) {
  ObservationGroup group{.name = name, .noisy = true, .terms = {}};
  Mirror row;
  for (const Seen& one : terms) {
    group.terms.push_back(one.term);
    append(one.mirror, row);
  }
  spec_.observations.push_back(group);
  spec_.observation_mirror.push_back(row);
}

}  // namespace fleet::tasks
