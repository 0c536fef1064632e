// Tests for tasks/volley/ball_aim.h, skill_terms.h and rally_rules.h: an aimed hit, and who plays
// it.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tasks/volley/rally_rules.h"
#include "tests/support/volley_world.h"

namespace fleet::tasks {
namespace {

using fleet::testing::match_config;
using fleet::testing::volley_config;

VolleyNumbers numbers() {
  VolleyConfig config = volley_config(VolleyKind::kAimedHit);
  config.court = {.length = 12.0, .width = 6.0};
  return VolleyNumbers(config);
}

TEST(ProspectTest, TheLandingIsThatOfFreeFlight) {
  const VolleyNumbers n = numbers();
  const Flight<double> ball{{2.0, 1.0, 2.0}, {-4.0, 0.5, 6.0}};
  const Prospect<double> prospect = foresee(n, ball);
  // By small steps; the net is reached after half a second.
  double z = 2.0;
  double vz = 6.0;
  double time = 0.0;
  double at_net = 0.0;
  constexpr double kStep = 1e-5;
  while (z > n.bounce.ball_radius) {
    z += kStep * (vz - 0.5 * kStep * kGravity);
    vz -= kStep * kGravity;
    time += kStep;
    at_net = time <= 0.5 ? z : at_net;
  }
  EXPECT_NEAR(prospect.landing.x, 2.0 - 4.0 * time, 1e-3);
  EXPECT_NEAR(prospect.landing.y, 1.0 + 0.5 * time, 1e-3);
  EXPECT_GT(at_net, 2.63);
  EXPECT_EQ(one_if<double>(prospect.clears_net), 1.0);
}

double clears(const Flight<double>& ball) {
  return one_if<double>(foresee(numbers(), ball).clears_net);
}

TEST(ProspectTest, ALowBallAndOneThatFliesAwayDoNotClearTheNet) {
  EXPECT_EQ(clears(Flight<double>{{2.0, 0.0, 2.0}, {-8.0, 0.0, 2.0}}), 0.0);
  EXPECT_EQ(clears(Flight<double>{{2.0, 0.0, 2.0}, {4.0, 0.0, 6.0}}), 0.0);
  EXPECT_EQ(clears(Flight<double>{{6.0, 0.0, 2.0}, {-1.0, 0.0, 6.0}}), 0.0);
}

TEST(BallAimTest, ABallMetAsAskedLandsOnThePointAsHighOverTheNetAsAsked) {
  constexpr double kRestitution = 0.8;
  constexpr double kHeight = 2.2;
  constexpr double kTop = 3.1;
  const Vec3<double> landing{-4.0, 1.5, 0.1};
  for (const Flight<double>& ball : {Flight<double>{{3.0, 1.0, 4.0}, {2.0, -1.0, 3.0}},
                                     Flight<double>{{-5.0, 2.0, 2.0}, {6.0, -2.0, 7.0}},
                                     Flight<double>{{5.0, 0.0, 5.0}, {0.0, 0.0, 0.0}}}) {
    const BallAim<double> aim = aim_ball<double>(ball, kHeight, {landing, kTop}, kRestitution);
    Flight<double> hit = ball.after(aim.time);
    EXPECT_NEAR(hit.pos.z, kHeight, 1e-12);
    EXPECT_LT(hit.velocity.z, 0.0);
    EXPECT_EQ(aim.meeting.x, hit.pos.x);
    // Off a heavy racket the speed along its normal comes back, the rest goes on.
    const double closing = dot(hit.velocity, aim.normal) - aim.speed;
    hit.velocity = hit.velocity - aim.normal * ((1.0 + kRestitution) * closing);
    EXPECT_NEAR(hit.after(-hit.pos.x / hit.velocity.x).pos.z, kTop, 1e-9);
    const Vec3<double> end = hit.after((landing.x - hit.pos.x) / hit.velocity.x).pos;
    EXPECT_NEAR(end.y, landing.y, 1e-9);
    EXPECT_NEAR(end.z, landing.z, 1e-9);
  }
}

/// The ball after it was met as asked: off a heavy racket the speed along its normal comes back,
/// the rest goes on.
Flight<double> met_as_asked(const Flight<double>& ball, const BallAim<double>& aim) {
  Flight<double> hit = ball.after(aim.time);
  const double closing = dot(hit.velocity, aim.normal) - aim.speed;
  hit.velocity = hit.velocity - aim.normal * (1.8 * closing);
  return hit;
}

TEST(PairAimTest, APassCrossesTheMiddleHighAndComesDownOnTheOthersRacket) {
  const VolleyNumbers n(volley_config(VolleyKind::kBumpAndPass));
  for (const int player : {0, 1}) {
    const double y = player == 0 ? -2.5 : 2.5;
    const Vec3<double> pos{4.3, y + 0.2, 2.2};
    const Flight<double> ball{{4.4, y + 0.1, 4.1}, {0.3, -0.2, -1.0}};
    const Flight<double> hit = met_as_asked(ball, aim_of_pair(n, ball, pos, player));
    EXPECT_NEAR(hit.pos.z, 2.355, 1e-9);
    EXPECT_NEAR(hit.after(hit.velocity.z / kGravity).pos.z, 4.4, 1e-9);
    EXPECT_GT(hit.after(-hit.pos.y / hit.velocity.y).pos.z, 4.0);
    const Flight<double> end = hit.after((-y - hit.pos.y) / hit.velocity.y);
    EXPECT_NEAR(end.pos.x, 4.5, 1e-9);
    EXPECT_NEAR(end.pos.z, 2.155, 1e-9);
  }
}

TEST(PairAimTest, ASpikeLeavesDownwardsClearsTheNetAndLandsInTheCircle) {
  const VolleyNumbers n(volley_config(VolleyKind::kSetAndSpike));
  const Flight<double> set{{2.0, 1.0, 4.5}, {0.0, 1.8, 1.5}};
  const Flight<double> hit = met_as_asked(set, aim_of_pair(n, set, {2.0, 2.5, 3.5}, 1));
  EXPECT_LT(hit.velocity.z, 0.0);
  EXPECT_GT(hit.after(-hit.pos.x / hit.velocity.x).pos.z, n.net_height + 0.2);
  const Vec3<double> end = hit.after(0.8).pos;
  EXPECT_NEAR(end.x, kSpikeTarget[0], 1e-9);
  EXPECT_NEAR(end.y, kSpikeTarget[1], 1e-9);
  EXPECT_NEAR(end.z, 0.0, 1e-9);
}

/// A match's rows of team 0: players at `places`, a ball, and who may hit.
std::vector<float> rows_of(const std::vector<std::array<double, 3>>& places,
                           const std::array<double, 3>& ball, const std::array<double, 3>& velocity,
                           const std::vector<bool>& may_hit) {
  const int n = static_cast<int>(may_hit.size());
  const auto dim = static_cast<std::size_t>(36 + 7 * n);
  std::vector<float> rows(static_cast<std::size_t>(n) * dim);
  for (std::size_t i = 0; i < may_hit.size(); ++i) {
    float* const row = rows.data() + i * dim;
    for (std::size_t k = 0; k < 3; ++k) {
      row[k] = static_cast<float>(places[i][k]);
      row[26 + k] = static_cast<float>(ball[k] - places[i][k]);
      row[29 + k] = static_cast<float>(velocity[k]);
      for (std::size_t player = 0; player < places.size(); ++player) {
        row[36 + may_hit.size() + 3 * player + k] = static_cast<float>(places[player][k]);
      }
    }
    row[34 + may_hit.size()] = may_hit[i] ? 1.0F : 0.0F;
    row[35 + may_hit.size()] = may_hit[i] ? 0.0F : 1.0F;
  }
  return rows;
}

const std::vector<std::array<double, 3>> kPlaces{{3, -1.5, 2}, {3, 1.5, 2},   {4.5, 0, 2},
                                                 {-3, 1.5, 2}, {-3, -1.5, 2}, {-4.5, 0, 2}};

std::array<SkillOrder, 3> decide(const std::vector<float>& rows) {
  const RallyRules rules(match_config(3));
  std::array<SkillOrder, 3> orders;
  rules.decide(rows, orders);
  return orders;
}

int num_hitters(const std::array<SkillOrder, 3>& orders) {
  return static_cast<int>(std::ranges::count(orders, SkillOrder::kHit, &SkillOrder::skill));
}

TEST(RallyRulesTest, TheServerServesOverTheNetAndInsideTheCourt) {
  const auto orders = decide(rows_of(kPlaces, {4.5, 0, 5}, {0, 0, 0}, {false, false, true}));
  EXPECT_EQ(orders[2].skill, SkillOrder::kHit);
  EXPECT_EQ(num_hitters(orders), 1);
  EXPECT_LT(orders[2].target[0], 0.0);
  EXPECT_GT(orders[2].target[0], -6.0);
  EXPECT_LT(std::abs(orders[2].target[1]), 3.0);
}

TEST(RallyRulesTest, WhoIsNearestToWhereABallComesDownPlaysIt) {
  // From x = -3 in one second to (3, 1.2, 2).
  const std::array<double, 3> velocity{6.0, 1.2, 0.5 * kGravity};
  const auto orders = decide(rows_of(kPlaces, {-3, 0, 2}, velocity, {false, false, false}));
  EXPECT_EQ(orders[1].skill, SkillOrder::kHit);
  EXPECT_EQ(num_hitters(orders), 1);
}

TEST(RallyRulesTest, WhoHasHitDoesNotHitAgain) {
  const auto orders = decide(rows_of(kPlaces, {3, 1.5, 4}, {0, 0, 0}, {true, false, true}));
  EXPECT_EQ(orders[1].skill, SkillOrder::kGoto);
  EXPECT_EQ(num_hitters(orders), 1);
}

TEST(RallyRulesTest, ABallThatGoesOutIsLeftToTheOthersUnlessItIsOurs) {
  const std::array<double, 3> out{9.0, 0.0, 0.5 * kGravity};  // lands far behind the line
  EXPECT_EQ(num_hitters(decide(rows_of(kPlaces, {1, 0, 2}, out, {true, true, true}))), 0);
  EXPECT_EQ(num_hitters(decide(rows_of(kPlaces, {1, 0, 2}, out, {true, true, false}))), 1);
  EXPECT_EQ(num_hitters(decide(rows_of(kPlaces, {-3, 0, 2}, {-2, 0, 3}, {false, false, false}))),
            0);
}

TEST(RallyRulesTest, OthersKeepClearOfWhoHits) {
  const auto orders = decide(rows_of(kPlaces, {3, 1.2, 4}, {0, 0, 0}, {false, true, false}));
  for (const std::size_t other : {0U, 2U}) {
    ASSERT_EQ(orders[other].skill, SkillOrder::kGoto);
    const double range = std::hypot(orders[other].target[0] - 3.0, orders[other].target[1] - 1.2);
    EXPECT_GT(range, 1.29);
  }
}

TEST(RallyRulesTest, SkillsAreShownWhatTheirTasksShow) {
  const RallyRules rules(match_config(3));
  std::vector<float> row = rows_of(kPlaces, {3, 1, 4}, {1, 2, 3}, {true, true, true});
  row.resize(57);
  for (std::size_t k = 3; k < 23; ++k) {
    row[k] = static_cast<float>(k);  // attitude; columns 13 to 15 are the heading
  }
  std::array<float, RallyRules::kGotoDim> shown{};
  rules.show(row, {SkillOrder::kGoto, {4, 0, 2.5}, 0}, shown);
  EXPECT_EQ(shown[0], 1.0F);
  EXPECT_EQ(shown[1], 1.5F);
  EXPECT_EQ(shown[2], 0.5F);
  EXPECT_EQ(shown[3], 3.0F);
  EXPECT_EQ(shown[22], 22.0F);
  EXPECT_EQ(shown[23], 1.0F - 13.0F);
  EXPECT_EQ(shown[24], -14.0F);
  std::array<float, RallyRules::kHitDim> hit{};
  rules.show(row, {SkillOrder::kHit, {-4, 1, 0.1}, 3}, hit);
  EXPECT_EQ(hit[0], 3.0F);
  EXPECT_EQ(hit[3], 3.0F);
  EXPECT_EQ(hit[23], 0.0F);
  EXPECT_EQ(hit[24], 2.5F);  // ball minus drone
  EXPECT_EQ(hit[28], 3.0F);  // its speed
  EXPECT_EQ(hit[29], -7.0F);
  EXPECT_EQ(hit[32], 1.0F);
  // 4 m high and rising at 3 m/s, the ball comes down to the racket in falling_time.
  const double above = 4.0 - 2.0 - 0.155;  // the racket's plane, and the ball's radius
  const double time = (3.0 + std::sqrt(9.0 + 2.0 * kGravity * above)) / kGravity;
  EXPECT_NEAR(hit[36], time, 1e-6);
  EXPECT_NEAR(hit[33], 0.0 + 1.0 * time, 1e-5);
  EXPECT_NEAR(hit[34], 2.5 + 2.0 * time, 1e-5);
}

}  // namespace
}  // namespace fleet::tasks
