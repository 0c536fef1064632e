#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "agents/agent.h"
#include "agents/self_play/row_actor.h"
#include "envs/batch_env.h"
#include "envs/env_buffers.h"

namespace fleet::agents {

/// Games that ended, seen from the learner's side.
struct GameCounts {
  double games = 0.0, won = 0.0, lost = 0.0;
};

/// One team's half of a match: an env of team 0's players, where policies that do not learn drive
/// the other team's. Teams see the same game, the far one turned, so one policy plays on both sides.
///
/// Each env draws, at the start of an episode, the opponent that it meets in it.
class OpponentEnv final : public envs::BatchEnv {
 public:
  /// @param match of two teams  @param present share of the games against opponent 0
  OpponentEnv(const envs::EnvSpec& match, double present);

  /// To be called before anything else; the match must outlive this env.
  void attach(envs::BatchEnv& match) { match_ = &match; }
  /// May grow from episode to episode, and never shrinks. Opponent 0 is always there.
  void set_opponents(std::vector<const Agent*> opponents) { opponents_ = std::move(opponents); }

  const envs::EnvSpec& spec() const override { return spec_; }
  void reset(std::uint64_t seed, const envs::StepBuffers& out) override;
  void step(BatchView<const float> action, const envs::StepBuffers& out) override;
  /// States, unrounded copies and dumps are those of the whole match.
  void reset_to(std::uint64_t seed, BatchView<const double> qpos, BatchView<const double> qvel,
                const envs::StepBuffers& out) override;
  void record(const envs::UnroundedBuffers& buffers) override { match_->record(buffers); }
  void randomise_episode_clocks() override { match_->randomise_episode_clocks(); }
  /// What it adds to the match's own state.
  Fields state() override;
  void restore() override {}
  envs::Statistics take_statistics() override { return match_->take_statistics(); }
  Fields divergence_dump() override { return match_->divergence_dump(); }
  int nq() const override { return match_->nq(); }
  int nv() const override { return match_->nv(); }

  /// Of the games since the last call: against opponent 0, and against the others.
  std::array<GameCounts, 2> take_counts();

 private:
  void begin(std::uint64_t seed, const envs::StepBuffers& out);
  void draw_opponent(int env);
  void let_opponents_act();
  void count_game(int env);
  /// Calls f(row here, row of the match) for the learner's rows.
  template <class F>
  void for_each_row(F&& f) const;
  void hand_over(const std::vector<BatchView<float>>& from,
                 const std::vector<BatchView<float>>& to) const;

  envs::EnvSpec spec_;  // team 0's
  int match_players_;
  double present_;
  int won_, lost_;  // columns of the metrics; -1: none
  envs::BatchEnv* match_ = nullptr;
  std::vector<const Agent*> opponents_;
  envs::EnvBuffers buffers_;  // of the match
  RowActor actor_;
  std::vector<int> rows_;  // of one opponent
  std::uint64_t seed_ = 0;
  std::vector<std::int32_t> episode_;   // (num_envs)
  std::vector<std::int32_t> opponent_;  // (num_envs)
  std::array<GameCounts, 2> counts_{};
};

}  // namespace fleet::agents
