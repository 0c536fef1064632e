#include "apps/match/match_summary.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/evaluation.h"

namespace fleet {
namespace {

double share(int part, int whole) { return whole > 0 ? static_cast<double>(part) / whole : 0.0; }

double median_crossings(std::span<const Game> games) {
  std::vector<double> crossings;
  for (const Game& game : games) {
    crossings.push_back(game.crossings);
  }
  std::ranges::sort(crossings);
  const std::size_t n = crossings.size();
  return n == 0 ? 0.0 : 0.5 * (crossings[(n - 1) / 2] + crossings[n / 2]);
}

std::string name_of_fault(const Game& game, std::span<const std::string> names) {
  return game.fault == 0 ? "time" : names[static_cast<std::size_t>(game.fault) - 1];
}

const char* culprit(const Game& game) {
  return game.winner == 0 ? "away" : game.winner == 1 ? "home" : "both";
}

}  // namespace

MatchSummary summarise(std::span<const Game> games, std::span<const std::string> fault_names) {
  MatchSummary summary;
  summary.games = static_cast<int>(games.size());
  int untouched = 0;
  int served = 0;
  int returned = 0;
  double hits = 0.0;
  for (const Game& game : games) {
    summary.wins += game.winner == 0 ? 1 : 0;
    summary.losses += game.winner == 1 ? 1 : 0;
    summary.draws += game.winner < 0 ? 1 : 0;
    const bool has_winner = game.winner >= 0;
    untouched +=
        has_winner && game.hits[static_cast<std::size_t>(game.winner)] < 0.5 ? 1 : 0;
    served += game.crossings > 0.5 ? 1 : 0;
    returned += game.crossings > 1.5 ? 1 : 0;
    hits += game.hits[0] + game.hits[1];
    ++summary.faults[culprit(game)][name_of_fault(game, fault_names)];
  }
  const int decided = summary.wins + summary.losses;
  summary.win_rate = share(summary.wins, summary.games);
  summary.win_rate_ci95 = wilson_interval(summary.wins, summary.games);
  summary.decided_win_rate = share(summary.wins, decided);
  summary.decided_win_rate_ci95 = wilson_interval(summary.wins, decided);
  summary.rally_crossings_median = median_crossings(games);
  summary.hits_per_rally = summary.games > 0 ? hits / summary.games : 0.0;
  summary.points_before_first_touch = share(untouched, decided);
  summary.serve_rate = share(served, summary.games);
  summary.return_rate = share(returned, served);
  return summary;
}

std::string to_json(const MatchSummary& s) {
  nlohmann::ordered_json json;
  json["task"] = s.task;
  json["backend"] = s.backend;
  json["home"] = s.home;
  json["away"] = s.away;
  json["seed"] = s.seed;
  json["games"] = s.games;
  json["wins"] = s.wins;
  json["draws"] = s.draws;
  json["losses"] = s.losses;
  json["win_rate"] = s.win_rate;
  json["win_rate_ci95"] = s.win_rate_ci95;
  json["decided_win_rate"] = s.decided_win_rate;
  json["decided_win_rate_ci95"] = s.decided_win_rate_ci95;
  json["rally_crossings_median"] = s.rally_crossings_median;
  json["hits_per_rally"] = s.hits_per_rally;
  json["faults"] = s.faults;
  json["points_before_first_touch"] = s.points_before_first_touch;
  json["serve_rate"] = s.serve_rate;
  json["return_rate"] = s.return_rate;
  return json.dump(2) + "\n";
}

std::string to_table(const MatchSummary& s) {
  const auto percent = [](double x) { return 100.0 * x; };
  std::string text =
      fmt::format("{} against {} on {} ({} games, sides swapped at half, on {}, seed {})\n", s.home,
                  s.away, s.task, s.games, s.backend, s.seed);
  text += fmt::format("  wins, draws, losses      {} {} {}\n", s.wins, s.draws, s.losses);
  text += fmt::format("  win_rate             {:8.2f} %    (95 %: {:.2f} to {:.2f})\n",
                      percent(s.win_rate), percent(s.win_rate_ci95[0]), percent(s.win_rate_ci95[1]));
  text += fmt::format("  decided_win_rate     {:8.2f} %    (95 %: {:.2f} to {:.2f})\n",
                      percent(s.decided_win_rate), percent(s.decided_win_rate_ci95[0]),
                      percent(s.decided_win_rate_ci95[1]));
  text += fmt::format("  net crossings        {:8.1f}      (median of a rally)\n",
                      s.rally_crossings_median);
  text += fmt::format("  hits                 {:8.2f}      (mean of a rally)\n", s.hits_per_rally);
  text += fmt::format("  serves over the net  {:8.2f} %\n", percent(s.serve_rate));
  text += fmt::format("  serves returned      {:8.2f} %\n", percent(s.return_rate));
  text += fmt::format("  won untouched        {:8.2f} %    (points before the winner's first hit)\n",
                      percent(s.points_before_first_touch));
  for (const auto& [side, faults] : s.faults) {
    for (const auto& [name, count] : faults) {
      text += fmt::format("    {:<5} {:<14} {:6}\n", side, name, count);
    }
  }
  return text;
}

}  // namespace fleet
