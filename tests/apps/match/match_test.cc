// Tests for apps/match/: games, what they add up to, and ratings.

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "apps/evaluation.h"
#include "apps/match/cross_table.h"
#include "apps/match/game.h"
#include "apps/match/match_summary.h"
#include "tests/support/constant_agent.h"
#include "tests/support/duel_env.h"

namespace fleet {
namespace {

using test::ConstantAgent;
using test::DuelEnv;
using ::testing::ElementsAre;

TEST(GameTest, HomeWinsOnBothSides) {
  DuelEnv match(5);
  const std::vector<Game> games = play_games(match, ConstantAgent(0.5F), ConstantAgent(0.25F), 1);
  ASSERT_EQ(games.size(), 5U);
  for (std::size_t k = 0; k < 5; ++k) {
    const bool is_swapped = k >= 3;  // the first half, rounded up, is played as team 0
    EXPECT_EQ(games[k].winner, 0);
    EXPECT_EQ(games[k].crossings, DuelEnv::kSteps);
    EXPECT_EQ(games[k].fault, is_swapped ? 1 : 2);
    EXPECT_EQ(games[k].server, (k % 2 == 0) == is_swapped ? 1 : 0);
    EXPECT_EQ(games[k].hits[is_swapped ? 1 : 0], static_cast<double>(k));
    EXPECT_EQ(games[k].hits[is_swapped ? 0 : 1], 0.0);
  }
}

TEST(GameTest, EqualTeamsDraw) {
  DuelEnv match(2);
  for (const Game& game : play_games(match, ConstantAgent(0.5F), ConstantAgent(0.5F), 1)) {
    EXPECT_EQ(game.winner, -1);
    EXPECT_EQ(game.fault, 3);
  }
}

/// Six games: home wins two, one untouched; loses one untouched; draws three, one by time.
std::vector<Game> six_games() {
  return {{.winner = 0, .server = 0, .crossings = 3, .hits = {4, 2}, .fault = 1},
          {.winner = 0, .server = 1, .crossings = 0, .hits = {0, 1}, .fault = 2},
          {.winner = 1, .server = 0, .crossings = 0, .hits = {0, 0}, .fault = 1},
          {.winner = -1, .server = 1, .crossings = 1, .hits = {0, 1}, .fault = 3},
          {.winner = -1, .server = 0, .crossings = 2, .hits = {1, 1}, .fault = 3},
          {.winner = -1, .server = 1, .crossings = 20, .hits = {10, 12}, .fault = 0}};
}

const std::vector<std::string> kNames{"crash", "ball_out", "draw"};

TEST(MatchSummaryTest, CountsAreThoseOfTheGames) {
  const MatchSummary summary = summarise(six_games(), kNames);
  EXPECT_EQ(summary.games, 6);
  EXPECT_EQ(summary.wins, 2);
  EXPECT_EQ(summary.losses, 1);
  EXPECT_EQ(summary.draws, 3);
  EXPECT_DOUBLE_EQ(summary.win_rate, 2.0 / 6);
  EXPECT_EQ(summary.win_rate_ci95, wilson_interval(2, 6));
  EXPECT_DOUBLE_EQ(summary.decided_win_rate, 2.0 / 3);
  EXPECT_EQ(summary.decided_win_rate_ci95, wilson_interval(2, 3));
  EXPECT_DOUBLE_EQ(summary.rally_crossings_median, 1.5);  // 0 0 1 2 3 20
  EXPECT_DOUBLE_EQ(summary.hits_per_rally, 32.0 / 6);
  EXPECT_DOUBLE_EQ(summary.points_before_first_touch, 2.0 / 3);
  EXPECT_DOUBLE_EQ(summary.serve_rate, 4.0 / 6);
  EXPECT_DOUBLE_EQ(summary.return_rate, 3.0 / 4);
}

TEST(MatchSummaryTest, FaultsAreThoseOfTheLoser) {
  const MatchSummary summary = summarise(six_games(), kNames);
  using Counts = std::map<std::string, int>;
  EXPECT_EQ(summary.faults.at("away"), (Counts{{"crash", 1}, {"ball_out", 1}}));
  EXPECT_EQ(summary.faults.at("home"), (Counts{{"crash", 1}}));
  EXPECT_EQ(summary.faults.at("both"), (Counts{{"draw", 2}, {"time", 1}}));
}

TEST(MatchSummaryTest, TheJsonHasItsFixedKeys) {
  const auto json = nlohmann::json::parse(to_json(summarise(six_games(), kNames)));
  for (const char* key :
       {"task", "backend", "home", "away", "seed", "games", "wins", "draws", "losses", "win_rate",
        "win_rate_ci95", "decided_win_rate", "decided_win_rate_ci95", "rally_crossings_median",
        "hits_per_rally", "faults", "points_before_first_touch", "serve_rate", "return_rate"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json.size(), 19U);
}

TEST(CrossTableTest, TenToOneIs400Points) {
  // With the game that each pair counts more: 1000 to 100 halves of games.
  const CrossTable table{.teams = {"a", "b"},
                         .games = 549,
                         .wins = {{0, 499}, {49, 0}},
                         .draws = {{0, 1}, {1, 0}}};
  const std::vector<double> elo = elo_ratings(table);
  EXPECT_NEAR(elo[0] - elo[1], 400.0, 1e-9 * 400);
  EXPECT_NEAR(elo[0] + elo[1], 2000.0, 1e-6);
}

TEST(CrossTableTest, AChainOfWinnersIsRatedInItsOrderAndFinite) {
  const CrossTable table{.teams = {"a", "b", "c"},
                         .games = 100,
                         .wins = {{0, 100, 100}, {0, 0, 100}, {0, 0, 0}},
                         .draws = {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}};
  const std::vector<double> elo = elo_ratings(table);
  EXPECT_GT(elo[0], elo[1] + 100.0);
  EXPECT_GT(elo[1], elo[2] + 100.0);
  EXPECT_LT(elo[0], 4000.0);
  EXPECT_NEAR(elo[1], 1000.0, 1e-3);  // by symmetry
}

TEST(CrossTableTest, TheJsonHasNoGamesOfATeamAgainstItself) {
  const CrossTable table{.teams = {"a", "b"},
                         .games = 10,
                         .wins = {{0, 6}, {3, 0}},
                         .draws = {{0, 1}, {1, 0}}};
  const auto json = nlohmann::json::parse(to_json(table));
  EXPECT_TRUE(json.at("win_rate_ci95")[0][0].is_null());
  EXPECT_EQ(json.at("win_rate_ci95")[0][1], nlohmann::json(wilson_interval(6, 10)));
  EXPECT_EQ(json.at("elo").size(), 2U);
}

}  // namespace
}  // namespace fleet
