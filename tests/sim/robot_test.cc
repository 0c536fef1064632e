#include "sim/robot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/model.h"
#include "sim/patterns.h"
#include "tasks/velocity/velocity_config.h"
#include "tests/support/velocity_config.h"

namespace fleet::sim {
namespace {

using tasks::VelocityConfig;
using ::testing::HasSubstr;

constexpr SensorSelection kAllSensors{
    .self_collision = true, .angular_momentum = true, .torso_rate = true, .falls = true};

ModelPtr build(const VelocityConfig& config, const SensorSelection& sensors = kAllSensors) {
  initialise_mujoco();
  return build_robot(config.robot, config.physics, sensors, fleet::testing::kAssetDir);
}

ModelPtr build(const std::string& task) {
  return build(fleet::testing::load_velocity_config(task));
}

std::vector<std::string> joint_names(const mjModel& model) {
  std::vector<std::string> names;
  for (const int joint : actuated_joints(model)) {
    names.emplace_back(mj_id2name(&model, mjOBJ_JOINT, joint));
  }
  return names;
}

const mjtNum* sensor(const mjModel& model, const mjData& data, const std::string& name) {
  return data.sensordata + model.sensor_adr[id_of(model, mjOBJ_SENSOR, name)];
}

/// Feet on the ground or just above it, joints in the default pose and held there.
DataPtr stand(const mjModel& model, const RobotConfig& robot) {
  DataPtr data = make_data(model);
  const std::vector<double> pose = resolve(robot.default_pose, joint_names(model), 0.0);
  data->qpos[2] = robot.base_height + 0.01;
  for (std::size_t j = 0; j < pose.size(); ++j) {
    data->qpos[7 + j] = pose[j];
    data->ctrl[j] = pose[j];
  }
  return data;
}

void run(const mjModel& model, mjData& data, double seconds) {
  for (double t = 0.0; t < seconds; t += model.opt.timestep) {
    mj_step(&model, &data);
  }
  mj_forward(&model, &data);
}

struct Expected {
  const char* task;
  int nq, nv, nu;
  double mass;        // kg
  double stand_time;  // s; G1's ankles, softer than its weight needs, let it tip over after .8 s

