#pragma once

#include <array>
#include <span>

#include "tasks/volley/ball_aim.h"
#include "tasks/volley/volley_config.h"

// A team's tactics by rules, from what its players see in a match: who plays the ball, and where
// to; the others go where they belong. Rules see only rows of observations, so they know no more
// than a learnt policy does, and have no memory: a rally may last as long as it will.

namespace fleet::tasks {

/// What a player is to do. Skills are tasks of this folder: hover from any start, and aimed_hit.
struct SkillOrder {
  enum Skill { kGoto, kHit };
  Skill skill = kGoto;
  std::array<double, 3>
      target{};          ///< m, in the team's own frame: to fly to, or for the ball to land
  double net_top = 0.0;  ///< m, how high the ball is to pass the net
};

class RallyRules {
 public:
  static constexpr int kGotoDim = 26;  ///< of the skills' observations
  static constexpr int kHitDim = 33 + BallAim<double>::kDim;

  /// @param config of a match of teams of two or more
  explicit RallyRules(const VolleyConfig& config);

  /// Number of a match's observations.
  int observation_dim() const { return 36 + 7 * team_size_; }

  /// @param rows (team_size x observation_dim()) what a team's players see  @param orders
  /// (team_size)
  void decide(std::span<const float> rows, std::span<SkillOrder> orders) const;

  /// Writes what the ordered skill is to be shown instead of a match's row.
  /// @param row (observation_dim())  @param out (kGotoDim) or (kHitDim)
  void show(std::span<const float> row, const SkillOrder& order, std::span<float> out) const;

 private:
  using Point = std::array<double, 3>;

  std::span<const float> row_of(std::span<const float> rows, int player) const;
  /// @returns who plays the ball, -1: nobody  @param meeting where it comes down
  int choose_hitter(std::span<const float> rows, const Flight<double>& ball, Point& meeting) const;
  Point choose_landing(std::span<const float> row) const;
  Point choose_place(std::span<const float> row, int player, bool gives_way,
                     const Point& meeting) const;

  int team_size_;
  double half_length_, half_width_;
  double net_height_;
  double racket_;  // m, of a ball's centre on the racket above the drone
  double restitution_;
  std::array<Point, kMaxPlayers> home_{};
};

}  // namespace fleet::tasks
