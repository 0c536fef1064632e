#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/physics/engine.h"
#include "sim/physics_model.h"
#include "tests/support/emulated_team.h"
#include "tests/support/fiber_team.h"
#include "tests/support/physics_case.h"
#include "tests/support/physics_models.h"
#include "tests/support/physics_parity.h"
#include "tests/support/physics_states.h"
#include "tests/support/same_bits.h"
#include "tests/support/team_world.h"
#include "tests/support/worst_errors.h"

// The device schedules on the host: a team of lanes against the pack schedule, in double, and in
// float against double. physics_forward_test.cc holds the pack schedule against MuJoCo.
// Set FLEET_PARITY_TABLE=1 to see the worst differences.

namespace fleet {
namespace {

using physics::Array;
using physics::PhysicsData;
using physics::PhysicsMemory;
using testing::EmulatedTeam;
using testing::FiberTeam;
using testing::TeamWorld;
using testing::WorstErrors;

constexpr int kStates = 60;

sim::ModelPtr load(const std::string& name) {
  sim::ModelPtr m = testing::model_named(name);
  m->opt.iterations = 100;
  m->opt.ls_iterations = 100;
  return m;
}

/// Draws states and inputs and rounds them to floats, so that all precisions start alike: f(state).
void for_each_state(const mjModel& m, int count, auto&& f) {
  const sim::DataPtr d = sim::make_data(m);
  std::mt19937_64 random(11);
  for (int state = 0; state < count; ++state) {
    testing::randomise_state(m, *d, random);
    if (state % 2 == 0) {
      testing::randomise(m, *d, random);  // touching
    }
    testing::apply_forces(m, *d, random);
    for (const auto& [numbers, size] :
         {std::pair{d->qpos, m.nq}, std::pair{d->qvel, m.nv}, std::pair{d->act, m.na},
          std::pair{d->ctrl, m.nu}, std::pair{d->qacc_warmstart, m.nv},
          std::pair{d->qfrc_applied, m.nv}, std::pair{d->xfrc_applied, 6 * m.nbody}}) {
      std::transform(numbers, numbers + size, numbers, [](double x) { return float(x); });
    }
    f(*d);
  }
}

template <class R>
void compare_smooth(const PhysicsData<double>& expected, const PhysicsData<R>& actual,
                    WorstErrors& worst) {
  worst.add("xpos", expected.xpos, actual.xpos);
  worst.add("ximat", expected.ximat, actual.ximat);
  worst.add("geom_xpos", expected.geom_xpos, actual.geom_xpos);
  worst.add("geom_xmat", expected.geom_xmat, actual.geom_xmat);
  worst.add("site_xpos", expected.site_xpos, actual.site_xpos);
  worst.add("subtree_com", expected.subtree_com, actual.subtree_com);
  worst.add("cdof", expected.cdof, actual.cdof);
  worst.add("cinert", expected.cinert, actual.cinert);
  worst.add("M", expected.M, actual.M);
  worst.add("cvel", expected.cvel, actual.cvel);
  worst.add("cdof_dot", expected.cdof_dot, actual.cdof_dot);
  worst.add("actuator_length", expected.actuator_length, actual.actuator_length);
  worst.add("actuator_velocity", expected.actuator_velocity, actual.actuator_velocity);
  worst.add("qfrc_passive", expected.qfrc_passive, actual.qfrc_passive);
  worst.add("qfrc_bias", expected.qfrc_bias, actual.qfrc_bias);
  worst.add("qfrc_actuator", expected.qfrc_actuator, actual.qfrc_actuator);
  worst.add("qfrc_smooth", expected.qfrc_smooth, actual.qfrc_smooth);
  worst.add("act_dot", expected.act_dot, actual.act_dot);
}

void compare_constraints(const PhysicsData<double>& expected, const PhysicsData<double>& actual,
                         WorstErrors& worst) {
  ASSERT_EQ(expected.contact.num, actual.contact.num);
  const auto n = static_cast<std::size_t>(expected.contact.num);
  for (std::size_t i = 0; i < n; ++i) {
    ASSERT_EQ(expected.contact.slot[i], actual.contact.slot[i]);
    ASSERT_EQ(expected.contact.pair[i], actual.contact.pair[i]);
  }
  worst.add("contact.dist", expected.contact.dist, actual.contact.dist, n);
  worst.add("contact.pos", expected.contact.pos, actual.contact.pos, 3 * n);
  worst.add("contact.frame", expected.contact.frame, actual.contact.frame, 9 * n);
  ASSERT_EQ(expected.dof_rows.num, actual.dof_rows.num);
  ASSERT_EQ(expected.dof_rows.num_friction, actual.dof_rows.num_friction);
  const auto rows = static_cast<std::size_t>(expected.dof_rows.num);
  worst.add("dof_rows.D", expected.dof_rows.D, actual.dof_rows.D, rows);
  worst.add("dof_rows.aref", expected.dof_rows.aref, actual.dof_rows.aref, rows);
  ASSERT_EQ(expected.blocks.num, actual.blocks.num);
  ASSERT_EQ(expected.blocks.num_rows, actual.blocks.num_rows);
  ASSERT_EQ(expected.blocks.num_J, actual.blocks.num_J);
  const auto block_rows = static_cast<std::size_t>(expected.blocks.num_rows);
  worst.add("blocks.J", expected.blocks.J, actual.blocks.J,
            static_cast<std::size_t>(expected.blocks.num_J));
  worst.add("blocks.D", expected.blocks.D, actual.blocks.D, block_rows);
  worst.add("blocks.aref", expected.blocks.aref, actual.blocks.aref, block_rows);
}

template <class R>
void compare_result(const PhysicsData<double>& expected, const PhysicsData<R>& actual,
                    WorstErrors& worst) {
  worst.add("qpos", expected.qpos, actual.qpos);
  worst.add("qvel", expected.qvel, actual.qvel);
  worst.add("act", expected.act, actual.act);
}

/// Whether both found the same points of contact.
bool same_contacts(const PhysicsData<double>& expected, const PhysicsData<float>& actual) {
  bool same = expected.contact.num == actual.contact.num;
  for (int i = 0; same && i < expected.contact.num; ++i) {
    same = expected.contact.slot[i] == actual.contact.slot[i];
    for (int k = 0; same && k < 3; ++k) {
      same = std::abs(actual.contact.pos[3 * i + k] - expected.contact.pos[3 * i + k]) < 1e-3;
    }
    for (int k = 0; same && k < 9; ++k) {  // of axes that cross, only rounding knows the normal
      same = std::abs(actual.contact.frame[9 * i + k] - expected.contact.frame[9 * i + k]) < 1e-2;
    }
  }
  return same;
}

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  const auto last = static_cast<double>(values.size()) - 1.0;
  return values.empty() ? 0.0 : values[static_cast<std::size_t>(q * last)];
}

class PhysicsTeamTest : public ::testing::TestWithParam<std::string> {};

TEST_P(PhysicsTeamTest, InDoubleIsThePackSchedule) {
  const sim::ModelPtr m = load(GetParam());
  m->opt.tolerance = 1e-12;
  const auto physics = sim::make_physics<double>(*m);
  PhysicsMemory<double> expected(physics);
  TeamWorld<double> world(physics, physics.model.nslot);
  const EmulatedTeam<32> team;
  physics::begin_world(team, physics.model, world.data);
  WorstErrors smooth, constraints, solver, result;
  int num_contacts = 0;
  for_each_state(*m, kStates, [&](const mjData& state) {
    testing::load_state(*m, state, expected);
    testing::load_state(*m, state, world.data);
    physics::forward(physics.model, expected);
    physics::dynamics(team, physics.model, world.plan, world.data);
    compare_smooth(expected, world.data, smooth);
    compare_constraints(expected, world.data, constraints);
    physics::sensors(team, physics.model, world.plan, world.data);
    solver.add("qacc_smooth", expected.qacc_smooth, world.data.qacc_smooth);
    solver.add("qacc", expected.qacc, world.data.qacc);
    solver.add("qfrc_constraint", expected.qfrc_constraint, world.data.qfrc_constraint);
    solver.add("sensordata", expected.sensordata, world.data.sensordata);
    num_contacts += expected.contact.num;
    physics::step(physics.model, expected);
    physics::step(team, physics.model, world.plan, world.data);
    compare_result(expected, world.data, result);
  });
  if (std::getenv("FLEET_PARITY_TABLE") != nullptr) {
    std::printf("%s: %d dofs, %.1f contacts, %zu bytes for 24 in float;%s%s |%s |%s\n",
                GetParam().c_str(), physics.model.nv, static_cast<double>(num_contacts) / kStates,
                physics::team_world_bytes<float>(physics.model, world.plan, 24),
                smooth.text().c_str(), constraints.text().c_str(), solver.text().c_str(),
                result.text().c_str());
  }
  EXPECT_EQ(world.data.num_lost, 0);
  smooth.expect_within(0.0);  // the same sums in the same order
  constraints.expect_within(0.0);
  solver.expect_within(1e-9);  // sums over rows and dofs are not
  result.expect_within(1e-9);
}

/// A world in float, two steps from a state. @returns state and sensors, as bits
std::vector<float> run(const physics::Physics<float>& physics, TeamWorld<float>& world,
                       const mjData& state, const mjModel& m, const auto& team) {
  physics::begin_world(team, physics.model, world.data);
  testing::load_state(m, state, world.data);
  for (int i = 0; i < 2; ++i) {
    physics::step(team, physics.model, world.plan, world.data);
  }
  std::vector<float> result;
  for (const auto* array : {&world.data.qpos, &world.data.qvel, &world.data.act, &world.data.qacc,
                            &world.data.sensordata}) {
    result.insert(result.end(), array->begin(), array->end());
  }
  return result;
}

TEST_P(PhysicsTeamTest, InFloatStaysNearDouble) {
  const sim::ModelPtr m = load(GetParam());
  m->opt.tolerance = std::max(m->opt.tolerance, 1e-6);  // as far as floats go
  auto physics = sim::make_physics<double>(*m);
  physics.model.tolerance = 1e-12;
  const auto float_physics = sim::make_physics<float>(*m);
  PhysicsMemory<double> expected(physics);
  TeamWorld<float> world(float_physics, physics.model.nslot);
  const EmulatedTeam<32> team;
  physics::begin_world(team, float_physics.model, world.data);
  WorstErrors smooth;
  std::vector<double> qacc;
  int num_ties = 0;
  for_each_state(*m, kStates, [&](const mjData& state) {
    testing::load_state(*m, state, expected);
    testing::load_state(*m, state, world.data);
    physics::forward(physics.model, expected);
    physics::forward(team, float_physics.model, world.plan, world.data);
    compare_smooth(expected, world.data, smooth);
    if (!same_contacts(expected, world.data)) {
      ++num_ties;
      return;
    }
    const std::vector<double> numbers(world.data.qacc.begin(), world.data.qacc.end());
    qacc.push_back(testing::relative_error(expected.qacc.data(), numbers.data(), m->nv));
  });
  if (std::getenv("FLEET_PARITY_TABLE") != nullptr) {
    std::printf("%s: float%s | qacc %.0e %.0e | ties %d\n", GetParam().c_str(),
                smooth.text().c_str(), quantile(qacc, 0.5), quantile(qacc, 1.0), num_ties);
  }
  smooth.expect_within(3e-5);
  EXPECT_LE(quantile(qacc, 0.9), 2e-4);
  EXPECT_LE(quantile(qacc, 1.0), 3e-3);  // where a contact just begins to slide or to part
  EXPECT_LE(num_ties, kStates / 10);
}

TEST_P(PhysicsTeamTest, BitsDoNotDependOnTheOrderOfLanes) {
  const sim::ModelPtr m = load(GetParam());
  const auto physics = sim::make_physics<float>(*m);
  TeamWorld<float> world(physics, physics.model.nslot);
  for_each_state(*m, kStates, [&](const mjData& state) {
    const auto expect_same = [&]<int kLanes>() {
      const auto forwards = run(physics, world, state, *m, EmulatedTeam<kLanes>{});
      EXPECT_TRUE(testing::same_bits(
          forwards, run(physics, world, state, *m, EmulatedTeam<kLanes>{.reversed = true})));
    };
    expect_same.template operator()<8>();
    expect_same.template operator()<16>();
    expect_same.template operator()<32>();
  });
}

TEST_P(PhysicsTeamTest, LanesThatRunAsThreadsDoGiveTheSameBits) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers do not follow a program from stack to stack";
#endif
  const sim::ModelPtr m = load(GetParam());
  const auto physics = sim::make_physics<float>(*m);
  TeamWorld<float> world(physics, physics.model.nslot);
  for_each_state(*m, 2, [&](const mjData& state) {
    const auto expected = run(physics, world, state, *m, EmulatedTeam<32>{});
    for (const bool reversed : {false, true}) {
      FiberTeam<32> team(reversed);
      std::vector<float> found;
      team.run([&] {
        auto of_lane = run(physics, world, state, *m, team);
        found = std::move(of_lane);
      });
      EXPECT_TRUE(testing::same_bits(expected, found)) << reversed;
    }
  });
}

