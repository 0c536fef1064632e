// Tests for tasks/volley/rally_decision.h: when a learnt high level decides, and what that means.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tasks/volley/rally_decision.h"
#include "tests/support/volley_world.h"

namespace fleet::tasks {
namespace {

using fleet::testing::match_config;
using fleet::testing::VolleyWorld;

/// What the players of a team see.
std::vector<float> rows_of(VolleyWorld<>& world, int team) {
  std::vector<float> rows;
  for (int player = 3 * team; player < 3 * team + 3; ++player) {
    const std::vector<double> row = world.observe(player);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

/// Lets a ball fall onto a drone that would otherwise hang in the air.
std::vector<int> due_steps(VolleyWorld<>& world, int team, int num_steps) {
  const RallyDecision decision(match_config(3));
  std::vector<int> due;
  Flight<double> before = decision.rules().ball_of(rows_of(world, team));
  for (int step = 1; step <= num_steps; ++step) {
    world.step();
    const Flight<double> now = decision.rules().ball_of(rows_of(world, team));
    if (decision.is_due(before, now)) {
      due.push_back(step);
    }
    before = now;
  }
  return due;
}

TEST(RallyDecisionTest, IsDueAtAHitAndNowhereInFreeFlight) {
  for (const int team : {0, 1}) {
    VolleyWorld world(match_config(3));
    std::ranges::fill(world.action, 2.0 * world.task().numbers().drone.hover_throttle *
                                            world.task().numbers().drone.hover_throttle -
                                        1.0);
    world.place_drone(2, {4.5, 0.0, 2.0});
    world.place_ball({4.5, 0.0, 4.0});
    const std::vector<int> due = due_steps(world, team, 40);
    // 1.845 m of free fall take .613 s: the 31st control step.
    EXPECT_EQ(due, std::vector<int>{31});
    EXPECT_EQ(world.memory.match.hits[0], 1.0);
  }
}

TEST(RallyDecisionTest, IsDueWhenTheBallComesOverTheNetForBothTeams) {
  for (const int team : {0, 1}) {
    VolleyWorld world(match_config(3));
    world.place_ball({1.05, 0.0, 4.0}, {-5.0, 0.0, 2.0});
    EXPECT_EQ(due_steps(world, team, 15), std::vector<int>{11});  // after .21 s
  }
}

TEST(RallyDecisionTest, IsDueInAnotherRally) {
  const RallyDecision decision(match_config(3));
  const double nan = std::nan("");
  const Flight<double> start{{6.0, 0.0, 5.0}, {0.0, 0.0, 0.0}};
  const Flight<double> unseen{{nan, nan, nan}, {nan, nan, nan}};
  EXPECT_TRUE(decision.is_due(unseen, start));
  EXPECT_TRUE(decision.is_due({{5.0, 1.0, 0.2}, {3.0, 0.0, -6.0}}, start));
  EXPECT_FALSE(decision.is_due(start, start.after(0.02)));
}

TEST(RallyDecisionTest, NoActionIsTheRulesOwnPlan) {
  VolleyWorld world(match_config(3));
  const RallyDecision decision(match_config(3));
  const std::vector<float> rows = rows_of(world, 0);
  const std::vector<float> action(decision.action_names().size());
  const RallyPlan own = decision.rules().make_plan(rows);
  const RallyPlan plan = decision.make_plan(rows, action);
  EXPECT_EQ(plan.landing, own.landing);
  EXPECT_EQ(plan.net_top, own.net_top);
  EXPECT_EQ(plan.head_start, own.head_start);
  EXPECT_EQ(plan.shift, own.shift);
  std::array<SkillOrder, 3> ordered;
  std::array<SkillOrder, 3> decided;
  decision.rules().order(rows, plan, ordered);
  decision.rules().decide(rows, decided);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(ordered[i].skill, decided[i].skill);
    EXPECT_EQ(ordered[i].target, decided[i].target);
    EXPECT_EQ(ordered[i].net_top, decided[i].net_top);
  }
}

TEST(RallyDecisionTest, AnActionMovesThePlanAndStaysWithinWhatTheSkillKnows) {
  VolleyWorld world(match_config(3));
  const RallyDecision decision(match_config(3));
  const std::vector<float> rows = rows_of(world, 1);
  for (const float all : {-5.0F, -1.0F, -0.2F, 0.3F, 1.0F, 7.0F}) {
    const std::vector<float> action(decision.action_names().size(), all);
    const RallyPlan plan = decision.make_plan(rows, action);
    EXPECT_GE(plan.landing[0], -0.9 * 6.0);
    EXPECT_LE(plan.landing[0], -0.3 * 6.0);
    EXPECT_LE(std::abs(plan.landing[1]), 0.8 * 3.0);
    EXPECT_GE(plan.net_top, 2.43 + 0.3);
    EXPECT_LE(plan.net_top, 2.43 + 2.0);
    EXPECT_DOUBLE_EQ(plan.shift[2][1], 0.8 * std::clamp(double{all}, -1.0, 1.0));
    std::array<SkillOrder, 3> orders;
    decision.rules().order(rows, plan, orders);
    for (const SkillOrder& order : orders) {
      EXPECT_TRUE(order.skill == SkillOrder::kHit || order.target[0] > 0.0);
    }
  }
}

TEST(RallyDecisionTest, AHeadStartSaysWhoPlaysTheBall) {
  VolleyWorld world(match_config(3));
  world.place_drone(0, {3.0, -1.5, 2.0});
  world.place_drone(1, {3.0, 1.5, 2.0});
  world.place_ball({-3.0, 0.0, 2.0}, {6.0, 0.2, 0.5 * kGravity});  // to (3, .2): nearer to player 1
  const RallyDecision decision(match_config(3));
  const std::vector<float> rows = rows_of(world, 0);
  std::vector<float> action(decision.action_names().size());
  std::array<double, 3> meeting{};
  EXPECT_EQ(decision.rules().choose_hitter(rows, decision.make_plan(rows, action), meeting), 1);
  EXPECT_NEAR(meeting[0], 3.0, 1e-5);
  EXPECT_EQ(decision.action_names()[3], "head_start0");
  action[3] = 0.5F;
  EXPECT_EQ(decision.rules().choose_hitter(rows, decision.make_plan(rows, action), meeting), 0);
}

TEST(RallyDecisionTest, WhatItSeesFillsItsRowAndIsTheTeamsOwn) {
  VolleyWorld world(match_config(3));
  world.place_ball({-3.0, 1.0, 2.5}, {6.0, 0.5, 5.0});
  const RallyDecision decision(match_config(3));
  const auto dim = static_cast<std::size_t>(decision.observation().dim());
  EXPECT_EQ(dim, 53U);
  for (const int team : {0, 1}) {
    std::vector<float> out(dim, std::nanf(""));
    const std::vector<float> rows = rows_of(world, team);
    decision.see(rows, out);
    EXPECT_TRUE(std::ranges::all_of(out, [](float x) { return std::isfinite(x); }));
    const float sign = team == 0 ? 1.0F : -1.0F;
    const DroneState<double> drone = world.drone(3 * team + 1);
    EXPECT_NEAR(out[10], sign * static_cast<float>(drone.pos.x), 1e-6);
    EXPECT_NEAR(out[16], sign * static_cast<float>(drone.up().x), 1e-6);
    const DroneState<double> opponent = world.drone(3 * (1 - team));
    EXPECT_NEAR(out[30], sign * static_cast<float>(opponent.pos.x), 1e-6);
    EXPECT_NEAR(out[39], sign * -3.0F, 1e-5);
    EXPECT_NEAR(out[42], sign * 6.0F, 1e-5);
  }
}

}  // namespace
}  // namespace fleet::tasks
