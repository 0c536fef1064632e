#include "apps/match/game.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "agents/self_play/sides_actor.h"
#include "apps/interrupt.h"
#include "cuda/require.h"
#include "envs/env_buffers.h"
#include "envs/metric_column.h"

namespace fleet {
namespace {

/// Columns of a match's metrics.
struct Columns {
  explicit Columns(const envs::EnvSpec& spec)
      : won(find(spec, "won")),
        lost(find(spec, "lost")),
        crossings(find(spec, "crossings")),
        own_hits(find(spec, "own_hits")),
        other_hits(find(spec, "other_hits")),
        serving(find(spec, "serving")),
        fault(find(spec, "fault")) {}

  static int find(const envs::EnvSpec& spec, const std::string& name) {
    const int found = envs::metric_column(spec, name);
    require(found >= 0, "the task is no match: it has no metric '" + name + "'");
    return found;
  }

  int won, lost, crossings, own_hits, other_hits, serving, fault;
};

/// @param metrics of a player of home
Game read_game(const Columns& at, std::span<const float> metrics) {
  const auto value = [&](int k) { return double{metrics[static_cast<std::size_t>(k)]}; };
  return {.winner = value(at.won) > 0.5 ? 0 : value(at.lost) > 0.5 ? 1 : -1,
          .server = value(at.serving) > 0.5 ? 0 : 1,
          .crossings = value(at.crossings),
          .hits = {value(at.own_hits), value(at.other_hits)},
          .fault = static_cast<int>(std::lround(value(at.fault)))};
}

}  // namespace

std::vector<Game> play_games(envs::BatchEnv& env, const agents::Agent& home,
                             const agents::Agent& away, std::uint64_t seed) {
  const envs::EnvSpec& spec = env.spec();
  const Columns at(spec);
  agents::SidesActor actor(spec, (spec.num_envs + 1) / 2);
  envs::EnvBuffers buffers(spec);
  std::vector<Game> games(static_cast<std::size_t>(spec.num_envs));
  std::vector<std::uint8_t> is_over(games.size());
  env.reset(seed, buffers.views);
  while (!std::ranges::all_of(is_over, [](auto over) { return over != 0; }) && !is_interrupted()) {
    actor.act(home, away, buffers.views.observation[0], buffers.action_view());
    env.step(buffers.action_view(), buffers.views);
    for (std::size_t k = 0; k < games.size(); ++k) {
      const int first_row = static_cast<int>(k) * spec.num_players;
      const bool ends =
          buffers.truncated[k] != 0 || buffers.terminated[static_cast<std::size_t>(first_row)] != 0;
      if (is_over[k] == 0 && ends) {
        const bool is_swapped = actor.is_swapped(static_cast<int>(k));
        const int row = first_row + (is_swapped ? spec.num_players / 2 : 0);
        games[k] = read_game(at, buffers.views.metrics.row(row));
        is_over[k] = 1;
      }
    }
  }
  return games;
}

}  // namespace fleet
