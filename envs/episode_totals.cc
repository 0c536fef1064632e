#include "envs/episode_totals.h"

#include <algorithm>

namespace fleet::envs {
namespace {

enum Count { kEpisodes, kTimeOuts, kDivergences, kClipped, kSteps, kNumCounts };

std::size_t size(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

}  // namespace

EpisodeTotals::EpisodeTotals(int num_envs, int num_terms, int num_terminations)
    : num_envs_(num_envs),
      num_terms_(num_terms),
      num_terminations_(num_terminations),
      running_(size(num_envs, num_terms + 1)),
      ended_(size(num_envs, num_terms + 1)),
      counts_(size(num_envs, kNumCounts)),
      terminations_(size(num_envs, num_terminations)) {}

std::span<double> EpisodeTotals::row(std::vector<double>& table, int env) const {
  const std::size_t columns = table.size() / static_cast<std::size_t>(num_envs_);
  return {table.data() + columns * static_cast<std::size_t>(env), columns};
}

void EpisodeTotals::add(int env, std::span<const double> reward_terms, int clipped) {
  const std::span<double> sums = row(running_, env);
  for (std::size_t term = 0; term < reward_terms.size(); ++term) {
    sums[term] += reward_terms[term];
  }
  sums.back() += 1.0;
  row(counts_, env)[kClipped] += clipped;
  row(counts_, env)[kSteps] += 1.0;
}

void EpisodeTotals::close(int env, End end, std::span<const std::uint8_t> terminations) {
  const std::span<double> sums = row(running_, env);
  const std::span<double> ended = row(ended_, env);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    ended[i] += sums[i];
    sums[i] = 0.0;
  }
  const std::span<double> counts = row(counts_, env);
  counts[kEpisodes] += 1.0;
  counts[kTimeOuts] += end == End::kTimeOut ? 1.0 : 0.0;
  counts[kDivergences] += end == End::kDiverged ? 1.0 : 0.0;
  for (std::size_t i = 0; i < terminations.size(); ++i) {
    row(terminations_, env)[i] += terminations[i];
  }
}

Statistics EpisodeTotals::take(int action_components_per_step) {
  Statistics result;
  result.reward_sums.assign(static_cast<std::size_t>(num_terms_), 0.0);
  result.termination_counts.assign(static_cast<std::size_t>(num_terminations_), 0.0);
  std::vector<double> counts(kNumCounts, 0.0);
  for (int env = 0; env < num_envs_; ++env) {
    const std::span<double> ended = row(ended_, env);
    for (std::size_t term = 0; term < result.reward_sums.size(); ++term) {
      result.reward_sums[term] += ended[term];
      result.return_sum += ended[term];
    }
    result.length_sum += ended.back();
    for (std::size_t i = 0; i < result.termination_counts.size(); ++i) {
      result.termination_counts[i] += row(terminations_, env)[i];
    }
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] += row(counts_, env)[i];
    }
  }
  result.episodes = static_cast<std::int64_t>(counts[kEpisodes]);
  result.truncations = static_cast<std::int64_t>(counts[kTimeOuts]);
  result.divergences = static_cast<std::int64_t>(counts[kDivergences]);
  result.clipped = static_cast<std::int64_t>(counts[kClipped]);
  result.action_components = static_cast<std::int64_t>(counts[kSteps]) * action_components_per_step;
  for (std::vector<double>* table : {&ended_, &counts_, &terminations_}) {
    std::ranges::fill(*table, 0.0);
  }
  return result;
}

void EpisodeTotals::append_state(Fields& fields) {
  const auto append = [&](const char* name, std::vector<double>& table) {
    const auto columns = static_cast<std::int64_t>(table.size()) / num_envs_;
    fields.push_back(make_field(name, {num_envs_, columns}, table.data()));
  };
  append("env/totals/running", running_);
  append("env/totals/ended", ended_);
  append("env/totals/counts", counts_);
  append("env/totals/terminations", terminations_);
}

}  // namespace fleet::envs
