#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "apps/match/game.h"

namespace fleet {

/// How two teams did against each other, seen from home. A share of nothing is 0.
struct MatchSummary {
  std::string task, backend, home, away;
  std::uint64_t seed = 0;
  int games = 0;
  int wins = 0, draws = 0, losses = 0;
  double win_rate = 0.0;                ///< wins by games: a draw is no win
  std::array<double, 2> win_rate_ci95{};  ///< Wilson
  double decided_win_rate = 0.0;        ///< wins by games with a winner
  std::array<double, 2> decided_win_rate_ci95{};
  double rally_crossings_median = 0.0;  ///< of the net, in a game
  double hits_per_rally = 0.0;          ///< mean, both teams' legal ones
  /// By who committed it ("home", "away", "both"), then by its name: in how many games.
  std::map<std::string, std::map<std::string, int>> faults;
  double points_before_first_touch = 0.0;  ///< of games with a winner, those whose winner never hit
  double serve_rate = 0.0;   ///< of games, those whose serve came over the net
  double return_rate = 0.0;  ///< of those, the ones in which the ball came back over it
};

/// @param fault_names of a match's termination terms
MatchSummary summarise(std::span<const Game> games, std::span<const std::string> fault_names);

std::string to_json(const MatchSummary& summary);
std::string to_table(const MatchSummary& summary);

}  // namespace fleet