  friend void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.task; }
};

class RobotTest : public ::testing::TestWithParam<Expected> {
 protected:
  VelocityConfig config_ = fleet::testing::load_velocity_config(GetParam().task);
  ModelPtr model_ = build(config_);
};

INSTANTIATE_TEST_SUITE_P(Robots, RobotTest,
                         ::testing::Values(Expected{"go1-flat", 19, 18, 12, 12.743, 2.0},
                                           Expected{"g1-flat", 36, 35, 29, 33.341, 0.6},
                                           Expected{"go2-flat", 19, 18, 12, 15.206, 2.0}),
                         [](const auto& parameter) {
                           const std::string task = parameter.param.task;
                           return task.substr(0, task.find('-'));
                         });

TEST_P(RobotTest, HasTheSizeAndMassOfItsFile) {
  EXPECT_EQ(model_->nq, GetParam().nq);
  EXPECT_EQ(model_->nv, GetParam().nv);
  EXPECT_EQ(model_->nu, GetParam().nu);
  EXPECT_NEAR(mj_getTotalmass(model_.get()), GetParam().mass, 5e-4);
}

TEST_P(RobotTest, ServosAreNamedAndOrderedAsTheJoints) {
  EXPECT_EQ(names_of(*model_, mjOBJ_ACTUATOR), joint_names(*model_));
}

TEST_P(RobotTest, GainsGiveTenHertzAndTwiceTheCriticalDamping) {
  constexpr double kFrequency = 10.0 * 2.0 * 3.1415926535;  // rad/s, pi as mjlab has it
  const std::vector<int> joints = actuated_joints(*model_);
  for (std::size_t i = 0; i < joints.size(); ++i) {
    const double armature = model_->dof_armature[model_->jnt_dofadr[joints[i]]];
    EXPECT_DOUBLE_EQ(model_->actuator_gainprm[mjNGAIN * i], armature * kFrequency * kFrequency);
    EXPECT_DOUBLE_EQ(model_->actuator_biasprm[mjNBIAS * i + 1],
                     -model_->actuator_gainprm[mjNGAIN * i]);
    EXPECT_DOUBLE_EQ(model_->actuator_biasprm[mjNBIAS * i + 2], -4.0 * armature * kFrequency);
    EXPECT_EQ(model_->actuator_forcelimited[i], 1);
    EXPECT_EQ(model_->actuator_ctrllimited[i], 0);
    EXPECT_EQ(model_->actuator_forcerange[2 * i], -model_->actuator_forcerange[2 * i + 1]);
    EXPECT_EQ(model_->dof_damping[model_->jnt_dofadr[joints[i]]], 0.0);
    EXPECT_EQ(model_->dof_frictionloss[model_->jnt_dofadr[joints[i]]], 0.0);
  }
}

TEST_P(RobotTest, ARootThatMovesFreelyHasNoStops) {
  const int free_joint = 0;
  EXPECT_EQ(model_->jnt_type[free_joint], mjJNT_FREE);
  EXPECT_EQ(joint_range(*model_, free_joint)[0], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(joint_range(*model_, free_joint)[1], std::numeric_limits<double>::infinity());
}

TEST_P(RobotTest, GroundIsMuJoCosDefaultPlane) {
  const int plane = id_of(*model_, mjOBJ_GEOM, "terrain");
  EXPECT_EQ(model_->geom_type[plane], mjGEOM_PLANE);
  EXPECT_EQ(model_->geom_condim[plane], 3);
  EXPECT_EQ(model_->geom_priority[plane], 0);
  EXPECT_EQ(model_->geom_friction[3 * plane], 1.0);
  EXPECT_EQ(model_->geom_contype[plane], 1);
  EXPECT_EQ(model_->geom_conaffinity[plane], 1);
}

TEST_P(RobotTest, SensorsExist) {
  std::map<std::string, int> size{{"gyro", 3},           {"velocimeter", 3},
                                  {"self_collision", 4}, {"angular_momentum", 3},
                                  {"torso_rate", 3},     {"fall0", 4}};
  for (const Foot& foot : config_.robot.feet) {
    size[foot.name + "/contact"] = 4;
    size[foot.name + "/velocity"] = 3;
  }
  for (const auto& [name, dim] : size) {
    EXPECT_EQ(model_->sensor_dim[id_of(*model_, mjOBJ_SENSOR, name)], dim) << name;
  }
}

TEST_P(RobotTest, StandsInItsDefaultPose) {
  const DataPtr data = stand(*model_, config_.robot);
  run(*model_, *data, GetParam().stand_time);
  const int root = id_of(*model_, mjOBJ_BODY, config_.robot.root_body);
  EXPECT_GT(data->xmat[9 * root + 8], 0.95) << "upright";
  EXPECT_NEAR(data->qpos[2], config_.robot.base_height, 0.05);
  EXPECT_LT(std::abs(data->qvel[2]), 0.1);
  EXPECT_EQ(sensor(*model_, *data, "self_collision")[0], 0.0);
  EXPECT_EQ(sensor(*model_, *data, "fall0")[0], 0.0);
}

/// mjlab's sign, which the critic sees: from the foot to the ground, so a standing robot reads
/// minus its weight. The recorded observations have it too: velocity_golden_test.cc.
TEST_P(RobotTest, FootForcesPointIntoTheGround) {
  const DataPtr data = stand(*model_, config_.robot);
  run(*model_, *data, GetParam().stand_time);
  std::array<double, 3> sum{};
  double found = 0.0;
  for (const Foot& foot : config_.robot.feet) {
    const mjtNum* const contact = sensor(*model_, *data, foot.name + "/contact");
    found += contact[0] > 0.0 ? 1.0 : 0.0;
    for (std::size_t k = 0; k < 3; ++k) {
      sum[k] += contact[1 + k];
    }
  }
  const double weight = 9.81 * mj_getTotalmass(model_.get());
  EXPECT_EQ(found, static_cast<double>(config_.robot.feet.size()));
  EXPECT_NEAR(sum[2], -weight, 0.05 * weight);
  EXPECT_NEAR(sum[0], 0.0, 0.1 * weight);
  EXPECT_NEAR(sum[1], 0.0, 0.1 * weight);
}

/// A robot that faces along y and is pulled backwards presses the ground along -y.
TEST_P(RobotTest, FootForcesAreInTheWorldFrame) {
  const DataPtr data = stand(*model_, config_.robot);
  data->qpos[3] = data->qpos[6] = std::sqrt(0.5);
  model_->opt.gravity[1] = -2.0;
  std::array<double, 2> sum{};
  for (int step = 0; step < 80; ++step) {
    mj_step(model_.get(), data.get());
    for (const Foot& foot : config_.robot.feet) {
      const mjtNum* const contact = sensor(*model_, *data, foot.name + "/contact");
      sum[0] += contact[1];
      sum[1] += contact[2];
    }
  }
  EXPECT_LT(sum[1], 0.0);
  EXPECT_GT(std::abs(sum[1]), 5.0 * std::abs(sum[0]));
}

std::string swapped(const Symmetry& symmetry, std::string name) {
  for (const auto& [a, b] : symmetry.swap) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      if (const std::size_t at = name.find(from); at != std::string::npos) {
        return name.replace(at, from.size(), to);
      }
    }
  }
  return name;
}

