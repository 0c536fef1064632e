#include "apps/match/cross_table.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/evaluation.h"

namespace fleet {

std::vector<double> elo_ratings(const CrossTable& table) {
  constexpr int kIterations = 10'000;
  constexpr double kMean = 1000.0;
  const std::size_t n = table.teams.size();
  const double games = table.games + 1.0;
  std::vector<double> strength(n, 1.0);
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    std::vector<double> next(n);
    double log_sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      double score = 0.0;
      double expected = 0.0;
      for (std::size_t j = 0; j < n; ++j) {
        if (j != i) {
          score += table.wins[i][j] + 0.5 * (table.draws[i][j] + 1.0);
          expected += games / (strength[i] + strength[j]);
        }
      }
      next[i] = expected > 0.0 ? score / expected : 1.0;
      log_sum += std::log(next[i]);
    }
    for (double& x : next) {
      x /= std::exp(log_sum / static_cast<double>(n));
    }
    strength = next;
  }
  for (double& x : strength) {
    x = kMean + 400.0 * std::log10(x);
  }
  return strength;
}

std::string to_table(const CrossTable& table) {
  const std::vector<double> ratings = elo_ratings(table);
  std::string text = fmt::format(
      "Wins of the row's team against the column's, % of {} games (95 %: Wilson, in the JSON)\n"
      "     Elo",
      table.games);
  for (std::size_t i = 0; i < table.teams.size(); ++i) {
    text += fmt::format(" {:>6}", i);
  }
  text += '\n';
  for (std::size_t i = 0; i < table.teams.size(); ++i) {
    text += fmt::format("{:>3} {:4.0f}", i, ratings[i]);
    for (std::size_t j = 0; j < table.teams.size(); ++j) {
      text += i == j ? fmt::format(" {:>6}", "-")
                     : fmt::format(" {:6.1f}", 100.0 * table.wins[i][j] / table.games);
    }
    text += fmt::format("   {}\n", table.teams[i]);
  }
  return text;
}

std::string to_json(const CrossTable& table) {
  nlohmann::ordered_json json;
  json["games"] = table.games;
  json["teams"] = table.teams;
  json["elo"] = elo_ratings(table);
  json["wins"] = table.wins;
  json["draws"] = table.draws;
  for (std::size_t i = 0; i < table.teams.size(); ++i) {
    auto& row = json["win_rate_ci95"].emplace_back();
    for (std::size_t j = 0; j < table.teams.size(); ++j) {
      row.push_back(i == j ? nlohmann::ordered_json()
                           : nlohmann::ordered_json(wilson_interval(table.wins[i][j], table.games)));
    }
  }
  return json.dump(2) + "\n";
}

}  // namespace fleet
