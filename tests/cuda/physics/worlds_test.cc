#include "cuda/physics/worlds.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fleet::physics {
namespace {

using ::testing::IsEmpty;

/// Two dofs, no bodies but the world: enough for a state.
template <class T>
Physics<T> two_sliders() {
  Physics<T> p;
  p.model.nq = p.model.nv = p.model.nu = 2;
  p.model.na = 1;
  p.model.nbody = 1;
  p.model.qpos0 = {T(0.5), T(-1)};
  p.model.dof_has_frictionloss = {0, 0};
  p.fields.body_mass = {T(0)};
  p.fields.dof_damping = {T(3), T(4)};
  p.fields.body_ipos = {T(0), T(0), T(0)};
  p.fields.body_iquat = {T(1), T(0), T(0), T(0)};
  p.model.M_rownnz = {1, 1};
  p.model.M_rowadr = {0, 1};
  p.model.M_colind = {0, 1};
  p.model.nC = 2;
  p.model.moment_rowadr = {0, 0, 0};
  p.model.actuator_trntype = {0, 0};
  p.model.actuator_trnid = {0, 0};
  p.model.actuator_gear.assign(12, T(0));
  return p;
}

template <class R>
class WorldsTest : public ::testing::Test {};
using Widths = ::testing::Types<double, FloatPack<8>, FloatPack<16>>;
TYPED_TEST_SUITE(WorldsTest, Widths);

TYPED_TEST(WorldsTest, EveryLaneStartsInTheModelsPose) {
  using R = TypeParam;
  const auto physics = two_sliders<ScalarOf<R>>();
  Worlds<R> worlds(physics, 17);
  ASSERT_EQ(worlds.num_packs(), (17 + kWidthOf<R> - 1) / kWidthOf<R>);
  ASSERT_EQ(worlds.state_size(), 9);
  ASSERT_EQ(worlds.state().size(), static_cast<std::size_t>(9 * worlds.num_packs()));
  for (int pack = 0; pack < worlds.num_packs(); ++pack) {
    for (int i = 0; i < kWidthOf<R>; ++i) {
      EXPECT_EQ(lane(worlds.state()[9 * pack], i), 0.5);
      EXPECT_EQ(lane(worlds.state()[9 * pack + 1], i), -1.0);
      EXPECT_EQ(lane(worlds.state()[9 * pack + 2], i), 0.0);
    }
  }
}

TYPED_TEST(WorldsTest, LoadAndStoreMoveOnePacksState) {
  using R = TypeParam;
  const auto physics = two_sliders<ScalarOf<R>>();
  Worlds<R> worlds(physics, 2 * kWidthOf<R>);
  for (std::size_t i = 0; i < worlds.state().size(); ++i) {
    worlds.state()[i] = R(static_cast<double>(i));
  }
  PhysicsMemory<R> data(physics);
  worlds.load(1, data);
  EXPECT_EQ(lane(data.qpos[0], 0), 9.0);
  EXPECT_EQ(lane(data.qvel[1], 0), 12.0);
  EXPECT_EQ(lane(data.act[0], 0), 13.0);
  EXPECT_EQ(lane(data.qacc_warmstart[0], 0), 14.0);
  EXPECT_EQ(lane(data.ctrl[1], 0), 17.0);
  data.ctrl[1] = R(-1.0);
  worlds.store(0, data);
  EXPECT_EQ(lane(worlds.state()[0], 0), 9.0);
  EXPECT_EQ(lane(worlds.state()[8], 0), -1.0);
  EXPECT_EQ(lane(worlds.state()[17], 0), 17.0) << "the other pack stays";
}

TYPED_TEST(WorldsTest, ExpandedFieldsComeWithTheirPack) {
  using R = TypeParam;
  const auto physics = two_sliders<ScalarOf<R>>();
  Worlds<R> worlds(physics, 2 * kWidthOf<R>);
  EXPECT_THAT(worlds.expanded("dof_damping"), IsEmpty());
  const std::span<R> damping = worlds.expand("dof_damping");
  ASSERT_EQ(damping.size(), 4U);
  EXPECT_EQ(lane(damping[3], 0), 4.0);
  damping[3] = R(7.0);
  EXPECT_EQ(worlds.expand("dof_damping").data(), damping.data()) << "a second time: the same";
  PhysicsMemory<R> data(physics);
  worlds.load(1, data);
  EXPECT_EQ(lane(data.field.dof_damping[0], 0), 3.0);
  EXPECT_EQ(lane(data.field.dof_damping[1], 0), 7.0);
  worlds.load(0, data);
  EXPECT_EQ(lane(data.field.dof_damping[1], 0), 4.0);
}

TYPED_TEST(WorldsTest, UnknownFieldsAreRefused) {
  using R = TypeParam;
  const auto physics = two_sliders<ScalarOf<R>>();
  Worlds<R> worlds(physics, 1);
  EXPECT_THROW(worlds.expand("body_pos"), std::invalid_argument);
}

}  // namespace
}  // namespace fleet::physics
