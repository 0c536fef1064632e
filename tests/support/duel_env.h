#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "envs/plain_env.h"

namespace fleet::test {

/// A match of two teams of two, the smallest there is: a game lasts kSteps, and the team whose
/// actions add up to more wins it; equal sums are a draw. Team 0 serves in even envs.
///
/// A row's observation is (step of the game, player of its team). Metrics are those of a match:
/// "crossings" counts the games' steps, "own_hits" is the env's number, "fault" the loser plus 1.
class DuelEnv final : public envs::PlainEnv {
 public:
  static constexpr int kSteps = 4;
  static constexpr int kTeam = 2;
  static constexpr int kPlayers = 2 * kTeam;

  explicit DuelEnv(int num_envs) : games_(static_cast<std::size_t>(num_envs)) {
    spec_.num_envs = num_envs;
    spec_.num_players = kPlayers;
    spec_.num_teams = 2;
    spec_.action_dim = 1;
    spec_.max_episode_steps = 0;
    spec_.control_period = 0.1;
    spec_.observations = {{.name = "actor",
                           .terms = {{.name = "step", .dim = 1, .unit = "1", .frame = "none"},
                                     {.name = "player", .dim = 1, .unit = "1", .frame = "none"}}}};
    spec_.action_bound = {1e6F};  // there is always a better action
    spec_.termination_terms = {"first_loses", "second_loses", "draw"};
    spec_.metrics = {"won", "lost", "crossings", "own_hits", "other_hits", "serving", "fault"};
  }

  /// The action that the last step() was given, (num_rows).
  std::vector<float> last_action;

  void reset(std::uint64_t /*seed*/, const envs::StepBuffers& out) override {
    std::ranges::fill(games_, Game{});
    observe(out.observation);
  }
  void step(BatchView<const float> action, const envs::StepBuffers& out) override {
    last_action.assign(action.data(), action.data() + action.size());
    for (int env = 0; env < spec_.num_envs; ++env) {
      Game& game = games_[static_cast<std::size_t>(env)];
      for (int player = 0; player < kPlayers; ++player) {
        game.lead += (player < kTeam ? 1.0 : -1.0) * double{action(env * kPlayers + player, 0)};
      }
      ++game.step;
      settle(env, game, out);
      game = game.step == kSteps ? Game{} : game;
    }
    observe(out.final_observation);
    observe(out.observation);
  }
  Fields state() override {
    return {make_field("games", {spec_.num_envs, static_cast<std::int64_t>(sizeof(Game))},
                       reinterpret_cast<std::uint8_t*>(games_.data()))};
  }

 private:
  struct Game {
    double lead = 0.0;  // of team 0
    std::int64_t step = 0;
  };

  void settle(int env, const Game& game, const envs::StepBuffers& out) const {
    const bool ends = game.step == kSteps;
    out.truncated[static_cast<std::size_t>(env)] = 0;
    for (int player = 0; player < kPlayers; ++player) {
      const int row = env * kPlayers + player;
      const double lead = player < kTeam ? game.lead : -game.lead;
      const float won = ends && lead > 0.0 ? 1.0F : 0.0F;
      const float lost = ends && lead < 0.0 ? 1.0F : 0.0F;
      out.reward[static_cast<std::size_t>(row)] = won - lost;
      out.terminated[static_cast<std::size_t>(row)] = ends ? 1 : 0;
      const bool serves = (player < kTeam) == (env % 2 == 0);
      const float fault = !ends ? 0.0F : game.lead < 0.0 ? 1.0F : game.lead > 0.0 ? 2.0F : 3.0F;
      const std::vector<float> metrics{won,
                                       lost,
                                       static_cast<float>(game.step),
                                       player < kTeam ? static_cast<float>(env) : 0.0F,
                                       player < kTeam ? 0.0F : static_cast<float>(env),
                                       serves ? 1.0F : 0.0F,
                                       fault};
      if (out.metrics.num_columns() > 0) {
        std::ranges::copy(metrics, out.metrics.row(row).begin());
      }
    }
  }
  void observe(const std::vector<BatchView<float>>& groups) const {
    for (int row = 0; row < spec_.num_rows(); ++row) {
      groups[0](row, 0) = static_cast<float>(games_[static_cast<std::size_t>(row / kPlayers)].step);
      groups[0](row, 1) = static_cast<float>(row % kTeam);
    }
  }

  std::vector<Game> games_;
};

}  // namespace fleet::test
