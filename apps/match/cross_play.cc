#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/files/atomic_write.h"
#include "apps/interrupt.h"
#include "apps/match/cross_table.h"
#include "apps/match/game.h"
#include "apps/match/team.h"
#include "apps/session.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

/// Counts the games of a pair for both.
void enter(const std::vector<Game>& games, std::size_t i, std::size_t j, CrossTable& table) {
  for (const Game& game : games) {
    table.wins[i][j] += game.winner == 0 ? 1 : 0;
    table.wins[j][i] += game.winner == 1 ? 1 : 0;
    table.draws[i][j] += game.winner < 0 ? 1 : 0;
  }
  table.draws[j][i] = table.draws[i][j];
}

}  // namespace

int cross_play(const CrossPlayArguments& arguments) {
  if (arguments.teams.size() < 2) {
    throw UserError("cross-play: name two teams or more");
  }
  files::require_writable(arguments.json);
  catch_interrupts();
  const MatchSetting setting{.task = arguments.task,
                             .games = arguments.games,
                             .num_threads = arguments.num_threads,
                             .assignments = arguments.assignments};
  const auto env = build_env(match_config(setting));
  std::vector<Team> teams;
  for (const std::string& name : arguments.teams) {
    teams.push_back(load_team(setting, name, env->spec()));
  }
  const std::vector<int> zeros(teams.size());
  CrossTable table{.teams = arguments.teams,
                   .games = arguments.games,
                   .wins = {teams.size(), zeros},
                   .draws = {teams.size(), zeros}};
  for (std::size_t i = 0; i < teams.size(); ++i) {
    for (std::size_t j = i + 1; j < teams.size(); ++j) {
      enter(play_games(*env, *teams[i].policy, *teams[j].policy, arguments.seed), i, j, table);
      if (is_interrupted()) {
        fmt::print("Interrupted before all games were played\n");
        return 1;
      }
    }
  }
  fmt::print("{}", arguments.json == "-" ? to_json(table) : to_table(table));
  if (!arguments.json.empty() && arguments.json != "-") {
    files::atomic_write(arguments.json, to_json(table));
  }
  return 0;
}

}  // namespace fleet
