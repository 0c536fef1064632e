#include "agents/self_play/opponent_env.h"

#include <algorithm>

#include "cuda/philox.h"
#include "cuda/require.h"
#include "envs/metric_column.h"

namespace fleet::agents {
namespace {

envs::EnvSpec spec_of_team(envs::EnvSpec match) {
  require(match.num_teams == 2, "the task has no second team");
  match.num_players /= 2;
  match.num_teams = 1;
  return match;
}

}  // namespace

OpponentEnv::OpponentEnv(const envs::EnvSpec& match, double present)
    : spec_(spec_of_team(match)),
      match_players_(match.num_players),
      present_(present),
      won_(envs::metric_column(match, "won")),
      lost_(envs::metric_column(match, "lost")),
      buffers_(match),
      actor_(spec_.num_rows(), match.observations[0].dim(), match.action_dim),
      episode_(static_cast<std::size_t>(match.num_envs)),
      opponent_(static_cast<std::size_t>(match.num_envs)) {
  rows_.reserve(static_cast<std::size_t>(spec_.num_rows()));
}

template <class F>
void OpponentEnv::for_each_row(F&& f) const {
  for (int env = 0; env < spec_.num_envs; ++env) {
    for (int player = 0; player < spec_.num_players; ++player) {
      f(env * spec_.num_players + player, env * match_players_ + player);
    }
  }
}

void OpponentEnv::hand_over(const std::vector<BatchView<float>>& from,
                            const std::vector<BatchView<float>>& to) const {
  for (std::size_t group = 0; group < to.size(); ++group) {
    for_each_row([&](int here, int there) {
      std::ranges::copy(from[group].row(there), to[group].row(here).begin());
    });
  }
}

void OpponentEnv::begin(std::uint64_t seed, const envs::StepBuffers& out) {
  seed_ = seed;
  std::ranges::fill(episode_, 0);
  for (int env = 0; env < spec_.num_envs; ++env) {
    draw_opponent(env);
  }
  counts_ = {};
  hand_over(buffers_.views.observation, out.observation);
}

void OpponentEnv::reset(std::uint64_t seed, const envs::StepBuffers& out) {
  match_->reset(seed, buffers_.views);
  begin(seed, out);
}

void OpponentEnv::reset_to(std::uint64_t seed, BatchView<const double> qpos,
                           BatchView<const double> qvel, const envs::StepBuffers& out) {
  match_->reset_to(seed, qpos, qvel, buffers_.views);
  begin(seed, out);
}

void OpponentEnv::draw_opponent(int env) {
  const auto k = static_cast<std::size_t>(env);
  Random random(seed_, static_cast<std::uint32_t>(spec_.first_env + env),
                static_cast<std::uint32_t>(episode_[k]), 0,
                static_cast<std::uint32_t>(Purpose::kOpponent));
  const int others = static_cast<int>(opponents_.size()) - 1;
  opponent_[k] = others == 0 || random.bernoulli(present_) ? 0 : 1 + random.index(others);
}

void OpponentEnv::let_opponents_act() {
  for (std::size_t k = 0; k < opponents_.size(); ++k) {
    rows_.clear();
    for (int env = 0; env < spec_.num_envs; ++env) {
      if (opponent_[static_cast<std::size_t>(env)] != static_cast<std::int32_t>(k)) {
        continue;
      }
      for (int player = spec_.num_players; player < match_players_; ++player) {
        rows_.push_back(env * match_players_ + player);
      }
    }
    actor_.act(*opponents_[k], rows_, buffers_.views.observation[0], buffers_.action_view());
  }
}

void OpponentEnv::count_game(int env) {
  GameCounts& counts = counts_[opponent_[static_cast<std::size_t>(env)] == 0 ? 0 : 1];
  const int row = env * match_players_;
  const auto metric = [&](int k) { return k < 0 ? 0.0 : double{buffers_.views.metrics(row, k)}; };
  counts.games += 1.0;
  counts.won += metric(won_);
  counts.lost += metric(lost_);
}

void OpponentEnv::step(BatchView<const float> action, const envs::StepBuffers& out) {
  require_shape("action", action, spec_.num_rows(), spec_.action_dim);
  for_each_row([&](int here, int there) {
    std::ranges::copy(action.row(here), buffers_.action_view().row(there).begin());
  });
  let_opponents_act();
  match_->step(buffers_.action_view(), buffers_.views);
  hand_over(buffers_.views.observation, out.observation);
  hand_over(buffers_.views.final_observation, out.final_observation);
  for_each_row([&](int here, int there) {
    const auto to = static_cast<std::size_t>(here);
    const auto from = static_cast<std::size_t>(there);
    out.reward[to] = buffers_.reward[from];
    out.terminated[to] = buffers_.terminated[from];
    if (out.metrics.num_columns() > 0) {
      std::ranges::copy(buffers_.views.metrics.row(there), out.metrics.row(here).begin());
    }
  });
  std::ranges::copy(buffers_.truncated, out.truncated.begin());
  for (int env = 0; env < spec_.num_envs; ++env) {
    const auto k = static_cast<std::size_t>(env);
    if (buffers_.truncated[k] != 0 ||
        buffers_.terminated[k * static_cast<std::size_t>(match_players_)] != 0) {
      count_game(env);
      ++episode_[k];
      draw_opponent(env);
    }
  }
}

std::array<GameCounts, 2> OpponentEnv::take_counts() { return std::exchange(counts_, {}); }

Fields OpponentEnv::state() {
  const BatchView<float> seen = buffers_.views.observation[0];
  return {make_field("seed", {1}, &seed_),
          make_field("episode", {spec_.num_envs}, episode_.data()),
          make_field("opponent", {spec_.num_envs}, opponent_.data()),
          make_field("observation", {seen.num_rows(), seen.num_columns()}, seen.data())};
}

}  // namespace fleet::agents