TEST_P(RobotTest, MirroredPosesHaveMirroredFeetAndBodies) {
  const Symmetry& symmetry = config_.robot.symmetry;
  const std::vector<std::string> joints = joint_names(*model_);
  const DataPtr data = make_data(*model_);
  const DataPtr mirrored = make_data(*model_);
  for (std::size_t j = 0; j < joints.size(); ++j) {
    const double angle = 0.4 * std::sin(1.0 + 2.7 * static_cast<double>(j));
    const bool negate = std::ranges::any_of(
        symmetry.negate, [&](const std::string& p) { return matches(joints[j], p); });
    const int image = id_of(*model_, mjOBJ_JOINT, swapped(symmetry, joints[j]));
    data->qpos[7 + j] = angle;
    mirrored->qpos[model_->jnt_qposadr[image]] = negate ? -angle : angle;
  }
  mj_kinematics(model_.get(), data.get());
  mj_kinematics(model_.get(), mirrored.get());
  for (const std::string& name : names_of(*model_, mjOBJ_BODY)) {
    const mjtNum* const at = data->xpos + 3 * id_of(*model_, mjOBJ_BODY, name);
    const mjtNum* const image =
        mirrored->xpos + 3 * id_of(*model_, mjOBJ_BODY, swapped(symmetry, name));
    constexpr double kFilesAsymmetry = 2e-4;  // m: some of the files' offsets are rounded
    EXPECT_NEAR(image[0], at[0], kFilesAsymmetry) << name;
    EXPECT_NEAR(image[1], -at[1], kFilesAsymmetry) << name;
    EXPECT_NEAR(image[2], at[2], kFilesAsymmetry) << name;
  }
  for (const Foot& foot : config_.robot.feet) {
    const mjtNum* const at = data->site_xpos + 3 * id_of(*model_, mjOBJ_SITE, foot.site);
    const mjtNum* const image =
        mirrored->site_xpos + 3 * id_of(*model_, mjOBJ_SITE, swapped(symmetry, foot.site));
    EXPECT_NEAR(image[1], -at[1], 2e-4) << foot.site;
    EXPECT_NEAR(image[2], at[2], 2e-4) << foot.site;
  }
}

