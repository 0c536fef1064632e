// The stand-in robot: Go1 in plain mj_step.

#include "apps/deploy/stand_in.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/config/config_node.h"
#include "apps/config/config_reader.h"
#include "apps/user_error.h"
#include "sim/patterns.h"
#include "sim/robot.h"

namespace fleet::deploy {
namespace {

using testing::HasSubstr;

const std::string kAssets = FLEET_SOURCE_DIR "/third_party/assets";

sim::RobotConfig go1() {
  sim::initialise_mujoco();
  sim::RobotConfig robot;
  config::read_config(config::load_yaml(FLEET_SOURCE_DIR "/configs/robots/go1.yaml"), robot);
  return robot;
}

/// What an exported policy of Go1 says of it.
onnx_files::PolicyRecord record_of(const sim::RobotConfig& robot) {
  const sim::ModelPtr model = sim::build_robot(robot, {}, {}, kAssets);
  onnx_files::PolicyRecord record;
  PolicyContract& c = record.contract;
  c.control_period = 0.02;
  c.physics_timestep = 0.005;
  for (const int joint : sim::actuated_joints(*model)) {
    c.action_names.emplace_back(mj_id2name(model.get(), mjOBJ_JOINT, joint));
  }
  for (int i = 0; i < model->nu; ++i) {
    c.stiffness.push_back(model->actuator_gainprm[mjNGAIN * i]);
    c.damping.push_back(-model->actuator_biasprm[mjNBIAS * i + 2]);
    c.effort_limit.push_back(model->actuator_forcerange[2 * i + 1]);
  }
  c.action_offset = sim::resolve(robot.default_pose, c.action_names, 0.0);
  return record;
}

StandIn stand_in(const Scenario& scenario = {}) {
  const sim::RobotConfig robot = go1();
  return {robot, record_of(robot), scenario, kAssets};
}

/// The default pose, but for one thigh. @param offset rad
JointCommand hold(double offset = 0.0) {
  static const std::vector<double> default_pose = record_of(go1()).contract.action_offset;
  JointCommand command(12);
  command.target = default_pose;
  command.target[1] += offset;
  return command;
}

TEST(StandInTest, StandsInItsDefaultPose) {
  StandIn robot = stand_in();
  RobotState state(12);
  for (int step = 0; step < 100; ++step) {
    robot.advance(hold());
  }
  robot.measure(state);
  EXPECT_NEAR(robot.time(), 2.0, 1e-9);
  EXPECT_NEAR(state.time, 2.0, 1e-9);
  EXPECT_LT(tilt(state.quaternion), 0.1);
  EXPECT_LT(std::abs(robot.velocity()[0]), 0.02);
  EXPECT_FALSE(robot.has_diverged());
}

TEST(StandInTest, WithoutStiffnessItSinks) {
  StandIn robot = stand_in();
  JointCommand command = hold();
  command.is_damping = true;
  RobotState state(12);
  for (int step = 0; step < 100; ++step) {
    robot.advance(command);
  }
  robot.measure(state);
  EXPECT_LT(state.joint_pos[2], -2.2);  // the calf has folded
}

TEST(StandInTest, HangingItIsHeldWhereItBegan) {
  StandIn robot = stand_in();
  robot.reset();
  RobotState start(12);
  robot.measure(start);
  JointCommand limp = hold();
  limp.is_damping = true;
  for (int step = 0; step < 50; ++step) {
    robot.advance(limp);
    robot.hang();
  }
  RobotState held(12);
  robot.measure(held);
  EXPECT_EQ(held.quaternion, start.quaternion);
  EXPECT_EQ(robot.velocity(), (std::array<double, 3>{}));
}

TEST(StandInTest, ALateCommandMovesNothingForAStep) {
  StandIn prompt = stand_in();
  StandIn late = stand_in({.delay = 1});
  const auto thigh = [](const StandIn& robot) {
    RobotState state(12);
    robot.measure(state);
    return state.joint_pos[1];
  };
  StandIn still = stand_in();
  for (StandIn* robot : {&prompt, &late}) {
    robot->advance(hold(0.3));
  }
  still.advance(hold());
  EXPECT_EQ(thigh(late), thigh(still));
  EXPECT_GT(thigh(prompt), thigh(still) + 0.001);
  late.advance(hold(0.3));
  still.advance(hold());
  EXPECT_GT(thigh(late), thigh(still) + 0.001);
}

TEST(StandInTest, AScenarioIsInTheModel) {
  const StandIn nominal = stand_in();
  const StandIn other = stand_in({.gain = 0.8, .friction = 0.4, .added_mass = 0.2});
  const mjModel& a = nominal.model();
  const mjModel& b = other.model();
  EXPECT_NEAR(mj_getTotalmass(&b), 1.2 * mj_getTotalmass(&a), 1e-9);
  for (int i = 0; i < a.nu; ++i) {
    EXPECT_DOUBLE_EQ(b.actuator_gainprm[mjNGAIN * i], 0.8 * a.actuator_gainprm[mjNGAIN * i]);
    EXPECT_DOUBLE_EQ(b.actuator_biasprm[mjNBIAS * i + 2], a.actuator_biasprm[mjNBIAS * i + 2]);
  }
  int changed = 0;
  for (int i = 0; i < a.ngeom; ++i) {
    changed += a.geom_friction[3 * i] != b.geom_friction[3 * i] ? 1 : 0;
  }
  EXPECT_EQ(changed, 4);  // the feet
}

TEST(StandInTest, APushIsAVelocity) {
  StandIn robot = stand_in();
  robot.push(0.5, -0.25);
  EXPECT_NEAR(robot.velocity()[0], 0.5, 1e-12);
  EXPECT_NEAR(robot.velocity()[1], -0.25, 1e-12);
}

TEST(StandInTest, AnotherRobotsContractIsRefused) {
  const sim::RobotConfig robot = go1();
  onnx_files::PolicyRecord record = record_of(robot);
  std::swap(record.contract.action_names[0], record.contract.action_names[3]);
  try {
    const StandIn wrong(robot, record, {}, kAssets);
    ADD_FAILURE() << "was accepted";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("joint 0 of robot go1 is 'FR_hip_joint'"));
  }
}

}  // namespace
}  // namespace fleet::deploy
