// Tests for tasks/volley/volley_task.h: what its tasks pay and end on, the two teams' symmetry, and
// the same game on MuJoCo and on our engine.

#include "tasks/volley/volley_task.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/volley_world.h"

namespace fleet::tasks {
namespace {

using fleet::testing::LanePhysics;
using fleet::testing::match_config;
using fleet::testing::MujocoPhysics;
using fleet::testing::volley_config;
using fleet::testing::VolleyWorld;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kHover = 0.242112;  // command of an Iris, about

template <class World>
void act_randomly(World& world, std::uint32_t step, double spread = 0.3) {
  Random random(3, 0, 0, step, 0);
  for (double& action : world.action) {
    action = kHover + random.uniform(-spread, spread);
  }
}

/// Both worlds' state and memory after some control steps from the same start.
template <class A, class B>
double largest_difference(A& a, B& b, int num_steps) {
  double largest = 0.0;
  for (int step = 0; step < num_steps; ++step) {
    act_randomly(a, static_cast<std::uint32_t>(step));
    b.action = a.action;
    EXPECT_EQ(a.step(), b.step());
    for (int i = 0; i < a.model().nq; ++i) {
      largest = std::max(largest, std::abs(a.view().qpos(i) - b.view().qpos(i)));
    }
    for (std::size_t i = 0; i < a.reward.size(); ++i) {
      largest = std::max(largest, std::abs(a.reward[i] - b.reward[i]));
    }
  }
  return largest;
}

/// A match as a flat team trains in it.
VolleyConfig guided_match(int team_size) {
  VolleyConfig config = match_config(team_size);
  config.observe_aim = true;
  config.reward = {{"meeting", 1.0}, {"across", 1.0}};
  return config;
}

TEST(VolleyTaskTest, BothEnginesPlayTheSameGame) {
  for (const VolleyConfig& config :
       {volley_config(VolleyKind::kHover), volley_config(VolleyKind::kSoloBump),
        volley_config(VolleyKind::kSetAndSpikeHard), guided_match(1), guided_match(3)}) {
    VolleyWorld<MujocoPhysics> mujoco(config);
    VolleyWorld<LanePhysics> lanes(config);
    // A hit, a flight and a landing are in it: the serve takes .75 s.
    EXPECT_LT(largest_difference(mujoco, lanes, 60), 1e-9) << static_cast<int>(config.kind);
  }
}

TEST(VolleyTaskTest, FarTeamSeesTheGameTurnedByHalfATurn) {
  VolleyWorld<> world(guided_match(3));
  for (std::uint32_t step = 0; step < 20; ++step) {
    act_randomly(world, step);
    world.step();
  }
  VolleyWorld<> turned_world(guided_match(3));
  for (int player = 0; player < 6; ++player) {
    const DroneState<double> drone = turned(world.drone((player + 3) % 6), true);
    auto view = world.view();
    const auto quat = [&](int k) { return view.qpos(7 * ((player + 3) % 6) + 3 + k); };
    turned_world.place_drone(player, {drone.pos.x, drone.pos.y, drone.pos.z},
                             {drone.velocity.x, drone.velocity.y, drone.velocity.z},
                             {-quat(3), -quat(2), quat(1), quat(0)},
                             {drone.rate.x, drone.rate.y, drone.rate.z});
    for (std::size_t rotor = 0; rotor < 4; ++rotor) {
      turned_world.memory.throttle[static_cast<std::size_t>(4 * player) + rotor] =
          world.memory.throttle[static_cast<std::size_t>(4 * ((player + 3) % 6)) + rotor];
    }
  }
  const Flight<double> ball = world.ball();
  turned_world.place_ball({-ball.pos.x, -ball.pos.y, ball.pos.z},
                          {-ball.velocity.x, -ball.velocity.y, ball.velocity.z});
  begin_rally(world.task().numbers().match, 0, 2, world.memory.match);
  begin_rally(world.task().numbers().match, 1, 2, turned_world.memory.match);
  for (int player = 0; player < 6; ++player) {
    // Half a turn negates, exactly: not one bit differs.
    EXPECT_EQ(turned_world.observe((player + 3) % 6), world.observe(player)) << player;
  }
  world.evaluate();
  turned_world.evaluate();
  const std::size_t half = world.reward.size() / 2;
  for (std::size_t i = 0; i < world.reward.size(); ++i) {
    EXPECT_EQ(turned_world.reward[(i + half) % world.reward.size()], world.reward[i]) << i;
  }
}

TEST(VolleyTaskTest, TurnedPhysicsIsTheTurnedGame) {
  VolleyConfig config = match_config(3);
  config.rules = VolleyRules::kUpstream;  // which begin exactly at the anchors
  VolleyWorld<> near(config);
  VolleyWorld<> far(config);
  near.start(0);
  far.start(1);  // the other team serves
  for (std::uint32_t step = 0; step < 60; ++step) {
    act_randomly(near, step);
    for (std::size_t i = 0; i < 24; ++i) {
      far.action[(i + 12) % 24] = near.action[i];
    }
    near.step();
    far.step();
  }
  for (int player = 0; player < 6; ++player) {
    const DroneState<double> expected = turned(near.drone(player), true);
    const DroneState<double> found = far.drone((player + 3) % 6);
    EXPECT_NEAR(norm(found.pos - expected.pos), 0.0, 1e-9);
    EXPECT_NEAR(norm(found.velocity - expected.velocity), 0.0, 1e-9);
  }
  EXPECT_EQ(far.memory.match.winner, -near.memory.match.winner);
}

VolleyConfig with_aim(VolleyKind kind) {
  VolleyConfig config = volley_config(kind);
  config.observe_aim = true;
  return config;
}

TEST(VolleyTaskTest, ObservationsFillTheirRows) {
  for (const auto& [config, dim] : {std::pair{volley_config(VolleyKind::kHover), 26},
                                    {volley_config(VolleyKind::kBackAndForth), 26},
                                    {volley_config(VolleyKind::kHitTheBall), 32},
                                    {volley_config(VolleyKind::kSoloBump), 32},
                                    {volley_config(VolleyKind::kBumpAndPass), 39},
                                    {volley_config(VolleyKind::kSetAndSpike), 40},
                                    {with_aim(VolleyKind::kBumpAndPass), 47},
                                    {with_aim(VolleyKind::kSetAndSpike), 48},
                                    {match_config(1), 37},
                                    {match_config(3), 57},
                                    {guided_match(1), 46},
                                    {guided_match(3), 66}}) {
    VolleyWorld<> world(config);
    EXPECT_EQ(world.task().spec().observations[0].dim(), dim);
    for (int player = 0; player < config.num_players(); ++player) {
      EXPECT_THAT(world.observe(player), ::testing::Each(::testing::Not(::testing::IsNan())));
    }
    world.step();
    EXPECT_THAT(world.reward, ::testing::Each(::testing::Not(::testing::IsNan())));
    EXPECT_THAT(world.metrics, ::testing::Each(::testing::Not(::testing::IsNan())));
  }
}

TEST(VolleyTaskTest, RewardWeightsAreByNameAndUnknownOnesAreRefused) {
  VolleyConfig config = volley_config(VolleyKind::kHover);
  config.reward = {{"upright", 0.0}, {"close", 2.0}};
  VolleyWorld<> weighted(config);
  VolleyWorld<> plain(volley_config(VolleyKind::kHover));
  weighted.evaluate();
  plain.evaluate();
  EXPECT_EQ(weighted.term(0, "upright"), 0.0);
  EXPECT_EQ(weighted.term(0, "close"), 2.0 * plain.term(0, "close"));
  config.reward = {{"uprigth", 1.0}};
  EXPECT_THROW(VolleyWorld<>{config}, std::runtime_error);
}

TEST(VolleyTaskTest, HoverPaysThreeAtTheTarget) {
  VolleyWorld<> world(volley_config(VolleyKind::kHover));
  world.place_drone(0, {4.5, 0.0, 2.0});
  world.memory.target = {1.0, 0.0, 0.0};
  EXPECT_THAT(world.evaluate(), IsEmpty());
  EXPECT_EQ(world.term(0, "close"), 1.0);
  EXPECT_EQ(world.term(0, "upright"), 1.0);
  EXPECT_EQ(world.term(0, "spin"), 1.0);
  world.place_drone(0, {4.5, 0.0, 0.1});
  EXPECT_THAT(world.evaluate(), ElementsAre("fell"));
  world.place_drone(0, {8.6, 0.0, 2.0});
  EXPECT_THAT(world.evaluate(), ElementsAre("strayed"));
}

TEST(VolleyTaskTest, BackAndForthCountsATargetAfterFiveSteps) {
  VolleyWorld<> world(volley_config(VolleyKind::kBackAndForth));
  world.place_drone(0, {9.0, 4.5, 2.0});
  for (int step = 1; step <= 4; ++step) {
    world.evaluate();
    EXPECT_EQ(world.term(0, "stay"), 2.5 * step);
    EXPECT_EQ(world.metrics[0], 0.0);
  }
  world.evaluate();
  EXPECT_EQ(world.metrics[0], 1.0);
  EXPECT_EQ(world.memory.target[0], 4.5);
  world.evaluate();
  EXPECT_EQ(world.memory.count, 0.0);  // the other target is far
}

TEST(VolleyTaskTest, HitTheBallEndsWhereTheBallComesDown) {
  VolleyWorld<> world(volley_config(VolleyKind::kHitTheBall));
  world.memory.count = 1.0;
  world.place_drone(0, {4.5, 0.0, 2.0});
  world.place_ball({-5.5, 0.0, 1.9}, {-3.0, 0.0, -2.0});
  EXPECT_THAT(world.evaluate(), ElementsAre("landed"));
  EXPECT_EQ(world.metrics[0], 10.0);
  EXPECT_EQ(world.term(0, "landing"), 20.0);
  world.place_ball({-5.5, 0.0, 1.9}, {-3.0, 0.0, 2.0});
  EXPECT_THAT(world.evaluate(), IsEmpty());
}

TEST(VolleyTaskTest, SoloBumpCountsHighHitsAndPunishesQuickOnes) {
  VolleyWorld<> world(volley_config(VolleyKind::kSoloBump));
  const auto hit = [&] {
    world.place_drone(0, {4.5, 0.0, 2.0});
    world.place_ball({4.5, 0.0, 2.17}, {0.0, 0.0, -4.0});
    return world.step();
  };
  EXPECT_THAT(hit(), IsEmpty());
  EXPECT_EQ(world.term(0, "hit"), 2.0);
  EXPECT_EQ(world.metrics[0], 0.0);
  world.memory.since_hit[0] = 26.0;
  world.memory.top = 3.6;
  EXPECT_THAT(hit(), IsEmpty());
  EXPECT_EQ(world.term(0, "high_hit"), 8.0);
  EXPECT_EQ(world.metrics[0], 1.0);
  world.memory.since_hit[0] = 20.0;
  EXPECT_THAT(hit(), ElementsAre("wrong_hit"));
}

TEST(VolleyTaskTest, PassesCrossTheMiddleHigh) {
  VolleyWorld<> world(volley_config(VolleyKind::kBumpAndPass));
  world.memory.ball_before[1] = -0.2;
  world.place_ball({4.5, 0.15, 4.5}, {0.0, 3.0, 0.0});
  EXPECT_THAT(world.evaluate(), IsEmpty());
  EXPECT_EQ(world.term(0, "cross"), 1.0);
  EXPECT_EQ(world.term(1, "cross"), 1.0);
  EXPECT_EQ(world.metrics[0], 1.0);
  world.place_ball({4.5, 0.05, 4.5}, {0.0, 3.0, 0.0});
  world.evaluate();
  EXPECT_EQ(world.term(0, "cross"), 0.0);  // the same crossing
}

TEST(VolleyTaskTest, SetAndSpikeGoesThroughItsStages) {
  VolleyWorld<> world(volley_config(VolleyKind::kSetAndSpike));
  world.place_drone(0, {2.0, -2.5, 2.5});
  world.place_ball({2.0, -2.5, 2.67}, {0.0, 0.0, -4.0});
  EXPECT_THAT(world.step(), IsEmpty());
  EXPECT_EQ(world.memory.turn, 1.0);
  EXPECT_EQ(world.metrics[0], 0.25);
  // Spun from above by a tilted racket: down and to the net.
  world.place_drone(1, {2.0, 2.5, 3.5}, {}, {std::cos(-0.6), 0.0, std::sin(-0.6), 0.0});
  world.place_ball({2.0 - 0.17 * std::sin(1.2), 2.5, 3.5 + 0.17 * std::cos(1.2)}, {8.0, 0.0, -9.0});
  EXPECT_THAT(world.step(), IsEmpty());
  EXPECT_EQ(world.memory.turn, 2.0);
  EXPECT_LT(world.ball().velocity.x, 0.0);
  EXPECT_EQ(world.metrics[0], 0.5);
  world.memory.ball_before[0] = 0.1;
  world.place_drone(1, {2.0, 2.5, 3.5});
  world.place_ball({-0.15, 0.0, 3.0}, {-5.0, 0.0, -2.0});
  EXPECT_THAT(world.evaluate(), IsEmpty());
  EXPECT_EQ(world.metrics[0], 0.75);
  world.place_ball({-4.5, 0.5, 0.15}, {-5.0, 0.0, -2.0});
  EXPECT_THAT(world.evaluate(), ElementsAre("success"));
  EXPECT_EQ(world.metrics[0], 1.0);
  EXPECT_EQ(world.metrics[1], 1.0);
}

TEST(VolleyTaskTest, BoardReturnsWhatItReaches) {
  VolleyWorld<> world(volley_config(VolleyKind::kSetAndSpikeHard));
  world.memory.turn = 2.0;
  world.place_drone(0, {2.0, -2.5, 2.5});
  world.place_drone(1, {2.0, 2.5, 3.5});
  world.place_ball({-0.5, 0.0, 3.2}, {-5.0, 0.5, -0.5});
  world.action.assign(8, kHover);
  bool has_returned = false;
  for (int step = 0; step < 60 && !has_returned; ++step) {
    EXPECT_THAT(world.step(), IsEmpty()) << step;
    has_returned = world.memory.board_returned > 0.5;
  }
  EXPECT_TRUE(has_returned);
  EXPECT_GT(world.ball().velocity.x, 2.0);  // to (3, 1, 1.3) in 1.5 s
  const double time = 1.5;
  EXPECT_NEAR(world.ball().pos.x + world.ball().velocity.x * time, 3.0, 0.3);
}

}  // namespace
}  // namespace fleet::tasks
