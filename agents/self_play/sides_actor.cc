#include "agents/self_play/sides_actor.h"

#include "cuda/require.h"

namespace fleet::agents {

SidesActor::SidesActor(const envs::EnvSpec& match, int first_swapped)
    : first_swapped_(first_swapped),
      actor_(match.num_rows(), match.observations[0].dim(), match.action_dim) {
  require(match.num_teams == 2, "the task is no match of two teams");
  for (int env = 0; env < match.num_envs; ++env) {
    for (int player = 0; player < match.num_players; ++player) {
      const bool is_first_team = player < match.num_players / 2;
      rows_[is_first_team == is_swapped(env) ? 1 : 0].push_back(env * match.num_players + player);
    }
  }
}

void SidesActor::act(const Agent& home, const Agent& away, BatchView<const float> observation,
                     BatchView<float> action) {
  actor_.act(home, rows_[0], observation, action);
  actor_.act(away, rows_[1], observation, action);
}

}  // namespace fleet::agents