/// Where a limit of one side is [a, b], the mirror's is [-b, -a] if its sign flips.
TEST_P(RobotTest, MirroredJointsHaveMirroredLimits) {
  const Symmetry& symmetry = config_.robot.symmetry;
  for (const std::string& joint : joint_names(*model_)) {
    const bool negate = std::ranges::any_of(
        symmetry.negate, [&](const std::string& p) { return matches(joint, p); });
    const mjtNum* const range = model_->jnt_range + 2 * id_of(*model_, mjOBJ_JOINT, joint);
    const mjtNum* const image =
        model_->jnt_range + 2 * id_of(*model_, mjOBJ_JOINT, swapped(symmetry, joint));
    EXPECT_NEAR(image[0], negate ? -range[1] : range[0], 1e-4) << joint;
    EXPECT_NEAR(image[1], negate ? -range[0] : range[1], 1e-4) << joint;
  }
}

// The motors, as mjlab 1.6 prints them. ----------------------------------------------------------

struct Motor {
  const char* joints;
  double armature, stiffness, damping, effort, scale;
};

void expect_motors(const mjModel& model, const std::vector<Motor>& motors) {
  for (const std::string& joint : joint_names(model)) {
    const auto motor =
        std::ranges::find_if(motors, [&](const Motor& m) { return matches(joint, m.joints); });
    ASSERT_NE(motor, motors.end()) << joint;
    const int i = id_of(model, mjOBJ_ACTUATOR, joint);
    const int dof = model.jnt_dofadr[id_of(model, mjOBJ_JOINT, joint)];
    const double stiffness = model.actuator_gainprm[mjNGAIN * i];
    const double effort = model.actuator_forcerange[2 * i + 1];
    EXPECT_NEAR(model.dof_armature[dof], motor->armature, 5e-7) << joint;
    EXPECT_NEAR(stiffness, motor->stiffness, 5e-4) << joint;
    EXPECT_NEAR(-model.actuator_biasprm[mjNBIAS * i + 2], motor->damping, 5e-4) << joint;
    EXPECT_EQ(effort, motor->effort) << joint;
    EXPECT_NEAR(0.25 * effort / stiffness, motor->scale, 5e-5) << joint;
  }
}

TEST(Go1Test, HasMjlabsMotors) {
  expect_motors(*build("go1-flat"), {{".*_(hip|thigh)_joint", .004026, 15.895, 1.012, 23.7, .3728},
                                     {".*_calf_joint", .009059, 35.764, 2.277, 35.55, .2485}});
}

TEST(G1Test, HasMjlabsMotors) {
  expect_motors(
      *build("g1-flat"),
      {{".*(shoulder_.*|elbow|wrist_roll)_joint", .0036097, 14.251, .907, 25.0, .4386},
       {".*(hip_pitch|hip_yaw|waist_yaw)_joint", .0101775, 40.179, 2.558, 88.0, .5475},
       {".*(hip_roll|knee)_joint", .0251019, 99.098, 6.309, 139.0, .3507},
       {".*wrist_(pitch|yaw)_joint", .00425, 16.778, 1.068, 5.0, .0745},
       {".*(ankle_.*|waist_roll|waist_pitch)_joint", .0072195, 28.501, 1.814, 50.0, .4386}});
}

// Contact settings. ------------------------------------------------------------------------------

struct Contacts {
  int colliding = 0, with_itself = 0;
};

/// Geoms that meet the ground, and those that also meet each other.
Contacts count_contacts(const mjModel& model) {
  Contacts count;
  for (int geom = 0; geom < model.ngeom; ++geom) {
    if (model.geom_bodyid[geom] == id_of(model, mjOBJ_BODY, "terrain")) {
      continue;
    }
    const int type = model.geom_contype[geom];
    const int affinity = model.geom_conaffinity[geom];
    count.colliding += type != 0 || affinity != 0 ? 1 : 0;
    count.with_itself += type != 0 && affinity != 0 ? 1 : 0;
  }
  return count;
}

