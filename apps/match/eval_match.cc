#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/files/atomic_write.h"
#include "apps/interrupt.h"
#include "apps/match/game.h"
#include "apps/match/match_summary.h"
#include "apps/match/team.h"
#include "apps/session.h"

namespace fleet {

int eval_match(const MatchArguments& arguments) {
  files::require_writable(arguments.json);
  catch_interrupts();
  const MatchSetting setting{.task = arguments.task,
                             .games = arguments.games,
                             .num_threads = arguments.num_threads,
                             .assignments = arguments.assignments};
  const envs::EnvConfig config = match_config(setting);
  const auto env = build_env(config);
  const Team home = load_team(setting, arguments.home, env->spec());
  const Team away = load_team(setting, arguments.away, env->spec());
  const std::vector<Game> games = play_games(*env, *home.policy, *away.policy, arguments.seed);
  if (is_interrupted()) {
    fmt::print("Interrupted before all games were played\n");
    return 1;
  }
  MatchSummary summary = summarise(games, env->spec().termination_terms);
  summary.task = arguments.task;
  summary.backend = name_of(config.options.backend);
  summary.home = home.name;
  summary.away = away.name;
  summary.seed = arguments.seed;
  if (arguments.json == "-") {
    fmt::print("{}", to_json(summary));
    return 0;
  }
  fmt::print("{}", to_table(summary));
  if (!arguments.json.empty()) {
    files::atomic_write(arguments.json, to_json(summary));
  }
  return 0;
}

}  // namespace fleet
