#include "sim/lane_view.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "sim/lane_struct.h"
#include "sim/mj_view.h"
#include "sim/model.h"
#include "sim/physics_model.h"

namespace fleet::sim {
namespace {

using Eight = physics::FloatPack<8>;

constexpr const char* kPendulum = R"(
<mujoco>
  <worldbody>
    <body name="arm"><joint name="a" damping="0.1"/><geom type="capsule" fromto="0 0 0 0 0 -1" size=".1"/>
      <site name="tip" pos="0 0 -1"/>
      <body pos="0 0 -1"><joint axis="0 1 0"/><geom size=".2"/></body>
    </body>
  </worldbody>
  <actuator><motor joint="a"/></actuator>
  <sensor><framelinvel objtype="site" objname="tip"/></sensor>
</mujoco>)";

ModelPtr pendulum() {
  initialise_mujoco();
  mjSpec* const spec = mj_parseXMLString(kPendulum, nullptr, nullptr, 0);
  ModelPtr model(mj_compile(spec, nullptr));
  mj_deleteSpec(spec);
  return model;
}

TEST(LaneViewTest, EveryMemberIsMjViews) {
  const ModelPtr model = pendulum();
  const DataPtr data = make_data(*model);
  const physics::Physics<double> physics = make_physics<double>(*model);
  physics::PhysicsMemory<double> lanes(physics);
  MjView expected(model.get(), data.get());
  LaneView<double> found(physics.model, lanes);
  for (int i = 0; i < 2; ++i) {
    expected.set_qpos(i, 0.3 + i);
    found.set_qpos(i, 0.3 + i);
    expected.set_qvel(i, -0.7 * i);
    found.set_qvel(i, -0.7 * i);
  }
  expected.set_ctrl(0, 2.0);
  found.set_ctrl(0, 2.0);
  mj_forward(model.get(), data.get());
  physics::forward(physics.model, lanes);
  expected.rne_post_constraint();
  found.rne_post_constraint();
  EXPECT_EQ(found.ctrl(0), expected.ctrl(0));
  EXPECT_EQ(found.qfrc_actuator(0), expected.qfrc_actuator(0));
  EXPECT_EQ(found.actuator_force(0), expected.actuator_force(0));
  EXPECT_NEAR(found.qacc(0), expected.qacc(0), 1e-11);
  for (int body = 0; body < 3; ++body) {
    EXPECT_EQ(found.body_mass(body), expected.body_mass(body));
    for (int k = 0; k < 3; ++k) {
      EXPECT_NEAR(found.xpos(body, k), expected.xpos(body, k), 1e-14);
      EXPECT_NEAR(found.xquat(body, k), expected.xquat(body, k), 1e-14);
      EXPECT_NEAR(found.xipos(body, k), expected.xipos(body, k), 1e-14);
      EXPECT_NEAR(found.cinert(body, k), expected.cinert(body, k), 1e-14);
      EXPECT_NEAR(found.cvel(body, k), expected.cvel(body, k), 1e-14);
      EXPECT_NEAR(found.cfrc_ext(body, k), expected.cfrc_ext(body, k), 1e-14);
    }
  }
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(found.site_xpos(0, k), expected.site_xpos(0, k), 1e-14);
    EXPECT_NEAR(found.sensordata(k), expected.sensordata(k), 1e-14);
  }
  const auto of_bodies = [](auto& view) {
    return view.sum(3, [&](int body) { return view.body_mass(body) * view.xpos(body, 2); });
  };
  EXPECT_NEAR(of_bodies(found), of_bodies(expected), 1e-12);
}

TEST(LaneViewTest, AnEventWritesItsLaneAlone) {
  const physics::Physics<float> physics = make_physics<float>(*pendulum());
  physics::PhysicsMemory<Eight> data(physics);
  OneLaneView<Eight> world(data, 5);
  world.set_qpos(1, 0.1);
  world.set_qvel(0, -2.0);
  world.set_ctrl(0, 3.0);
  EXPECT_EQ(world.qpos(1), static_cast<double>(0.1F));  // rounded
  EXPECT_EQ(world.qvel(0), -2.0);
  EXPECT_EQ(world.ctrl(0), 3.0);
  for (int lane = 0; lane < 8; ++lane) {
    EXPECT_EQ(data.qpos[1].lane(lane), lane == 5 ? 0.1F : 0.0F);
    EXPECT_EQ(data.ctrl[0].lane(lane), lane == 5 ? 3.0F : 0.0F);
  }
}

template <class Real>
struct Memory {
  Real a{1.0};
  std::array<Real, 3> b{};
};
struct Nothing {};

TEST(LaneStructTest, AWorldIsTakenOutAndPutBack) {
  Memory<Eight> pack;
  Memory<double> world;
  extract_lane<Eight, double>(pack, 2, world);
  EXPECT_EQ(world.a, 1.0);
  world.b[2] = 7.0;
  insert_lane<Eight, double>(world, 2, pack);
  EXPECT_EQ(pack.b[2].lane(2), 7.0F);
  EXPECT_EQ(pack.b[2].lane(3), 0.0F);
  EXPECT_EQ(pack.a.lane(2), 1.0F);
}

TEST(LaneStructTest, AssigningTouchesTheNamedLanesAlone) {
  Memory<Eight> from;
  Memory<Eight> to;
  from.b[0] = Eight(4.0);
  physics::PackMask<8> mask(false);
  mask.set_lane(6, true);
  assign_lanes<Eight>(mask, from, to);
  EXPECT_EQ(to.b[0].lane(6), 4.0F);
  EXPECT_EQ(to.b[0].lane(5), 0.0F);
}

TEST(LaneStructTest, AnEmptyMemoryHasNoNumbers) {
  EXPECT_EQ((num_reals<Eight, Nothing>()), 0U);
  EXPECT_EQ((num_reals<Eight, Memory<Eight>>()), 4U);
}

}  // namespace
}  // namespace fleet::sim
