#pragma once

#include <string>
#include <vector>

namespace fleet {

/// Results of every team against every other: [home][away], home's wins and draws by games.
struct CrossTable {
  std::vector<std::string> teams;
  int games = 0;  ///< of each pair
  std::vector<std::vector<int>> wins;   ///< (teams, teams); the diagonal is not played
  std::vector<std::vector<int>> draws;  ///< (teams, teams), symmetric
};

/// Ratings by Elo's model, of which 400 points are odds of ten to one, around a mean of 1000: those
/// under which the table is most likely, a draw being half a win (Bradley and Terry, 1952, by
/// Hunter's iteration, 2004). Each pair counts one game more, a draw, so that all are finite.
std::vector<double> elo_ratings(const CrossTable& table);

std::string to_table(const CrossTable& table);
std::string to_json(const CrossTable& table);

}  // namespace fleet
