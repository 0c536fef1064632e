#include "tasks/velocity/velocity_task.h"

#include <algorithm>
#include <stdexcept>

#include "sim/patterns.h"
#include "sim/robot.h"
#include "tasks/velocity/velocity_symmetry.h"

namespace fleet::tasks {
namespace {

int sensor_address(const mjModel& model, const std::string& name) {
  return model.sensor_adr[sim::id_of(model, mjOBJ_SENSOR, name)];
}

int optional_sensor(const mjModel& model, const std::string& name) {
  const int id = mj_name2id(&model, mjOBJ_SENSOR, name.c_str());
  return id < 0 ? -1 : static_cast<int>(model.sensor_adr[id]);
}

VelocityAddresses find_addresses(const sim::RobotConfig& robot, const mjModel& model) {
  VelocityAddresses at;
  at.root_body = sim::id_of(model, mjOBJ_BODY, robot.root_body);
  at.torso_body = sim::id_of(model, mjOBJ_BODY, robot.torso_body);
  const auto root_joint = static_cast<int>(model.body_jntadr[at.root_body]);
  if (root_joint < 0 || model.jnt_type[root_joint] != mjJNT_FREE) {
    throw std::runtime_error(robot.name + ": root_body '" + robot.root_body +
                             "' has no free joint");
  }
  at.root_qpos = static_cast<int>(model.jnt_qposadr[root_joint]);
  at.root_qvel = static_cast<int>(model.jnt_dofadr[root_joint]);
  at.gyro = sensor_address(model, "gyro");
  at.velocimeter = sensor_address(model, "velocimeter");
  at.self_collision = optional_sensor(model, "self_collision");
  at.angular_momentum = optional_sensor(model, "angular_momentum");
  at.torso_rate = optional_sensor(model, "torso_rate");
  while (optional_sensor(model, "fall" + std::to_string(at.num_falls)) >= 0) {
    ++at.num_falls;
  }
  at.first_fall = at.num_falls > 0 ? sensor_address(model, "fall0") : 0;
  for (std::size_t f = 0; f < robot.feet.size(); ++f) {
    at.foot_site[f] = sim::id_of(model, mjOBJ_SITE, robot.feet[f].site);
    at.foot_contact[f] = sensor_address(model, robot.feet[f].name + "/contact");
    at.foot_velocity[f] = sensor_address(model, robot.feet[f].name + "/velocity");
  }
  const std::vector<int> joints = sim::actuated_joints(model);
  for (std::size_t j = 0; j < joints.size(); ++j) {
    at.qpos[j] = static_cast<int>(model.jnt_qposadr[joints[j]]);
    at.qvel[j] = static_cast<int>(model.jnt_dofadr[joints[j]]);
    at.ctrl[j] = sim::id_of(model, mjOBJ_ACTUATOR, mj_id2name(&model, mjOBJ_JOINT, joints[j]));
  }
  return at;
}

std::vector<std::string> joint_names(const mjModel& model) {
  std::vector<std::string> names;
  for (const int joint : sim::actuated_joints(model)) {
    names.emplace_back(mj_id2name(&model, mjOBJ_JOINT, joint));
  }
  return names;
}

void copy_into(const std::vector<double>& from, std::array<double, kMaxJoints>& to) {
  std::copy(from.begin(), from.end(), to.begin());
}

VelocityNumbers find_numbers(const VelocityConfig& config, const mjModel& model) {
  const std::vector<std::string> names = joint_names(model);
  if (names.size() > kMaxJoints || config.robot.feet.size() > kMaxFeet) {
    throw std::runtime_error(config.robot.name + ": has more than 40 joints or 4 feet");
  }
  VelocityNumbers n;
  n.num_joints = static_cast<int>(names.size());
  n.num_feet = static_cast<int>(config.robot.feet.size());
  n.control_period = config.physics.timestep * config.physics.substeps;
  n.weight = config.reward;
  copy_into(sim::resolve(config.robot.default_pose, names, 0.0), n.default_pos);
  copy_into(sim::resolve(config.pose_width.standing, names, 0.1), n.standing);
  copy_into(sim::resolve(config.pose_width.walking, names, 0.3), n.walking);
  copy_into(sim::resolve(config.pose_width.running, names, 0.3), n.running);
  const std::vector<int> joints = sim::actuated_joints(model);
  for (std::size_t j = 0; j < joints.size(); ++j) {
    const mjtNum* const range = &model.jnt_range[2 * joints[j]];
    const double middle = 0.5 * (range[0] + range[1]);
    const double half = 0.5 * (range[1] - range[0]) * config.robot.soft_limit_factor;
    n.soft_lower[j] = middle - half;
    n.soft_upper[j] = middle + half;
  }
  return n;
}

std::vector<ObservationTerm> observation_terms(const VelocityConfig& config,
                                               const VelocityNumbers& n, VelocityGroup group) {
  const NoiseConfig& noise = config.noise;
  const bool critic = group == VelocityGroup::kCritic;
  const int joints = n.num_joints;
  std::vector<ObservationTerm> terms;
  if (critic || config.observe_base_lin_vel) {
    terms.push_back({"base_lin_vel", 3, "m/s", "imu", noise.base_lin_vel});
  }
  terms.push_back({"base_ang_vel", 3, "rad/s", "imu", noise.base_ang_vel});
  terms.push_back({"projected_gravity", 3, "1", "base", noise.projected_gravity});
  terms.push_back({"joint_pos", joints, "rad", "joint, relative to the default", noise.joint_pos});
  terms.push_back({"joint_vel", joints, "rad/s", "joint", noise.joint_vel});
  terms.push_back({"actions", joints, "action units", "joint", 0.0});
  terms.push_back({"command", 3, "m/s, m/s, rad/s", "base", 0.0});
  if (critic) {
    terms.push_back({"foot_height", n.num_feet, "m", "world", 0.0});
    terms.push_back({"foot_air_time", n.num_feet, "s", "", 0.0});
    terms.push_back({"foot_contact", n.num_feet, "1", "", 0.0});
    terms.push_back({"foot_contact_forces", 3 * n.num_feet, "sign(f) log1p|f / N|", "world", 0.0});
  }
  return terms;
}

PolicyContract make_contract(const VelocityConfig& config, const VelocityNumbers& n,
                             const mjModel& model) {
  PolicyContract contract;
  contract.task = "velocity";
  contract.robot = config.robot.name;
  contract.control_period = n.control_period;
  contract.physics_timestep = config.physics.timestep;
  contract.action_names = joint_names(model);
  for (int j = 0; j < n.num_joints; ++j) {
    const std::string& name = contract.action_names[static_cast<std::size_t>(j)];
    const int actuator = sim::id_of(model, mjOBJ_ACTUATOR, name);
    const int joint = sim::id_of(model, mjOBJ_JOINT, name);
    const double stiffness = model.actuator_gainprm[mjNGAIN * actuator];
    const double effort = model.actuator_forcerange[2 * actuator + 1];
    contract.stiffness.push_back(stiffness);
    contract.damping.push_back(-model.actuator_biasprm[mjNBIAS * actuator + 2]);
    contract.effort_limit.push_back(effort);
    contract.armature.push_back(model.dof_armature[model.jnt_dofadr[joint]]);
    contract.action_scale.push_back(0.25 * effort / stiffness);
    contract.action_offset.push_back(n.default_pos[j]);
    contract.action_bound.push_back(config.action_bound);
    contract.position_lower.push_back(n.soft_lower[j]);
    contract.position_upper.push_back(n.soft_upper[j]);
    const auto [lower, upper] = sim::joint_range(model, joint);
    contract.hard_lower.push_back(lower);
    contract.hard_upper.push_back(upper);
    contract.velocity_limit.push_back(sim::group_of(config.robot, name).velocity_limit);
  }
  const CommandStage& stage = config.command.stages.front();
  contract.command_names = {"lin_vel_x", "lin_vel_y", "ang_vel_z"};
  contract.command_lower = {stage.lin_vel_x[0], stage.lin_vel_y[0], stage.ang_vel_z[0]};
  contract.command_upper = {stage.lin_vel_x[1], stage.lin_vel_y[1], stage.ang_vel_z[1]};
  return contract;
}

TaskSpec make_spec(const VelocityConfig& config, const VelocityNumbers& n, const mjModel& model) {
  TaskSpec spec;
  spec.action_dim = n.num_joints;
  spec.substeps = config.physics.substeps;
  spec.max_episode_steps = static_cast<int>(std::lround(config.episode_length / n.control_period));
  spec.observations = {{"actor", true, observation_terms(config, n, VelocityGroup::kActor)},
                       {"critic", false, observation_terms(config, n, VelocityGroup::kCritic)}};
  spec.reward_terms.assign(VelocityTerms<sim::MjView>::kNames.begin(),
                           VelocityTerms<sim::MjView>::kNames.end());
  spec.termination_terms = {"fell_over"};
  spec.metrics = {"lin_vel_error",     "yaw_rate_error",    "fallen",           "settled",
                  "command_lin_vel_x", "command_lin_vel_y", "command_ang_vel_z"};
  spec.contract = make_contract(config, n, model);
  add_symmetry(config.robot, spec);
  return spec;
}

}  // namespace

VelocityTask::VelocityTask(const Config& config, const mjModel& model)
    : config_(config),
      numbers_(find_numbers(config, model)),
      at_(find_addresses(config.robot, model)) {
  spec_ = make_spec(config_, numbers_, model);
  const std::vector<std::string> geoms = sim::names_of(model, mjOBJ_GEOM);
  for (const sim::Foot& foot : config_.robot.feet) {
    for (std::size_t geom = 0; geom < geoms.size(); ++geom) {
      if (sim::matches(geoms[geom], foot.geoms)) {
        friction_geoms_.push_back(static_cast<int>(geom));
      }
    }
  }
  std::copy_n(&model.body_ipos[3 * at_.torso_body], 3, nominal_com_.begin());
}

sim::SensorSelection VelocityTask::sensors(const Config& config) {
  return {.self_collision = config.reward.self_collisions != 0.0,
          .angular_momentum = config.reward.angular_momentum != 0.0,
          .torso_rate = config.reward.body_ang_vel != 0.0,
          .falls = config.measure_falls};
}

void VelocityTask::startup(FieldRows fields, Memory<double>& memory, const Draws& draws) const {
  Random random = draws(Purpose::kStartup);
  const StartupConfig& ranges = config_.startup;
  const double slide = random.uniform(ranges.foot_friction_slide[0], ranges.foot_friction_slide[1]);
  const auto log_uniform = [&](const std::vector<double>& range) {
    return range.empty() ? -1.0 : random.log_uniform(range[0], range[1]);
  };
  const double spin = log_uniform(ranges.foot_friction_spin);
  const double roll = log_uniform(ranges.foot_friction_roll);
  for (const int geom : friction_geoms_) {
    const std::span<double> friction = fields[0].subspan(static_cast<std::size_t>(3 * geom), 3);
    friction[0] = slide;
    friction[1] = spin < 0.0 ? friction[1] : spin;
    friction[2] = roll < 0.0 ? friction[2] : roll;
  }
  for (std::size_t k = 0; k < 3; ++k) {
    const double offset = random.uniform(-ranges.com_offset[k], ranges.com_offset[k]);
    fields[1][static_cast<std::size_t>(3 * at_.torso_body) + k] = nominal_com_[k] + offset;
  }
  for (int j = 0; j < numbers_.num_joints; ++j) {
    memory.encoder_bias[j] = random.uniform(-ranges.encoder_bias, ranges.encoder_bias);
  }
}

double VelocityTask::hardship(const Draws& draws) const {
  const int steps = config_.curriculum.steps;
  return steps <= 0 ? 1.0 : std::min(1.0, static_cast<double>(draws.vector_steps) / steps);
}

const CommandStage& VelocityTask::stage(const Draws& draws) const {
  const CommandStage* current = &config_.command.stages.front();
  for (const CommandStage& next : config_.command.stages) {
    current = draws.vector_steps >= next.step ? &next : current;
  }
  return *current;
}

void VelocityTask::resample_command(VelocityMemory<double>& memory, Random& random,
                                    const Draws& draws) const {
  constexpr double kPi = 3.141592653589793;
  constexpr double kLeastForward = 0.3;  // m/s
  const CommandConfig& config = config_.command;
  const CommandStage& ranges = stage(draws);
  const auto draw = [&](const Range& range) { return random.uniform(range[0], range[1]); };
  memory.command = {draw(ranges.lin_vel_x), draw(ranges.lin_vel_y), draw(ranges.ang_vel_z)};
  memory.heading_target = random.uniform(-kPi, kPi);
  memory.is_heading = random.bernoulli(config.heading) ? 1.0 : 0.0;
  memory.is_standing = random.bernoulli(config.standing) ? 1.0 : 0.0;
  if (random.bernoulli(config.forward)) {
    memory.command = {std::max(std::abs(memory.command[0]), kLeastForward), 0.0, 0.0};
  }
  memory.command_time = draw(config.resampling_time);
  memory.settled_time = 0.0;
}

}  // namespace fleet::tasks
