// Tests for tasks/volley/pair_aim.h: where the players of a pair are to send the ball, what guides
// their training, and how its episodes may begin.

#include "tasks/volley/pair_aim.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/volley_world.h"

namespace fleet::tasks {
namespace {

using fleet::testing::volley_config;
using fleet::testing::VolleyWorld;
using ::testing::IsEmpty;

VolleyConfig guided(VolleyKind kind) {
  VolleyConfig config = volley_config(kind);
  config.reward = {{"meeting", 1.0}, {"goal", 1.0}};
  return config;
}

TEST(PairGoalTest, APassComesDownOnTheOthersRacketFromAbove4Metres) {
  VolleyWorld<> world(volley_config(VolleyKind::kBumpAndPass));
  const VolleyNumbers& n = world.task().numbers();
  for (const int player : {0, 1}) {
    const Vec3<double> from{4.0, player == 0 ? -2.0 : 2.0, 2.2};
    const PairGoal<double> goal = goal_of_pair(n, player, from.z);
    const Flight<double> ball{from, launch(from, goal.target, goal.way)};
    EXPECT_NEAR(distance(ball.after(goal.way).pos, goal.target), 0.0, 1e-9);
    EXPECT_EQ(goal.target.y, player == 0 ? 2.5 : -2.5);  // the other's anchor
    EXPECT_LT(ball.after(goal.way).velocity.z, 0.0);
    const double top = from.z + squared(ball.velocity.z) / (2.0 * kGravity);
    EXPECT_NEAR(top, 4.4, 1e-9);
    EXPECT_NEAR(towards_goal(n, ball, player), 1.0, 1e-9);
    EXPECT_LT(towards_goal(n, ball, 1 - player), 0.2);  // it flies away from that one's goal
  }
}

TEST(PairGoalTest, ASpikeLandsInTheCircleBeyondTheNet) {
  VolleyWorld<> world(volley_config(VolleyKind::kSetAndSpike));
  const Vec3<double> from{2.0, 2.5, 3.5};
  const PairGoal<double> goal = goal_of_pair(world.task().numbers(), 1, from.z);
  const Flight<double> ball{from, launch(from, goal.target, goal.way)};
  EXPECT_LT(ball.velocity.z, 0.0);  // downwards
  EXPECT_LT(distance_xy(ball.after(goal.way).pos, constant<double>(kSpikeTarget)), kSpikeRadius);
}

TEST(PairGuideTest, WeighNothingUnlessNamed) {
  VolleyWorld<> world(volley_config(VolleyKind::kBumpAndPass));
  world.evaluate();
  EXPECT_EQ(world.term(0, "meeting"), 0.0);  // though it is under the ball
}

TEST(PairGuideTest, WhoseTurnItIsIsPaidToBeUnderTheBall) {
  VolleyWorld<> world(guided(VolleyKind::kBumpAndPass));
  world.place_drone(0, {4.5, -2.5, 2.0});
  world.place_drone(1, {4.5, 2.5, 2.0});
  world.place_ball({4.5, 2.0, 3.0}, {0.0, 0.0, 0.0});
  world.evaluate();
  EXPECT_NEAR(world.term(0, "meeting"), 1.0 / (1.0 + 4.0 * 4.5 * 4.5), 1e-9);
  EXPECT_EQ(world.term(1, "meeting"), 0.0);
  world.memory.turn = 1.0;
  world.evaluate();
  EXPECT_EQ(world.term(0, "meeting"), 0.0);
  EXPECT_NEAR(world.term(1, "meeting"), 1.0 / (1.0 + 4.0 * 0.25), 1e-9);
}

TEST(PairStartTest, TheBallIsOnItsWayToTheOtherWhoseTurnItIs) {
  for (const VolleyKind kind : {VolleyKind::kBumpAndPass, VolleyKind::kSetAndSpike}) {
    VolleyConfig config = volley_config(kind);
    config.rally_starts = 1.0;
    VolleyWorld<> world(config);
    int turns_of_1 = 0;
    for (std::uint32_t env = 0; env < 100; ++env) {
      world.start(env);
      const int next = world.memory.turn > 0.5 ? 1 : 0;
      turns_of_1 += next;
      const auto& anchor = world.task().numbers().anchor[static_cast<std::size_t>(next)];
      const Flight<double> ball = world.ball();
      const Vec3<double> low = ball.after(falling_time(ball, anchor[2])).pos;
      EXPECT_LT(std::abs(low.x - anchor[0]), 1.2);
      EXPECT_LT(std::abs(low.y - anchor[1]), 1.2);
      world.action.assign(world.action.size(), 0.242112);  // of a drone that hovers, about
      EXPECT_THAT(world.step(), IsEmpty());                // it touches nobody, and nobody falls
    }
    if (kind == VolleyKind::kBumpAndPass) {
      EXPECT_NEAR(turns_of_1, 50, 20);
    } else {
      EXPECT_EQ(turns_of_1, 100);
    }
  }
}

}  // namespace
}  // namespace fleet::tasks
