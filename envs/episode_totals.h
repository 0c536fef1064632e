#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "envs/batch_env.h"

namespace fleet::envs {

/// What each env has earned in its running episode and in the episodes that ended since the last
/// take(). One row per env, so that threads never share a sum and the total has a fixed order.
class EpisodeTotals {
 public:
  EpisodeTotals(int num_envs, int num_terms, int num_terminations);

  /// Adds one control step of one env. @param reward_terms summed over players
  void add(int env, std::span<const double> reward_terms, int clipped);

  enum class End { kTerminated, kTimeOut, kDiverged };
  /// Closes the env's episode. @param terminations which termination terms held, or empty
  void close(int env, End end, std::span<const std::uint8_t> terminations);

  /// Sums over envs in index order, and forgets the ended episodes.
  Statistics take(int action_components_per_step);

  void append_state(Fields& fields);

 private:
  std::span<double> row(std::vector<double>& table, int env) const;

  int num_envs_;
  int num_terms_;
  int num_terminations_;
  std::vector<double> running_;       // (num_envs, num_terms + 1) terms, control steps
  std::vector<double> ended_;         // (num_envs, num_terms + 1), over ended episodes
  std::vector<double> counts_;        // (num_envs, kNumCounts)
  std::vector<double> terminations_;  // (num_envs, num_terminations)
};

}  // namespace fleet::envs