std::string case_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(info.param.find_last_of('/') + 1);
  std::ranges::replace_if(name, [](char c) { return std::isalnum(c) == 0; }, '_');
  return std::to_string(info.index) + "_" + name;
}

/// Blocks without contacts: a tendon over four hinges, and a ball joint, limited.
const char* const kNoContacts = R"(
<mujoco>
  <default><geom contype="0" conaffinity="0"/></default>
  <worldbody>
    <body><joint name="a" axis="0 1 0"/><geom size=".05"/>
      <body pos="0 0 -.2"><joint name="b" axis="0 1 0"/><geom size=".05"/>
        <body pos="0 0 -.2"><joint name="c" axis="0 1 0"/><geom size=".05"/>
          <body pos="0 0 -.2"><joint name="d" axis="0 1 0"/><geom size=".05"/></body>
        </body>
      </body>
    </body>
    <body pos="1 0 0">
      <joint type="ball" limited="true" range="0 10"/><geom size=".1" pos="0 0 .1"/>
    </body>
  </worldbody>
  <tendon>
    <fixed limited="true" range="-.01 .01">
      <joint joint="a" coef="1"/><joint joint="b" coef="1"/>
      <joint joint="c" coef="1"/><joint joint="d" coef="1"/>
    </fixed>
  </tendon>
