// Tests for tasks/volley/match.h: the rules, one by one, by scripted events; and that the task
// recognises the same events in physics.

#include <array>
#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tasks/volley/match.h"
#include "tests/support/volley_world.h"

namespace fleet::tasks {
namespace {

using fleet::testing::match_config;
using fleet::testing::VolleyWorld;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A referee who is told what happens. Players stand where they belong.
class Script {
 public:
  explicit Script(int team_size, int serving = 0, VolleyRules rules = VolleyRules::kFleet)
      : n_(numbers(team_size, rules)) {
    begin_rally(n_.match, serving, team_size - 1, memory);
    ball_x_ = serving == 0 ? 3.0 : -3.0;
  }

  /// A hit by a player, counted once.
  Script& hit(int player, bool with_racket = true) {
    RallyEvents<double> e = nothing();
    e.hit_time[static_cast<std::size_t>(player)] = 0.002;
    e.with_racket[static_cast<std::size_t>(player)] = with_racket ? 1.0 : 0.0;
    return tell(e);
  }
  Script& fly_to(double x, double y = 0.0) {
    ball_x_ = x;
    RallyEvents<double> e = nothing();
    e.ball_y = y;
    return tell(e);
  }
  Script& land(double x, double y, double time = 0.001) {
    ball_x_ = x;
    RallyEvents<double> e = nothing();
    e.floor_time = time;
    e.floor_x = x;
    e.floor_y = y;
    return tell(e);
  }
  Script& net(double time = 0.001) {
    RallyEvents<double> e = nothing();
    e.net_time = time;
    return tell(e);
  }
  Script& move(int player, double x, double y, double z) {
    moved_ = {x, y, z};
    mover_ = player;
    return tell(nothing());
  }
  Script& tell(const RallyEvents<double>& e) {
    referee(n_.match, e, memory);
    return *this;
  }
  RallyEvents<double> nothing() const {
    RallyEvents<double> e;
    e.hit_time.fill(kNever);
    e.with_racket.fill(0.0);
    e.floor_time = e.net_time = kNever;
    e.floor_x = e.floor_y = e.ball_y = 0.0;
    e.ball_x = ball_x_;
    e.end_time = 0.005;
    for (int i = 0; i < n_.num_players; ++i) {
      const auto k = static_cast<std::size_t>(i);
      e.player[k] = constant<double>(n_.anchor[k]);
    }
    if (mover_ >= 0) {
      e.player[static_cast<std::size_t>(mover_)] = moved_;
    }
    return e;
  }

  std::string fault() const {
    const int fault = static_cast<int>(memory.fault);
    return fault == 0 ? "" : kFaultNames.at(static_cast<std::size_t>(fault - 1));
  }
  double winner() const { return memory.winner; }
  bool may_hit(int player) const { return memory.may_hit[static_cast<std::size_t>(player)] > 0.5; }

  MatchMemory<double> memory;

