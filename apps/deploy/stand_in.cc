#include "apps/deploy/stand_in.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "apps/user_error.h"
#include "sim/robot.h"

namespace fleet::deploy {
namespace {

sim::PhysicsConfig physics_of(const PolicyContract& contract) {
  sim::PhysicsConfig physics;
  physics.timestep = contract.physics_timestep;
  physics.cone = "elliptic";
  physics.impratio = 10.0;
  physics.iterations = 100;
  physics.ls_iterations = 50;
  return physics;
}

int address_of(const mjModel& model, const char* sensor) {
  return model.sensor_adr[sim::id_of(model, mjOBJ_SENSOR, sensor)];
}

}  // namespace

std::vector<Scenario> standard_scenarios() {
  return {{.name = "nominal"},
          {.name = "one step late", .delay = 1},
          {.name = "kp -20 %", .gain = 0.8},
          {.name = "kp +20 %", .gain = 1.2},
          {.name = "friction .4", .friction = 0.4},
          {.name = "mass +20 %", .added_mass = 0.2},
          {.name = "pushes .5 m/s", .push = 0.5}};
}

StandIn::StandIn(const sim::RobotConfig& robot, const onnx_files::PolicyRecord& record,
                 const Scenario& scenario, const std::string& asset_dir)
    : model_(sim::build_robot(robot, physics_of(record.contract), {}, asset_dir)),
      data_(sim::make_data(*model_)),
      record_(record),
      base_height_(robot.base_height),
      substeps_(static_cast<int>(
          std::lround(record.contract.control_period / record.contract.physics_timestep))),
      root_body_(sim::id_of(*model_, mjOBJ_BODY, robot.root_body)),
      gyro_(address_of(*model_, "gyro")),
      velocimeter_(address_of(*model_, "velocimeter")),
      late_(static_cast<std::size_t>(scenario.delay + 1),
            JointCommand(record.contract.action_names.size())) {
  const std::vector<int> joints = sim::actuated_joints(*model_);
  for (std::size_t j = 0; j < joints.size(); ++j) {
    const char* const name = mj_id2name(model_.get(), mjOBJ_JOINT, joints[j]);
    if (j >= record.contract.action_names.size() || record.contract.action_names[j] != name) {
      throw UserError(
          fmt::format("joint {} of robot {} is '{}', which the contract does not have "
                      "there",
                      j, robot.name, name));
    }
    qpos_.push_back(static_cast<int>(model_->jnt_qposadr[joints[j]]));
    qvel_.push_back(static_cast<int>(model_->jnt_dofadr[joints[j]]));
    ctrl_.push_back(sim::id_of(*model_, mjOBJ_ACTUATOR, name));
  }
  if (joints.size() != record.contract.action_names.size()) {
    throw UserError(fmt::format("robot {} has {} joints, the contract {}", robot.name,
                                joints.size(), record.contract.action_names.size()));
  }
  apply(scenario, robot);
  reset();
}

void StandIn::apply(const Scenario& scenario, const sim::RobotConfig& robot) {
  mjModel& model = *model_;
  const PolicyContract& contract = record_.contract;
  for (std::size_t j = 0; j < ctrl_.size(); ++j) {
    const double stiffness = contract.stiffness[j] * scenario.gain;
    model.actuator_gainprm[mjNGAIN * ctrl_[j]] = stiffness;
    model.actuator_biasprm[mjNBIAS * ctrl_[j] + 1] = -stiffness;
    model.actuator_biasprm[mjNBIAS * ctrl_[j] + 2] = -contract.damping[j];
    model.actuator_forcerange[2 * ctrl_[j]] = -contract.effort_limit[j];
    model.actuator_forcerange[2 * ctrl_[j] + 1] = contract.effort_limit[j];
  }
  const std::vector<std::string> geoms = sim::names_of(model, mjOBJ_GEOM);
  for (std::size_t geom = 0; geom < geoms.size(); ++geom) {
    const bool is_foot = std::ranges::any_of(
        robot.feet, [&](const sim::Foot& foot) { return sim::matches(geoms[geom], foot.geoms); });
    if (is_foot && scenario.friction > 0.0) {
      model.geom_friction[3 * geom] = scenario.friction;
    }
  }
  const double factor =
      1.0 + scenario.added_mass * mj_getTotalmass(&model) / model.body_mass[root_body_];
  model.body_mass[root_body_] *= factor;
  for (int k = 0; k < 3; ++k) {
    model.body_inertia[3 * root_body_ + k] *= factor;
  }
  mj_setConst(&model, data_.get());
}

void StandIn::reset() {
  mj_resetData(model_.get(), data_.get());
  data_->qpos[2] = base_height_;
  for (std::size_t j = 0; j < qpos_.size(); ++j) {
    data_->qpos[qpos_[j]] = data_->ctrl[ctrl_[j]] = record_.contract.action_offset[j];
  }
  for (JointCommand& command : late_) {
    command.target = record_.contract.action_offset;
    command.is_damping = false;
  }
  num_commands_ = 0;
  mj_forward(model_.get(), data_.get());
}

void StandIn::hang() {
  constexpr int kRootQpos = 7, kRootQvel = 6;
  std::copy_n(model_->qpos0, kRootQpos, data_->qpos);
  data_->qpos[2] = base_height_;
  std::fill_n(data_->qvel, kRootQvel, 0.0);
  mj_forward(model_.get(), data_.get());
}

void StandIn::advance(const JointCommand& command) {
  late_[num_commands_ % late_.size()] = command;
  ++num_commands_;
  const JointCommand& arriving = late_[num_commands_ % late_.size()];  // the oldest of the ring
  for (int substep = 0; substep < substeps_; ++substep) {
    for (std::size_t j = 0; j < ctrl_.size(); ++j) {
      data_->ctrl[ctrl_[j]] = arriving.is_damping ? data_->qpos[qpos_[j]] : arriving.target[j];
    }
    mj_step(model_.get(), data_.get());
  }
  mj_forward(model_.get(), data_.get());  // sensors of now, not of before the last step
}

void StandIn::push(double x, double y) {
  data_->qvel[0] += x;
  data_->qvel[1] += y;
}

bool StandIn::has_diverged() const {
  return data_->warning[mjWARN_BADQPOS].number > 0 || data_->warning[mjWARN_BADQVEL].number > 0 ||
         data_->warning[mjWARN_BADQACC].number > 0;
}

void StandIn::measure(RobotState& state) const {
  state.time = data_->time;
  std::copy_n(data_->qpos + 3, 4, state.quaternion.begin());
  std::copy_n(data_->sensordata + gyro_, 3, state.ang_vel.begin());
  std::copy_n(data_->sensordata + velocimeter_, 3, state.lin_vel.begin());
  for (std::size_t j = 0; j < qpos_.size(); ++j) {
    state.joint_pos[j] = data_->qpos[qpos_[j]];
    state.joint_vel[j] = data_->qvel[qvel_[j]];
  }
}

std::array<double, 3> StandIn::velocity() const {
  const mjtNum* const rotation = data_->xmat + 9 * root_body_;  // root to world
  const auto along = [&](int axis) {
    return rotation[axis] * data_->qvel[0] + rotation[3 + axis] * data_->qvel[1] +
           rotation[6 + axis] * data_->qvel[2];
  };
  return {along(0), along(1), data_->qvel[5]};  // a free joint's turning is in its own frame
}

}  // namespace fleet::deploy
