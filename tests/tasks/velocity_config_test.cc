// What configs/tasks/ says, against the tables of mjlab 1.6.0.

#include "tests/support/velocity_config.h"

#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/model.h"
#include "sim/patterns.h"
#include "sim/robot.h"

namespace fleet::tasks {
namespace {

using fleet::testing::load_velocity_config;

std::vector<std::string> joints_of(const VelocityConfig& config) {
  sim::initialise_mujoco();
  const sim::ModelPtr model =
      sim::build_robot(config.robot, config.physics, {}, fleet::testing::kAssetDir);
  std::vector<std::string> names;
  for (const int joint : sim::actuated_joints(*model)) {
    names.emplace_back(mj_id2name(model.get(), mjOBJ_JOINT, joint));
  }
  return names;
}

/// Exactly one pattern names each joint, so the order of patterns does not matter.
void expect_widths(const std::vector<std::string>& joints,
                   const std::map<std::string, double>& ours,
                   const std::map<std::string, double>& theirs) {
  constexpr double kNone = -1.0;
  const std::vector<double> mine = sim::resolve(ours, joints, kNone);
  const std::vector<double> expected = sim::resolve(theirs, joints, kNone);
  for (std::size_t i = 0; i < joints.size(); ++i) {
    EXPECT_EQ(mine[i], expected[i]) << joints[i];
    EXPECT_NE(mine[i], kNone) << joints[i];
  }
}

TEST(VelocityConfigTest, Go1sPoseWidthsAreMjlabs) {
  const VelocityConfig config = load_velocity_config("go1-flat");
  const std::vector<std::string> joints = joints_of(config);
  const std::map<std::string, double> moving{{".*hip.*|.*thigh.*", 0.3}, {".*calf.*", 0.6}};
  expect_widths(joints, config.pose_width.standing,
                {{".*hip.*|.*thigh.*", 0.05}, {".*calf.*", 0.1}});
  expect_widths(joints, config.pose_width.walking, moving);
  expect_widths(joints, config.pose_width.running, moving);
}

TEST(VelocityConfigTest, G1sPoseWidthsAreMjlabs) {
  const VelocityConfig config = load_velocity_config("g1-flat");
  const std::vector<std::string> joints = joints_of(config);
  expect_widths(joints, config.pose_width.standing, {{".*", 0.05}});
  expect_widths(joints, config.pose_width.walking,
                {{".*hip_pitch.*", 0.3},
                 {".*hip_roll.*", 0.15},
                 {".*hip_yaw.*", 0.15},
                 {".*knee.*", 0.35},
                 {".*ankle_pitch.*", 0.25},
                 {".*ankle_roll.*", 0.1},
                 {".*waist_yaw.*", 0.2},
                 {".*waist_roll.*", 0.08},
                 {".*waist_pitch.*", 0.1},
                 {".*shoulder_pitch.*", 0.15},
                 {".*shoulder_roll.*", 0.15},
                 {".*shoulder_yaw.*", 0.1},
                 {".*elbow.*", 0.15},
                 {".*wrist.*", 0.3}});
  expect_widths(joints, config.pose_width.running,
                {{".*hip_pitch.*", 0.5},
                 {".*hip_roll.*", 0.2},
                 {".*hip_yaw.*", 0.2},
                 {".*knee.*", 0.6},
                 {".*ankle_pitch.*", 0.35},
                 {".*ankle_roll.*", 0.15},
                 {".*waist_yaw.*", 0.3},
                 {".*waist_roll.*", 0.08},
                 {".*waist_pitch.*", 0.2},
                 {".*shoulder_pitch.*", 0.5},
                 {".*shoulder_roll.*", 0.2},
                 {".*shoulder_yaw.*", 0.15},
                 {".*elbow.*", 0.35},
                 {".*wrist.*", 0.3}});
}

/// velocity_limit of the ElectricActuators in mjlab's go1_constants.py and g1_constants.py.
TEST(VelocityConfigTest, MotorsAreAsFastAsMjlabs) {
  const auto expect_limits = [](const char* task, const std::map<std::string, double>& theirs) {
    const VelocityConfig config = load_velocity_config(task);
    const std::vector<std::string> joints = joints_of(config);
    const std::vector<double> expected = sim::resolve(theirs, joints, -1.0);
    for (std::size_t i = 0; i < joints.size(); ++i) {
      EXPECT_EQ(sim::group_of(config.robot, joints[i]).velocity_limit, expected[i]) << joints[i];
    }
  };
  expect_limits("go1-flat", {{".*hip.*|.*thigh.*", 30.1}, {".*calf.*", 20.06}});
  expect_limits("g1-flat",
                {{".*shoulder.*|.*elbow.*|.*wrist_roll.*|.*ankle.*|waist_(pitch|roll).*", 37.0},
                 {".*hip_(pitch|yaw).*|waist_yaw.*", 32.0},
                 {".*hip_roll.*|.*knee.*", 20.0},
                 {".*wrist_(pitch|yaw).*", 22.0}});
}

TEST(VelocityConfigTest, CommandsWidenAfterFiveAndTenThousandIterations) {
  for (const char* task : {"go1-flat", "g1-flat", "go2-flat"}) {
    const std::vector<CommandStage> stages = load_velocity_config(task).command.stages;
    ASSERT_EQ(stages.size(), 3U) << task;
    EXPECT_EQ(stages[0].step, 0);
    EXPECT_EQ(stages[1].step, 5'000 * 24);
    EXPECT_EQ(stages[2].step, 10'000 * 24);
    EXPECT_EQ(stages[0].lin_vel_x, (Range{-1.0, 1.0}));
    EXPECT_EQ(stages[1].lin_vel_x, (Range{-1.5, 2.0}));
    EXPECT_EQ(stages[2].lin_vel_x, (Range{-2.0, 3.0}));
    EXPECT_EQ(stages[0].ang_vel_z, (Range{-0.5, 0.5}));
    EXPECT_EQ(stages[1].ang_vel_z, (Range{-0.7, 0.7}));
    EXPECT_EQ(stages[2].ang_vel_z, stages[1].ang_vel_z);
    EXPECT_EQ(stages[2].lin_vel_y, stages[0].lin_vel_y);
  }
}

TEST(VelocityConfigTest, FootFrictionIsMjlabs) {
  const StartupConfig go1 = load_velocity_config("go1-flat").startup;
  EXPECT_EQ(go1.foot_friction_slide, (Range{0.3, 1.5}));
  EXPECT_EQ(go1.foot_friction_spin, (std::vector{1e-4, 2e-2}));
  EXPECT_EQ(go1.foot_friction_roll, (std::vector{1e-5, 5e-3}));
  const StartupConfig g1 = load_velocity_config("g1-flat").startup;
  EXPECT_EQ(g1.foot_friction_slide, (Range{0.3, 1.2}));
  EXPECT_TRUE(g1.foot_friction_spin.empty());
  EXPECT_TRUE(g1.foot_friction_roll.empty());
}

TEST(VelocityConfigTest, BlindTasksHideTheLinearVelocityOnly) {
  for (const std::string robot : {"go1", "g1"}) {
    const VelocityConfig seeing = load_velocity_config(robot + "-flat");
    const VelocityConfig blind = load_velocity_config(robot + "-flat-blind");
    EXPECT_TRUE(seeing.observe_base_lin_vel);
    EXPECT_FALSE(blind.observe_base_lin_vel);
    EXPECT_EQ(blind.robot.name, seeing.robot.name);
    EXPECT_EQ(blind.reward.self_collisions, seeing.reward.self_collisions);
    EXPECT_EQ(blind.pose_width.walking, seeing.pose_width.walking);
  }
}

std::string refusal_of(const std::string& yaml) {
  VelocityConfig config;
  try {
    config::read_config(config::parse_yaml(yaml, "mine.yaml"), config, "velocity");
  } catch (const config::ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(VelocityConfigTest, NonsenseIsRefusedAtItsKey) {
  EXPECT_EQ(refusal_of("max_tilt: 1\ncommand:\n  standing: 7\n"),
            "mine.yaml:3:3: 'velocity.command.standing' expected 0 to 1");
  EXPECT_EQ(refusal_of("command:\n  stages:\n    - step: 0\n      lin_vel_x: [1, -1]\n"),
            "mine.yaml:4:7: 'velocity.command.stages.0.lin_vel_x' expected low <= high");
  EXPECT_EQ(refusal_of("curriculum: {moving_share: 2}"),
            "mine.yaml:1:14: 'velocity.curriculum.moving_share' expected 0 to 1");
  for (const std::string yaml : {"command: {heading: -0.1}",
                                 "command: {forward: 1.5}",
                                 "command: {resampling_time: [3, 2]}",
                                 "command: {resampling_time: [3, inf]}",
                                 "command: {stages: []}",
                                 "command: {stages: [{step: 1}]}",
                                 "command: {stages: [{step: 0}, {step: 0}]}",
                                 "command: {stages: [{step: 0, lin_vel_y: [0, -1]}]}",
                                 "command: {stages: [{step: 0, ang_vel_z: [-inf, inf]}]}",
                                 "noise: {base_lin_vel: -1}",
                                 "noise: {base_ang_vel: -1}",
                                 "noise: {projected_gravity: -1}",
                                 "noise: {joint_pos: -1}",
                                 "noise: {joint_vel: inf}",
                                 "push: {interval: [0, 1]}",
                                 "push: {interval: [3, 1]}",
                                 "push: {linear: [1, -1, 1]}",
                                 "push: {angular: [1, 1, -1]}",
                                 "startup: {foot_friction_slide: [1, 0.5]}",
                                 "startup: {foot_friction_slide: [-1, 0.5]}",
                                 "startup: {foot_friction_spin: [0, 1]}",
                                 "startup: {foot_friction_roll: [1]}",
                                 "startup: {encoder_bias: -1}",
                                 "startup: {com_offset: [0, 0, -1]}",
                                 "pose_width: {standing: {'.*': 0}}",
                                 "pose_width: {walking: {'.*': -1}}",
                                 "pose_width: {running: {a: 1, b: 0}}",
                                 "curriculum: {steps: -1}",
                                 "curriculum: {penalty_scale: -1}",
                                 "curriculum: {push_scale: -1}",
                                 "curriculum: {linear_variance: 0}",
                                 "curriculum: {angular_variance: 0}",
                                 "curriculum: {pose_variance: 0}",
                                 "curriculum: {stepping: -1}",
                                 "max_tilt: 4"}) {
    const std::string key = yaml.substr(0, yaml.find(':'));
    EXPECT_NE(refusal_of(yaml).find("'velocity." + key), std::string::npos) << refusal_of(yaml);
    EXPECT_NE(refusal_of(yaml).find("' expected "), std::string::npos) << refusal_of(yaml);
  }
}

TEST(VelocityConfigTest, TheActionBoundMayBeInfiniteButIsPositive) {
  EXPECT_EQ(refusal_of("action_bound: inf"), "accepted");
  for (const std::string bound : {"0", "-1", "-inf"}) {
    EXPECT_EQ(refusal_of("action_bound: " + bound),
              "mine.yaml:1:1: 'velocity.action_bound' expected more than 0");
  }
  EXPECT_NE(refusal_of("action_bound: nan").find("NaN is not accepted"), std::string::npos);
}

TEST(VelocityConfigTest, AnEpisodeHasOneControlStepOrMore) {
  // A control step is 20 ms; 1 ms would be rounded to no step at all, which means no end.
  EXPECT_EQ(refusal_of("episode_length: 0.02"), "accepted");
  EXPECT_EQ(refusal_of("episode_length: 0.001"),
            "mine.yaml:1:1: 'velocity.episode_length' expected one control step or more");
  EXPECT_EQ(refusal_of("episode_length: 9e5\nphysics: {timestep: 1e-6, substeps: 1}"),
            "mine.yaml:1:1: 'velocity.episode_length' expected less than 1e9 control steps");
}

}  // namespace
}  // namespace fleet::tasks
