#include "cuda/physics/team/device_worlds.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/emulated_team.h"
#include "tests/support/physics_case.h"
#include "tests/support/same_bits.h"
#include "tests/support/team_world.h"

// The device against the emulation of its teams on the host, bit for bit: kernels are compiled
// without contraction, and every fma is written out. The files in the folder FLEET_PHYSICS_CASES
// come from write_physics_cases. Skips itself where there is no device or no such folder.

namespace fleet::physics {
namespace {

using testing::PhysicsCase;

constexpr int kMaxContacts = 32;
constexpr int kNumSteps = 3;

/// What a world holds after some steps.
struct Outcome {
  std::vector<float> state, sensordata;
  int num_lost = 0;
};

template <int kLanes>
std::vector<Outcome> emulate(const PhysicsCase& c) {
  const testing::EmulatedTeam<kLanes> team;
  testing::TeamWorld<float> world(c.physics, kMaxContacts);
  auto& d = world.data;
  std::vector<Outcome> outcomes;
  const float* from = c.states.data();
  for (int i = 0; i < c.num_worlds; ++i) {
    begin_world(team, c.physics.model, d);
    for (auto* array : {&d.qpos, &d.qvel, &d.act, &d.qacc_warmstart, &d.ctrl}) {
      std::copy_n(from, array->size(), array->begin());
      from += array->size();
    }
    for (int k = 0; k < kNumSteps; ++k) {
      step(team, c.physics.model, world.plan, d);
    }
    Outcome& outcome = outcomes.emplace_back();
    for (const auto* array : {&d.qpos, &d.qvel, &d.act, &d.qacc_warmstart, &d.ctrl}) {
      outcome.state.insert(outcome.state.end(), array->begin(), array->end());
    }
    outcome.sensordata.assign(d.sensordata.begin(), d.sensordata.end());
    outcome.num_lost = d.num_lost;
  }
  return outcomes;
}

std::vector<Outcome> emulate(const PhysicsCase& c, int lanes) {
  return lanes == 8 ? emulate<8>(c) : (lanes == 16 ? emulate<16>(c) : emulate<32>(c));
}

std::vector<Outcome> run(DeviceWorlds& worlds, const PhysicsCase& c) {
  worlds.set_state(c.states);
  const std::vector<int> lost_before = worlds.num_lost();
  worlds.step(kNumSteps);
  const std::vector<float> state = worlds.state();
  const std::vector<float> sensordata = worlds.sensordata();
  const std::vector<int> lost = worlds.num_lost();
  const auto row = [](const std::vector<float>& rows, int size, int i) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(i) * size;
    return std::vector<float>(first, first + size);
  };
  std::vector<Outcome> outcomes;
  for (int i = 0; i < c.num_worlds; ++i) {
    outcomes.push_back({row(state, worlds.state_size(), i),
                        row(sensordata, c.physics.model.nsensordata, i), lost[i] - lost_before[i]});
  }
  return outcomes;
}

void expect_same(const std::vector<Outcome>& expected, const std::vector<Outcome>& found) {
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(testing::same_bits(expected[i].state, found[i].state)) << "world " << i;
    EXPECT_TRUE(testing::same_bits(expected[i].sensordata, found[i].sensordata)) << "world " << i;
    EXPECT_EQ(expected[i].num_lost, found[i].num_lost) << "world " << i;
  }
}

class DeviceWorldsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("FLEET_PHYSICS_CASES");
    if (!DeviceWorlds::is_available()) {
      GTEST_SKIP() << "no CUDA device that the kernels are compiled for";
    }
    if (folder == nullptr) {
      GTEST_SKIP() << "FLEET_PHYSICS_CASES names no folder";
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files_.push_back(entry.path().string());
    }
    std::ranges::sort(files_);
    ASSERT_FALSE(files_.empty()) << folder;
  }

  std::vector<std::string> files_;
};

TEST_F(DeviceWorldsTest, TheDeviceGivesTheBitsOfTheEmulation) {
  for (const std::string& file : files_) {
    SCOPED_TRACE(file);
    const PhysicsCase c = testing::load_case(file);
    DeviceWorlds worlds(c.physics, c.num_worlds, kMaxContacts);
    expect_same(emulate(c, worlds.lanes()), run(worlds, c));
  }
}

TEST_F(DeviceWorldsTest, FiveRunsGiveTheSameBits) {
  for (const std::string& file : files_) {
    SCOPED_TRACE(file);
    const PhysicsCase c = testing::load_case(file);
    DeviceWorlds worlds(c.physics, c.num_worlds, kMaxContacts);
    const std::vector<Outcome> first = run(worlds, c);
    for (int i = 1; i < 5; ++i) {
      expect_same(first, run(worlds, c));
    }
  }
}

TEST_F(DeviceWorldsTest, AWorldDoesNotDependOnHowManyThereAre) {
  for (const std::string& file : files_) {
    SCOPED_TRACE(file);
    PhysicsCase c = testing::load_case(file);
    DeviceWorlds worlds(c.physics, c.num_worlds, kMaxContacts);
    std::vector<Outcome> all = run(worlds, c);
    const int fewer = c.num_worlds - 33;
    c.states.resize(c.states.size() / c.num_worlds * fewer);
    c.num_worlds = fewer;
    all.resize(fewer);
    DeviceWorlds less(c.physics, fewer, kMaxContacts);
    expect_same(all, run(less, c));
  }
}

}  // namespace
}  // namespace fleet::physics