</mujoco>)";

TEST(PhysicsTeamCapacityTest, TheLargestBlockNeedNotBeAContact) {
  const sim::ModelPtr m = testing::compile(kNoContacts);
  EXPECT_EQ(make_team_plan(sim::make_physics<float>(*m).model).max_block, 4);
}

/// Long bars side by side, whose bounding spheres touch, and a ball that alone touches the ground.
const char* const kBars = R"(
<mujoco>
  <worldbody>
    <geom type="plane" size="0 0 .05"/>
    <body pos="0 0 .099"><freejoint/><geom size=".1"/></body>
    <body pos="3 0 2"><freejoint/><geom type="capsule" size=".05 .5"/></body>
    <body pos="3.3 0 2"><freejoint/><geom type="capsule" size=".05 .5"/></body>
    <body pos="3.6 0 2"><freejoint/><geom type="capsule" size=".05 .5"/></body>
    <body pos="3.9 0 2"><freejoint/><geom type="capsule" size=".05 .5"/></body>
  </worldbody>
</mujoco>)";

TEST(PhysicsTeamCapacityTest, PairsThatAreOnlyNearTakeNoRoom) {
  const sim::ModelPtr m = testing::compile(kBars);
  const auto physics = sim::make_physics<float>(*m);
  const sim::DataPtr d = sim::make_data(*m);
  TeamWorld<float> world(physics, 1);
  run(physics, world, *d, *m, EmulatedTeam<32>{});
  EXPECT_EQ(world.data.contact.num, 1);
  EXPECT_EQ(world.data.num_lost, 0);
}

