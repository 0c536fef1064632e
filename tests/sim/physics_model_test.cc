#include "sim/physics_model.h"

#include <cmath>
#include <span>
#include <string>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/physics_constants.h"
#include "sim/physics_support.h"
#include "tests/support/physics_models.h"

namespace fleet::sim {
namespace {

using fleet::testing::compile;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(const mjModel& model) {
  try {
    make_physics<double>(model);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string refusal(const std::string& mjcf) { return refusal(*compile(mjcf)); }

TEST(PhysicsModelTest, TasksRobotsAreTaken) {
  for (const std::string& task : fleet::testing::kTaskModels) {
    EXPECT_EQ(refusal(*fleet::testing::task_model(task)), "") << task;
  }
}

TEST(PhysicsModelTest, ListedAssetsAreTaken) {
  for (const std::string& file : fleet::testing::kAssetModels) {
    EXPECT_EQ(refusal(*fleet::testing::asset_model(file)), "") << file;
  }
}

TEST(PhysicsModelTest, TheSuitesQuadrupedIsTaken) {
  EXPECT_EQ(refusal(*fleet::testing::suite_quadruped()), "");
}

TEST(PhysicsModelTest, HeightFieldsAndCylinderPairsAreRefused) {
  const auto load = [](const std::string& file) { return fleet::testing::asset_model(file); };
  EXPECT_THAT(refusal(*load(fleet::testing::kGo1 + "scene_mjx_feetonly_rough_terrain.xml")),
              HasSubstr("height field"));
  for (const std::string& file : fleet::testing::kCylinderModels) {
    EXPECT_THAT(refusal(*load(file)), HasSubstr("cylinder with cylinder")) << file;
  }
}

TEST(PhysicsModelTest, EveryUnsupportedElementIsNamedInOneLine) {
  const std::string message = refusal(R"(
<mujoco>
  <option integrator="implicit" density="1.2" noslip_iterations="3" actuatorgroupdisable="2">
    <flag override="enable" sleep="enable" diagexact="enable" speculative="enable"/>
  </option>
  <default>
    <geom contype="0" conaffinity="0"/>
  </default>
  <worldbody>
    <camera name="eye"/>
    <site name="origin"/>
    <body name="hand" mocap="true"><geom size=".1"/></body>
    <body name="a">
      <geom name="fin" size=".1" mass="1" fluidshape="ellipsoid"/>
      <joint name="ja" type="hinge" stiffness="1 2 0" damping="0 0 3"/>
      <geom name="belt" type="box" size=".1 .1 .1" mass="1" surfacevel="1 0 0"/>
      <site name="sa" pos="1 0 0"/>
      <body name="b" pos="0 0 1">
        <joint name="jb" type="ball"/>
        <geom size=".1" mass="1"/>
      </body>
    </body>
  </worldbody>
  <tendon>
    <spatial name="rope"><site site="origin"/><site site="sa"/></spatial>
  </tendon>
  <equality>
    <weld name="glue" body1="b"/>
    <connect name="pin" body1="a" anchor="0 0 0"/>
  </equality>
  <actuator>
    <muscle name="biceps" joint="ja" ctrllimited="true" ctrlrange="0 1" lengthrange="0 1"/>
    <motor name="spin" joint="jb" gear="0 0 1"/>
    <motor name="towards" site="sa" refsite="origin" gear="1 0 0 0 0 0"/>
    <adhesion name="sticky" body="a" ctrlrange="0 1"/>
    <motor name="late" joint="ja" delay=".1" nsample="20"/>
    <motor name="geared" joint="ja" armature="1"/>
    <motor name="off" joint="ja" group="2"/>
  </actuator>
  <sensor>
    <rangefinder name="beam" site="sa"/>
    <clock name="time"/>
    <framepos name="view" objtype="camera" objname="eye"/>
    <gyro name="slow" site="sa" delay=".1" nsample="20"/>
  </sensor>
</mujoco>)");
  for (const char* part : {"option integrator 'implicit'",
                           "noslip",
                           "flag 'override'",
                           "flag 'sleep'",
                           "flag 'diagexact'",
                           "flag 'speculative'",
                           "body 'hand' (mocap)",
                           "joint 'ja' (stiffness polynomial)",
                           "joint 'ja' (damping polynomial)",
                           "geom 'fin' (fluidshape ellipsoid)",
                           "geom 'belt' (surfacevel)",
                           "tendon 'rope' (spatial)",
                           "equality 'glue' (weld)",
                           "equality 'pin' (connect)",
                           "actuator 'biceps' (dyntype muscle)",
                           "actuator 'biceps' (gaintype muscle)",
                           "actuator 'biceps' (biastype muscle)",
                           "actuator 'spin' (on a free or ball joint)",
                           "actuator 'towards' (refsite)",
                           "actuator 'sticky' (transmission body)",
                           "actuator 'late' (delay)",
                           "actuator 'geared' (damping or armature)",
                           "actuator 'off' (group disabled)",
                           "sensor 'beam' (rangefinder)",
                           "sensor 'time' (clock)",
                           "sensor 'view' (framepos of a camera)",
                           "sensor 'slow' (gyro with delay"}) {
    EXPECT_THAT(message, HasSubstr(part));
  }
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(PhysicsModelTest, PidAndOrientationActuatorsAreRefused) {
  EXPECT_THAT(refusal(R"(
<mujoco>
  <worldbody>
    <body><joint name="j"/><geom size=".1" mass="1"/></body>
    <body name="b"><joint type="ball" name="k"/><geom size=".1" mass="1"/><site name="s"/></body>
  </worldbody>
  <actuator>
    <pid name="p" joint="j" kp="1" ki="1"/>
    <dcmotor name="d" joint="j" motorconst="1" resistance="1"/>
  </actuator>
</mujoco>)"),
              AllOf(HasSubstr("actuator 'p' (gaintype pid)"),
                    HasSubstr("actuator 'd' (gaintype dcmotor)")));
}

TEST(PhysicsModelTest, ManyDegreesOfFreedomAreRefused) {
  std::string bodies;
  for (int i = 0; i < 65; ++i) {
    bodies += "<body><joint/><geom size='.1' contype='0' conaffinity='0'/></body>";
  }
  EXPECT_THAT(refusal("<mujoco><worldbody>" + bodies + "</worldbody></mujoco>"),
              HasSubstr("65 degrees of freedom (at most 64)"));
}

TEST(PhysicsModelTest, ShapesThatItCannotCollideAreNamedWithTheRest) {
  EXPECT_THAT(refusal(R"(
<mujoco>
  <option integrator="discrete"/>
  <asset><hfield name="h" nrow="2" ncol="2" size="1 1 1 1"/></asset>
  <worldbody>
    <geom type="hfield" hfield="h"/>
    <body><freejoint/><geom size=".1"/></body>
  </worldbody>
</mujoco>)"),
              AllOf(HasSubstr("discrete"), HasSubstr("height field")));
}

TEST(PhysicsModelTest, WhatIsSolvedOtherwiseIsNoted) {
  const ModelPtr model = compile(R"(
<mujoco>
  <option solver="PGS"/>
  <worldbody><body name="a"><joint name="j"/><geom size=".1"/></body></worldbody>
  <equality><joint name="lock" joint1="j" active="false"/></equality>
</mujoco>)");
  EXPECT_EQ(refusal(*model), "");
  EXPECT_THAT(physics_notes(*model),
              ElementsAre(HasSubstr("PGS"), HasSubstr("equality 'lock' is inactive")));
}

TEST(PhysicsModelTest, SwitchesOfTheOptionsArriveAsTheyAre) {
  const auto p = make_physics<float>(*compile(R"(
<mujoco>
  <option timestep="0.004" impratio="3" cone="elliptic" integrator="RK4" ls_tolerance="0.1">
    <flag warmstart="disable" limit="disable" sensor="disable" eulerdamp="disable"/>
  </option>
  <worldbody><body><joint name="j"/><geom size=".1"/></body></worldbody>
  <sensor><jointpos joint="j"/></sensor>
</mujoco>)"));
  EXPECT_EQ(p.model.timestep, 0.004F);
  EXPECT_EQ(p.model.impratio, 3.0F);
  EXPECT_EQ(p.model.ls_tolerance, 0.1F);
  EXPECT_TRUE(p.model.elliptic);
  EXPECT_EQ(p.model.integrator, physics::Integrator::kRungeKutta);
  EXPECT_FALSE(p.model.warmstart || p.model.limits || p.model.eulerdamp);
  EXPECT_TRUE(p.model.contacts && p.model.frictionloss && p.model.actuation);
  EXPECT_EQ(p.model.nsensor, 0);
  EXPECT_EQ(p.model.nsensordata, 1);
}

TEST(PhysicsModelTest, SiteActuatorsMoveTheDofsAboveThem) {
  const auto p = make_physics<double>(*compile(R"(
<mujoco>
  <worldbody>
    <body><freejoint/><geom size=".1"/>
      <body><joint name="side"/><geom size=".1"/></body>
      <body><joint name="arm"/><geom size=".1"/>
        <body><geom size=".1"/><site name="tip"/></body>
      </body>
    </body>
  </worldbody>
  <tendon><fixed name="both"><joint joint="arm" coef="2"/><joint joint="side" coef="3"/></fixed></tendon>
  <actuator><motor site="tip"/><motor joint="arm"/><motor tendon="both"/></actuator>
</mujoco>)"));
  EXPECT_THAT(p.model.moment_rowadr, ElementsAre(0, 7, 8, 10));
  EXPECT_THAT(p.model.moment_colind, ElementsAre(0, 1, 2, 3, 4, 5, 7, 7, 6, 7));
  EXPECT_THAT(p.model.body_lastdof, ElementsAre(-1, 5, 6, 7, 7));
  EXPECT_THAT(p.model.wrap_dof, ElementsAre(6, 7)) << "ascending, unlike the path";
  EXPECT_THAT(p.model.wrap_coef, ElementsAre(3.0, 2.0));
}

/// Half of the links, heavier and with their centre elsewhere.
void change_links(mjModel& m) {
  for (int i = 2; i < m.nbody; i += 2) {
    if (m.body_dofnum[i] == 0) {
      continue;  // compiled as "simple": mj_setConst lets nobody move its centre
    }
    m.body_mass[i] *= 1.5;
    m.body_ipos[3 * i] += 0.02;
  }
  m.dof_armature[8] += 0.1;
}

template <class R>
void expect_lane(std::span<const R> values, int lane, const mjtNum* expected) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double tolerance = 1e-6 * std::abs(expected[i]);  // fields are floats
    ASSERT_NEAR(physics::lane(values[i], lane), expected[i], tolerance) << i;
  }
}

TEST(ConstantSolverTest, OneWorldsConstantsFollowItsMasses) {
  using R = physics::FloatPack<8>;
  const ModelPtr model = fleet::testing::task_model("go1-flat");
  const ModelPtr changed(mj_copyModel(nullptr, model.get()));
  change_links(*changed);
  const auto physics = make_physics<float>(*model);
  physics::Worlds<R> worlds(physics, 11);
  const int world = 10;  // lane 2 of the second pack
  const auto write = [&](const char* name, const mjtNum* numbers) {
    const std::span<R> values = worlds.expand(name);
    const std::size_t size = values.size() / 2;
    for (std::size_t i = 0; i < size; ++i) {
      values[size + i].set_lane(2, static_cast<float>(numbers[i]));
    }
  };
  write("body_mass", changed->body_mass);
  write("body_ipos", changed->body_ipos);
  write("dof_armature", changed->dof_armature);
  ConstantSolver solver(*model);
  solver.update(worlds, world);
  solver.update(worlds, 1);  // has the model's own numbers
  const DataPtr data = make_data(*changed);
  mj_setConst(changed.get(), data.get());
  for (const auto& [name, own, others] :
       {std::tuple{"body_subtreemass", changed->body_subtreemass, model->body_subtreemass},
        std::tuple{"body_invweight0", changed->body_invweight0, model->body_invweight0},
        std::tuple{"dof_invweight0", changed->dof_invweight0, model->dof_invweight0}}) {
    const std::span<const R> values = worlds.expanded(name);
    const std::size_t size = values.size() / 2;
    expect_lane(values.subspan(size), 2, own);
    expect_lane(values.first(size), 1, others);
    expect_lane(values.subspan(size), 1, others);  // not updated: as at load
  }
}

}  // namespace
}  // namespace fleet::sim