void expect_contact(const mjModel& model, const std::string& geom, int condim, int priority,
                    const std::vector<double>& friction, double solref) {
  const int id = id_of(model, mjOBJ_GEOM, geom);
  EXPECT_EQ(model.geom_condim[id], condim) << geom;
  EXPECT_EQ(model.geom_priority[id], priority) << geom;
  EXPECT_DOUBLE_EQ(model.geom_solref[mjNREF * id], solref) << geom;
  EXPECT_EQ(model.geom_margin[id], 0.0) << geom;
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_DOUBLE_EQ(model.geom_friction[3 * id + static_cast<int>(k)], friction[k]) << geom;
  }
}

TEST(Go1Test, CollidesWithItselfAsInMjlab) {
  const ModelPtr model = build("go1-flat");
  const Contacts count = count_contacts(*model);
  EXPECT_EQ(count.colliding, 2 + 4 * (1 + 3 + 2 + 1));
  EXPECT_EQ(count.with_itself, count.colliding);
  for (const char* foot : {"FR", "FL", "RR", "RL"}) {
    expect_contact(*model, std::string(foot) + "_foot_collision", 6, 1, {1.0, 0.005, 0.0005}, 0.01);
    expect_contact(*model, std::string(foot) + "_calf_collision2", 1, 0, {1.0, 0.005, 0.0001},
                   0.01);
  }
  expect_contact(*model, "trunk_collision", 1, 0, {1.0, 0.005, 0.0001}, 0.01);
}

TEST(Go1Test, HasMjlabsOptions) {
  const mjOption option = build("go1-flat")->opt;
  EXPECT_EQ(option.timestep, 0.005);
  EXPECT_EQ(option.integrator, mjINT_IMPLICITFAST);
  EXPECT_EQ(option.solver, mjSOL_NEWTON);
  EXPECT_EQ(option.cone, mjCONE_ELLIPTIC);
  EXPECT_EQ(option.impratio, 10.0);
  EXPECT_EQ(option.iterations, 10);
  EXPECT_EQ(option.ls_iterations, 20);
  EXPECT_LE(option.tolerance, 1e-6);
  EXPECT_EQ(option.ls_tolerance, 0.01);
  EXPECT_EQ(option.ccd_iterations, 50);
}

TEST(G1Test, CollidesWithItselfAsInMjlab) {
  const ModelPtr model = build("g1-flat");
  const Contacts count = count_contacts(*model);
  EXPECT_EQ(count.colliding, 33);
  EXPECT_EQ(count.with_itself, count.colliding);
  EXPECT_EQ(model->nexclude, 4);
  for (int i = 1; i <= 7; ++i) {
    for (const char* side : {"left", "right"}) {
      expect_contact(*model, side + ("_foot" + std::to_string(i)) + "_collision", 3, 1,
                     {0.6, 0.005, 0.0001}, 0.02);
    }
  }
  expect_contact(*model, "torso_collision", 1, 0, {1.0, 0.005, 0.0001}, 0.02);
  EXPECT_EQ(model->opt.cone, mjCONE_PYRAMIDAL);
  EXPECT_EQ(model->opt.impratio, 1.0);
}

TEST(G1Test, EverythingButTheFeetCountsAsFallen) {
  const ModelPtr model = build("g1-flat");
  EXPECT_GE(mj_name2id(model.get(), mjOBJ_SENSOR, "fall18"), 0);
  EXPECT_LT(mj_name2id(model.get(), mjOBJ_SENSOR, "fall19"), 0);
}

TEST(Go1Test, BodyHipsAndThighsCountAsFallen) {
  const ModelPtr model = build("go1-flat");
  EXPECT_GE(mj_name2id(model.get(), mjOBJ_SENSOR, "fall17"), 0);
  EXPECT_LT(mj_name2id(model.get(), mjOBJ_SENSOR, "fall18"), 0);
}