/// A heap of boxes on the ground: many contacts.
const char* const kHeap = R"(
<mujoco>
  <worldbody>
    <geom type="plane" size="0 0 .05"/>
    <body pos="0 0 .09"><freejoint/><geom type="box" size=".1 .1 .1"/></body>
    <body pos=".05 0 .28"><freejoint/><geom type="box" size=".1 .1 .1"/></body>
    <body pos="0 .05 .47"><freejoint/><geom type="box" size=".1 .1 .1"/></body>
  </worldbody>
</mujoco>)";

TEST(PhysicsTeamCapacityTest, ContactsBeyondItAreLostAndCounted) {
  const sim::ModelPtr m = testing::compile(kHeap);
  const auto physics = sim::make_physics<float>(*m);
  const sim::DataPtr d = sim::make_data(*m);
  TeamWorld<float> roomy(physics, physics.model.nslot), tight(physics, 5);
  const auto all = run(physics, roomy, *d, *m, EmulatedTeam<32>{});
  const auto kept = run(physics, tight, *d, *m, EmulatedTeam<32>{});
  EXPECT_EQ(roomy.data.num_lost, 0);
  EXPECT_GT(roomy.data.contact.num, 8);
  EXPECT_EQ(tight.data.contact.num, 5);
  EXPECT_GT(tight.data.num_lost, 6) << "in two steps";
  EXPECT_TRUE(std::ranges::all_of(kept, [](float x) { return std::isfinite(x); }));
  EXPECT_FALSE(testing::same_bits(all, kept));
  EXPECT_TRUE(testing::same_bits(
      kept, run(physics, tight, *d, *m, EmulatedTeam<32>{.reversed = true})));
}