 private:
  static VolleyNumbers numbers(int team_size, VolleyRules rules) {
    VolleyConfig config = match_config(team_size);
    config.rules = rules;
    return VolleyNumbers(config);
  }
  VolleyNumbers n_;
  double ball_x_ = 3.0;
  int mover_ = -1;
  Vec3<double> moved_{};
};

TEST(MatchTest, OnlyTheServerMayBegin) {
  const Script script(3, 1);
  for (int player = 0; player < 6; ++player) {
    EXPECT_EQ(script.may_hit(player), player == 5);
  }
  EXPECT_EQ(Script(3, 1).hit(4).fault(), "wrong_turn");
  EXPECT_EQ(Script(3, 1).hit(4).winner(), 1.0);
  EXPECT_EQ(Script(3, 1).hit(0).winner(), -1.0);
  EXPECT_EQ(Script(3, 1).hit(5).fault(), "");
}

TEST(MatchTest, EachPlayerMayHitOnceWhileTheBallIsOnItsSide) {
  Script script(3);
  script.hit(2).fly_to(-3.0);
  for (int player = 0; player < 6; ++player) {
    EXPECT_EQ(script.may_hit(player), player >= 3);
  }
  script.hit(4).hit(3).hit(5);
  EXPECT_EQ(script.fault(), "");
  EXPECT_EQ(script.memory.hits[1], 3.0);
  EXPECT_FALSE(script.may_hit(3));
  script.fly_to(3.0);
  EXPECT_TRUE(script.may_hit(2));  // who served may receive
  EXPECT_EQ(script.memory.crossings, 2.0);
}

TEST(MatchTest, SecondHitOfAPlayerLoses) {
  Script script(3);
  script.hit(2).fly_to(-3.0).hit(4).hit(4);
  EXPECT_EQ(script.fault(), "wrong_turn");
  EXPECT_EQ(script.winner(), 1.0);
}

TEST(MatchTest, HitAfterTheBallHasLeftLoses) {
  Script script(3);
  script.hit(2).fly_to(-3.0).hit(0);
  EXPECT_EQ(script.fault(), "wrong_turn");
  EXPECT_EQ(script.winner(), -1.0);
}

TEST(MatchTest, OneAgainstOneTheTurnPassesWithTheHit) {
  Script script(1);
  EXPECT_TRUE(script.may_hit(0));
  script.hit(0);
  EXPECT_FALSE(script.may_hit(0));
  EXPECT_TRUE(script.may_hit(1));
  script.fly_to(-1.0).hit(1).fly_to(1.0);
  EXPECT_TRUE(script.may_hit(0));
  EXPECT_EQ(script.fault(), "");
  EXPECT_EQ(script.hit(1).winner(), 1.0);  // twice
}

TEST(MatchTest, HitWithoutRacketLoses) {
  EXPECT_EQ(Script(3).hit(2, false).fault(), "no_racket");
  EXPECT_EQ(Script(3).hit(2, false).winner(), -1.0);
}

TEST(MatchTest, BallOnTheOwnFloorLoses) {
  EXPECT_EQ(Script(3).hit(2).land(4.0, 1.0).fault(), "ball_on_floor");
  EXPECT_EQ(Script(3).hit(2).land(4.0, 1.0).winner(), -1.0);
  EXPECT_EQ(Script(3).hit(2).fly_to(-1.0).land(-4.0, 1.0).winner(), 1.0);
  EXPECT_EQ(Script(3).hit(2).land(6.0, 3.0).fault(), "ball_on_floor");  // the line is in
}

TEST(MatchTest, BallOutLosesForWhoHitItLast) {
  EXPECT_EQ(Script(3).hit(2).fly_to(-1.0).land(-6.1, 0.0).fault(), "ball_out");
  EXPECT_EQ(Script(3).hit(2).fly_to(-1.0).land(-6.1, 0.0).winner(), -1.0);
  EXPECT_EQ(Script(3).hit(2).fly_to(-1.0).hit(3).land(-3.0, 3.1).winner(), 1.0);
  EXPECT_EQ(Script(3, 1).land(-7.0, 0.0).winner(), 1.0);  // nobody hit: the serving team's fault
}

TEST(MatchTest, OutIsJudgedOnTheFloorAndUpstreamInTheAirOneAgainstOne) {
  EXPECT_EQ(Script(1).hit(0).fly_to(-3.5).fault(), "");
  EXPECT_EQ(Script(1, 0, VolleyRules::kUpstream).hit(0).fly_to(-3.5).fault(), "ball_out");
  EXPECT_EQ(Script(1, 0, VolleyRules::kUpstream).hit(0).fly_to(-3.5).winner(), -1.0);
  EXPECT_EQ(Script(3, 0, VolleyRules::kUpstream).hit(2).fly_to(-6.5).fault(), "");
}

TEST(MatchTest, BallInTheNetLosesForWhoHitItLast) {
  EXPECT_EQ(Script(3).hit(2).net().fault(), "ball_in_net");
  EXPECT_EQ(Script(3).hit(2).net().winner(), -1.0);
  EXPECT_EQ(Script(3).hit(2).fly_to(-3.0).hit(4).net().winner(), 1.0);
}

TEST(MatchTest, CrashLosesAndUpstreamItIsADraw) {
  EXPECT_EQ(Script(3).move(1, 3.0, 1.5, 0.29).fault(), "crash");
  EXPECT_EQ(Script(3).move(1, 3.0, 1.5, 0.29).winner(), -1.0);
  EXPECT_EQ(Script(3).move(4, -3.0, 1.5, 0.29).winner(), 1.0);
  const Script upstream = Script(3, 0, VolleyRules::kUpstream).move(1, 3.0, 1.5, 0.29);
  EXPECT_EQ(upstream.fault(), "draw");
  EXPECT_EQ(upstream.winner(), 0.0);
  EXPECT_EQ(upstream.memory.over, 1.0);
}

TEST(MatchTest, CrossingTheNetPlaneLoses) {
  EXPECT_EQ(Script(3).move(0, -0.01, 0.0, 3.0).fault(), "net_crossing");
  EXPECT_EQ(Script(3).move(0, -0.01, 0.0, 3.0).winner(), -1.0);
  EXPECT_EQ(Script(3).move(5, 0.01, 0.0, 3.0).winner(), 1.0);
  EXPECT_EQ(Script(3).move(0, 0.01, 0.0, 3.0).fault(), "");
}

TEST(MatchTest, TeammatesTooCloseLoseAndOpponentsMay) {
  const Script close = Script(3).move(0, 3.0, 0.8, 2.0);
  EXPECT_EQ(close.fault(), "too_close");
  EXPECT_EQ(close.winner(), -1.0);
  EXPECT_THAT(close.memory.too_close, ElementsAre(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(Script(3).move(0, 3.0, 0.69, 2.0).fault(), "");
  EXPECT_EQ(Script(1).move(0, 0.1, 0.0, 2.0).fault(), "");
}

TEST(MatchTest, WhatComesFirstCounts) {
  Script script(3);
  RallyEvents<double> e = script.nothing();
  e.floor_time = 0.003;  // in team 0's half
  e.floor_x = 3.0;
  e.hit_time[4] = 0.002;  // of team 1, out of turn
  e.with_racket[4] = 1.0;
  script.tell(e);
  EXPECT_EQ(script.fault(), "wrong_turn");
  EXPECT_EQ(script.winner(), 1.0);
}

TEST(MatchTest, FaultsOfBothTeamsAtTheSameTimeAreADraw) {
  Script script(3);
  RallyEvents<double> e = script.nothing();
  e.player[0].z = 0.1;
  e.player[3].z = 0.1;
  script.tell(e);
  EXPECT_EQ(script.fault(), "draw");
  EXPECT_EQ(script.winner(), 0.0);
}

TEST(MatchTest, HitJustBeforeTheNetIsTheHittersFault) {
  Script script(3);
  script.hit(2).fly_to(-0.3);
  RallyEvents<double> e = script.nothing();
  e.hit_time[3] = 0.001;
  e.with_racket[3] = 1.0;
  e.net_time = 0.004;
  script.tell(e);
  EXPECT_EQ(script.fault(), "ball_in_net");
  EXPECT_EQ(script.winner(), 1.0);
  EXPECT_EQ(script.memory.hits[1], 1.0);
}

TEST(MatchTest, NothingCountsAfterTheEnd) {
  Script script(3);
  script.land(3.0, 0.0).hit(2, false).land(-3.0, 0.0);
  EXPECT_EQ(script.fault(), "ball_on_floor");
  EXPECT_EQ(script.winner(), -1.0);
  EXPECT_EQ(script.memory.hits[0], 0.0);
}

TEST(MatchTest, ARallyBegunAfterAHitIsOneThatWasServed) {
  for (const int team_size : {1, 3}) {
    const int server = team_size - 1;
    Script served(team_size, 1);
    served.hit(team_size + server);
    MatchMemory<double> begun;
    begin_after_hit(VolleyNumbers(match_config(team_size)).match, team_size + server, begun);
    served.memory.legal_hit.fill(0.0);  // of the control step of the hit
    EXPECT_EQ(begun.may_hit, served.memory.may_hit);
    EXPECT_EQ(begun.hits, served.memory.hits);
    EXPECT_EQ(begun.last_team, 1.0);
    EXPECT_EQ(begun.side, 1.0);
    EXPECT_EQ(begun.serving, 1.0);
    EXPECT_EQ(begun.legal_hit, served.memory.legal_hit);
  }
}

// The same in physics.

TEST(MatchPhysicsTest, ServePassesTheBallOn) {
  VolleyWorld<> world(match_config(3));
  world.start(0);
  const Vec3<double> server = world.drone(2).pos;
  EXPECT_NEAR(server.x, 6.0, 0.1);
  EXPECT_NEAR(server.y, 0.0, 0.1);
  EXPECT_EQ(world.ball().pos.x, server.x);
  EXPECT_NEAR(world.ball().pos.z, server.z + 3.0, 1e-12);
  world.place_ball({server.x, server.y, server.z + 0.2}, {0.0, 0.0, -5.0});
  EXPECT_THAT(world.step(), IsEmpty());
  EXPECT_EQ(world.memory.match.hits[0], 1.0);
  EXPECT_EQ(world.term(0, "hit"), 10.0);
  EXPECT_EQ(world.term(3, "hit"), 0.0);
  EXPECT_EQ(world.memory.match.may_hit[2], 0.0);
}

TEST(MatchPhysicsTest, TeamsServeInTurn) {
  VolleyWorld<> world(match_config(3));
  world.start(1);
  EXPECT_NEAR(world.ball().pos.x, -6.0, 0.1);
  EXPECT_EQ(world.memory.match.may_hit[5], 1.0);
}

TEST(MatchPhysicsTest, EveryEndIsSeen) {
  const auto end_of = [](auto&& prepare) {
    VolleyWorld<> world(match_config(3));
    world.start(0);
    prepare(world);
    return world.step();
  };
  using World = VolleyWorld<>;
  EXPECT_THAT(end_of([](World& w) { w.place_drone(0, {3.0, -1.5, 0.28}); }), ElementsAre("crash"));
  EXPECT_THAT(end_of([](World& w) { w.place_drone(0, {0.05, -1.5, 2.0}, {-5.0, 0.0, 0.0}); }),
              ElementsAre("net_crossing"));
  EXPECT_THAT(end_of([](World& w) { w.place_drone(0, {3.0, 0.9, 2.0}); }),
              ElementsAre("too_close"));
  EXPECT_THAT(end_of([](World& w) { w.place_ball({3.0, 1.5, 2.2}, {0.0, 0.0, -9.0}); }),
              ElementsAre("wrong_turn"));
  EXPECT_THAT(end_of([](World& w) { w.place_ball({6.22, 0.22, 2.2}, {0.0, 0.0, -9.0}); }),
              ElementsAre("no_racket"));
  EXPECT_THAT(end_of([](World& w) { w.place_ball({0.3, 0.0, 1.0}, {-15.0, 0.0, 0.0}); }),
              ElementsAre("ball_in_net"));
  EXPECT_THAT(end_of([](World& w) { w.place_ball({2.0, 0.0, 0.2}, {0.0, 0.0, -20.0}); }),
              ElementsAre("ball_on_floor"));
  EXPECT_THAT(end_of([](World& w) { w.place_ball({7.0, 0.0, 0.2}, {0.0, 0.0, -20.0}); }),
              ElementsAre("ball_out"));
  EXPECT_THAT(end_of([](World& w) {
                w.place_drone(0, {3.0, -1.5, 0.28});
                w.place_drone(3, {-3.0, 1.5, 0.28});
              }),
              ElementsAre("draw"));
  EXPECT_THAT(end_of([](World& w) { w.place_ball({3.0, 0.0, 4.0}); }), IsEmpty());
}

TEST(MatchPhysicsTest, ResultIsPaidToBothTeams) {
  VolleyWorld<> world(match_config(3));
  world.start(0);
  world.place_ball({2.0, 0.0, 0.2}, {0.0, 0.0, -20.0});
  world.step();
  const std::size_t columns = world.metrics.size() / 6;
  for (int player = 0; player < 6; ++player) {
    const double* const metrics = world.metrics.data() + columns * static_cast<std::size_t>(player);
    EXPECT_EQ(world.term(player, "result"), player < 3 ? -100.0 : 100.0);
    EXPECT_EQ(metrics[0], player < 3 ? 0.0 : 1.0);
    EXPECT_EQ(metrics[1], player < 3 ? 1.0 : 0.0);
  }
}

/// Where nobody is in its way, a ball in flight comes down.
Vec3<double> landing_of(const Flight<double>& ball) {
  return ball.after(falling_time(ball, 0.1)).pos;
}

TEST(RallyStartTest, TheBallIsOnItsWayIntoTheOtherHalf) {
  for (const int team_size : {1, 3, 6}) {
    VolleyConfig config = match_config(team_size);
    config.rally_starts = 1.0;
    VolleyWorld<> world(config);
    const MatchNumbers& n = world.task().numbers().match;
    for (std::uint32_t env = 0; env < 100; ++env) {
      world.start(env);
      const double forward = env % 2 == 0 ? 1.0 : -1.0;  // of the team that has hit
      const Vec3<double> landing = landing_of(world.ball());
      EXPECT_LT(forward * landing.x, -0.29 * n.half_length);
      EXPECT_GT(forward * landing.x, -n.half_length);
      EXPECT_LT(std::abs(landing.y), n.half_width);
      const Flight<double> ball = world.ball();
      EXPECT_GT(ball.after(-ball.pos.x / ball.velocity.x).pos.z, 2.43 + 0.29);
      world.action.assign(world.action.size(), 0.242112);  // of a drone that hovers, about
      EXPECT_THAT(world.step(), IsEmpty());                // it touches nobody, and nobody falls
      EXPECT_EQ(world.memory.match.hits[env % 2], 1.0);
    }
  }
}

TEST(RallyStartTest, OnlyTrainingBeginsSoAndOnlyItsShare) {
  VolleyConfig config = match_config(3);
  config.rally_starts = 0.25;
  VolleyWorld<> world(config);
  VolleyWorld<> plain(match_config(3));
  int in_rally = 0;
  constexpr int kStarts = 1000;
  for (std::uint32_t env = 0; env < kStarts; ++env) {
    auto view = world.view();
    world.task().start(view, world.memory, {.seed = 1, .env = env, .evaluation = true});
    EXPECT_EQ(world.memory.match.hits, (std::array{0.0, 0.0}));
    world.start(env);
    plain.start(env);
    const bool begun = world.memory.match.hits[env % 2] > 0.5;
    in_rally += begun ? 1 : 0;
    if (!begun) {
      EXPECT_EQ(world.ball().pos.z, plain.ball().pos.z);  // the same serve as without
    }
  }
  EXPECT_NEAR(in_rally, 0.25 * kStarts, 4.0 * std::sqrt(0.25 * 0.75 * kStarts));
}

TEST(MatchGuideTest, WeighNothingUnlessNamed) {
  VolleyWorld<> world(match_config(3));
  world.evaluate();
  EXPECT_EQ(world.term(2, "meeting"), 0.0);  // under its serve
  EXPECT_GT(world.term(2, "near_ball"), 0.0);
}

VolleyConfig guided_match() {
  VolleyConfig config = match_config(3);
  config.observe_aim = true;
  config.reward = {{"meeting", 1.0}, {"across", 2.0}};
  return config;
}

TEST(MatchGuideTest, WhoIsToPlayTheBallIsPaidAsIfInItsPlace) {
  VolleyWorld<> world(guided_match());
  world.start(1);  // team 1 serves
  for (const int player : {0, 1}) {
    world.place_drone(player, {3.0, player == 0 ? -1.0 : 1.0, 2.0});  // half a metre from its anchor
  }
  world.place_ball({-3.0, 0.5, 2.155}, {6.0, 0.0, 0.5 * kGravity});
  world.evaluate();
  EXPECT_NEAR(world.term(1, "position"), 0.05, 1e-9);
  EXPECT_NEAR(world.term(0, "position"), 0.05 / (1.0 + 0.5), 1e-9);
}

TEST(MatchGuideTest, WhoIsNearestToTheMeetingIsPaid) {
  VolleyWorld<> world(guided_match());
  world.start(1);  // team 1 serves
  // From x = -3 in one second to (3, 0.5, 2.155): half a metre before player 1's racket.
  world.place_drone(1, {3.0, 1.0, 2.0});
  world.place_ball({-3.0, 0.5, 2.155}, {6.0, 0.0, 0.5 * kGravity});
  world.evaluate();
  EXPECT_NEAR(world.term(1, "meeting"), 1.0 / (1.0 + 4.0 * 0.25), 1e-9);
  EXPECT_EQ(world.observe(1).back(), 1.0);
  for (const int other : {0, 2, 3, 4, 5}) {
    EXPECT_EQ(world.term(other, "meeting"), 0.0) << other;
    EXPECT_EQ(world.observe(other).back(), 0.0) << other;
  }
  world.memory.match.side = 0.0;  // over the own side, who has hit is not to play it
  world.memory.match.may_hit = {1.0, 0.0, 1.0};
  world.place_ball({2.0, 0.5, 2.155}, {1.0, 0.0, 0.5 * kGravity});
  world.evaluate();
  EXPECT_EQ(world.term(1, "meeting"), 0.0);
  EXPECT_GT(world.term(0, "meeting"), 0.0);
  EXPECT_EQ(world.term(2, "meeting"), 0.0);
  world.place_ball({2.0, 0.5, 2.155}, {9.0, 0.0, 0.5 * kGravity});  // theirs, and out
  world.evaluate();
  EXPECT_EQ(world.term(2, "meeting"), 0.0);
  world.memory.match.last_team = 0.0;  // ours, and out
  world.evaluate();
  EXPECT_GT(world.term(2, "meeting"), 0.0);
}

TEST(MatchGuideTest, AHitThatLandsInsideTheOtherHalfIsPaidInFull) {
  VolleyWorld<> world(guided_match());
  const auto paid = [&](int player, const std::array<double, 3>& velocity) {
    const double forward = player < 3 ? 1.0 : -1.0;
    world.memory.match.legal_hit[static_cast<std::size_t>(player)] = 1.0;
    world.place_ball({3.0 * forward, 0.0, 2.155},
                     {forward * velocity[0], velocity[1], velocity[2]});
    world.evaluate();  // and forgets the hit
    return world.term(player, "across");
  };
  EXPECT_NEAR(paid(1, {-5.0, 0.0, 6.0}), 2.0, 1e-9);  // lands at x = -4.2
  EXPECT_NEAR(paid(4, {-5.0, 0.0, 6.0}), 2.0, 1e-9);
  const double in_net = paid(1, {-5.0, 0.0, 2.0});
  const double out = paid(1, {-9.0, 0.0, 6.0});
  EXPECT_GT(in_net, 0.1);
  EXPECT_LT(in_net, 0.601);
  EXPECT_LT(out, 1.0);
  EXPECT_EQ(world.term(0, "across"), 0.0);  // not the hitter
}

}  // namespace
}  // namespace fleet::tasks
