#include "cuda/physics/team/team.h"

#include <array>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/emulated_team.h"
#include "tests/support/fiber_team.h"

// The emulations of teams: that they are teams, and that what is wrong on a device shows in them.

namespace fleet::physics {
namespace {

using ::testing::ElementsAre;
using testing::EmulatedTeam;
using testing::FiberTeam;
using ::testing::Pair;

/// What a program that uses all of a team's functions leaves.
struct Result {
  std::vector<int> squares = std::vector<int>(70, 0);
  int count = 0;
  float sum = 0.0F;
  std::vector<std::pair<int, int>> placed = std::vector<std::pair<int, int>>(3);
  int total = 0;
};

void program(const auto& team, Result& result) {
  team.for_each(70, [&](int i) { result.squares[i] = i * i; });
  team.once([&] { ++result.count; });
  const float sum = team.sum(70, [](int i) { return static_cast<float>(i); });
  const int total = team.place(
      70, [](int i) { return i % 30 == 9 ? i : 0; },
      [&](int i, int at, int) { result.placed[i / 30] = {i, at}; });
  team.once([&] {
    result.sum = sum;
    result.total = total;
  });
}

void expect_right(const Result& result) {
  EXPECT_EQ(result.squares[69], 69 * 69);
  EXPECT_EQ(std::accumulate(result.squares.begin(), result.squares.end(), 0), 111895);
  EXPECT_EQ(result.count, 1);
  EXPECT_EQ(result.sum, 2415.0F);
  EXPECT_THAT(result.placed, ElementsAre(Pair(9, 0), Pair(39, 9), Pair(69, 48)));
  EXPECT_EQ(result.total, 117);
}

TEST(EmulatedTeamTest, DoesWhatATeamDoes) {
  for (const bool reversed : {false, true}) {
    Result result;
    program(EmulatedTeam<32>{.reversed = reversed}, result);
    expect_right(result);
  }
}

TEST(EmulatedTeamTest, ALaneThatReadsAnothersNumberShowsInTheOrderOfLanes) {
  const auto last = [](bool reversed) {
    std::array<int, 4> numbers{1, 0, 0, 0};
    EmulatedTeam<8>{.reversed = reversed}.for_each(3, [&](int i) { numbers[i + 1] = numbers[i]; });
    return numbers[3];
  };
  EXPECT_NE(last(false), last(true));
}

#if !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)  // they know one stack per thread
TEST(FiberTeamTest, DoesWhatATeamDoes) {
  for (const bool reversed : {false, true}) {
    Result result;
    FiberTeam<16> team(reversed);
    team.run([&] { program(team, result); });
    expect_right(result);
  }
}

TEST(FiberTeamTest, WhatEveryLaneWritesIsWrittenOncePerLane) {
  int count = 0;
  FiberTeam<16> team(false);
  team.run([&] { ++count; });
  EXPECT_EQ(count, 16);
}

TEST(FiberTeamTest, WhatIsReadJustBeforeItIsWrittenShows) {
  int number = 1;
  int seen_last = 0;
  FiberTeam<16> team(false);
  team.run([&] {
    const int seen = number;  // a lane that comes late sees what the first one writes next
    team.once([&] { number = 2; });
    seen_last = seen;
  });
  EXPECT_EQ(seen_last, 2);
}
#endif

}  // namespace
}  // namespace fleet::physics