TEST(PhysicsCaseTest, AFileAndAStateAreAllThatAWorldNeeds) {
  const sim::ModelPtr m = load("tendons");
  const auto physics = sim::make_physics<float>(*m);
  const sim::DataPtr d = sim::make_data(*m);
  TeamWorld<float> original(physics, 8);
  run(physics, original, *d, *m, EmulatedTeam<32>{});

  const std::string file = ::testing::TempDir() + "tendons.case";
  testing::save_case({.physics = physics, .num_worlds = 0, .states = {}}, file);
  const testing::PhysicsCase c = testing::load_case(file);
  TeamWorld<float> copy(c.physics, 8);
  const EmulatedTeam<32> team;
  physics::begin_world(team, c.physics.model, copy.data);
  std::copy_n(d->qpos, m->nq, copy.data.qpos.begin());
  for (auto* array :
       {&copy.data.qvel, &copy.data.act, &copy.data.ctrl, &copy.data.qacc_warmstart}) {
    std::ranges::fill(*array, 0.0F);
  }
  for (int i = 0; i < 2; ++i) {
    physics::step(team, c.physics.model, copy.plan, copy.data);
  }
  EXPECT_TRUE(std::ranges::equal(original.data.qpos, copy.data.qpos));
  EXPECT_TRUE(std::ranges::equal(original.data.qvel, copy.data.qvel));
}

TEST(PhysicsTeamWidthTest, SmallTeamsAgreeWithLargeOnes) {
  const sim::ModelPtr m = load("drone");
  const auto physics = sim::make_physics<float>(*m);
  TeamWorld<float> world(physics, physics.model.nslot);
  for_each_state(*m, kStates, [&](const mjData& state) {
    const auto wide = run(physics, world, state, *m, EmulatedTeam<32>{});
    for (const auto& narrow : {run(physics, world, state, *m, EmulatedTeam<8>{}),
                               run(physics, world, state, *m, EmulatedTeam<16>{})}) {
      for (std::size_t i = 0; i < wide.size(); ++i) {
        EXPECT_NEAR(narrow[i], wide[i], 1e-3 * std::max(1.0F, std::abs(wide[i]))) << i;
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Models, PhysicsTeamTest, ::testing::ValuesIn(testing::all_models()),
                         case_name);

}  // namespace
}  // namespace fleet