TEST(Go1Test, LyingOnItsBackCountsAsFallen) {
  const VelocityConfig config = fleet::testing::load_velocity_config("go1-flat");
  const ModelPtr model = build(config);
  const DataPtr data = stand(*model, config.robot);
  data->qpos[3] = 0.0;
  data->qpos[4] = 1.0;
  run(*model, *data, 1.0);
  const int first = model->sensor_adr[id_of(*model, mjOBJ_SENSOR, "fall0")];
  double force = 0.0;
  for (int i = 0; i < 18; ++i) {
    force += std::abs(data->sensordata[first + 4 * i + 3]);
  }
  EXPECT_GT(force, 0.5 * 9.81 * mj_getTotalmass(model.get()));
}

TEST(Go2Test, UnnamedGeomsGetNamesAndRules) {
  const ModelPtr model = build("go2-flat");
  const Contacts count = count_contacts(*model);
  EXPECT_EQ(count.colliding, 7 + 4 * (1 + 1 + 3 + 1));
  EXPECT_EQ(count.with_itself, count.colliding);
  expect_contact(*model, "FL", 6, 1, {1.0, 0.005, 0.0005}, 0.01);
  expect_contact(*model, "base_collision1", 1, 0, {0.6, 0.005, 0.0001}, 0.01);
}

TEST(Go1FastTest, OnlyFeetMeetTheGround) {
  VelocityConfig config = fleet::testing::load_velocity_config("go1-fast");
  const ModelPtr model = build(config);
  const Contacts count = count_contacts(*model);
  EXPECT_EQ(count.colliding, 4);
  EXPECT_EQ(count.with_itself, 0);
  expect_contact(*model, "FR_foot_collision", 3, 1, {1.0, 0.005, 0.0001}, 0.01);
  EXPECT_EQ(model->opt.cone, mjCONE_PYRAMIDAL);
  const DataPtr data = stand(*model, config.robot);
  run(*model, *data, 2.0);
  EXPECT_NEAR(data->qpos[2], config.robot.base_height, 0.05);
}

// Mistakes in a robot's file. --------------------------------------------------------------------

template <class Change>
std::string message(Change&& change) {
  VelocityConfig config = fleet::testing::load_velocity_config("go1-flat");
  change(config.robot);
  try {
    build(config);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(RobotMistakeTest, ARuleThatMatchesNothingIsNamed) {
  EXPECT_THAT(message([](RobotConfig& r) { r.collision[1].geoms = "foot"; }),
              HasSubstr("collision.1.geoms: 'foot' matches no geom"));
}

TEST(RobotMistakeTest, AJointWithoutMotorIsNamed) {
  EXPECT_THAT(message([](RobotConfig& r) { r.actuators.pop_back(); }),
              HasSubstr("no group names joint 'FR_calf_joint'"));
}

TEST(RobotMistakeTest, PatternsWithoutEffectAreNamed) {
  EXPECT_THAT(message([](RobotConfig& r) { r.symmetry.negate = {".*_hipp"}; }),
              HasSubstr("symmetry: negate: '.*_hipp' matches no joint of "));
  EXPECT_THAT(message([](RobotConfig& r) { r.feet[0].geoms = "toe"; }),
              HasSubstr("geoms: 'toe' matches no geom of "));
  EXPECT_THAT(message([](RobotConfig& r) { r.feet[0].geoms = ""; }),
              HasSubstr("geoms: '' matches no geom of "));
  EXPECT_THAT(message([](RobotConfig& r) { r.actuators[0].joints.push_back("tail"); }),
              HasSubstr("actuators: joints: 'tail' matches no joint of "));
}

TEST(RobotMistakeTest, FallGeomsThatDoNotExistAreNamed) {
  EXPECT_THAT(message([](RobotConfig& r) { r.fall_geoms = "tail"; }),
              HasSubstr("'tail' matches no colliding geom"));
}

}  // namespace
}  // namespace fleet::sim
