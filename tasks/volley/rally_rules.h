#pragma once

#include <array>
#include <span>

#include "tasks/volley/ball_aim.h"
#include "tasks/volley/volley_config.h"

// A team's tactics by rules, from what its players see in a match: who plays the ball, and where
// to; the others go where they belong. Rules see only rows of observations, so they know no more
// than a learnt policy does, and have no memory: a rally may last as long as it will. What there is
// to choose is a RallyPlan: the rules make one at every step, or another high level hands them one.

namespace fleet::tasks {

inline constexpr std::size_t kMaxTeam = kMaxPlayers / 2;

/// Columns of what a player sees in a match of teams of n; those after kPlayer move with n.
struct MatchRow {
  static constexpr std::size_t kPos = 0, kAttitude = 3, kVelocity = 7, kHeading = 13, kUp = 16,
                               kBall = 26, kBallVelocity = 29, kIsHere = 32, kPlayer = 34;
  static constexpr std::size_t may_hit(std::size_t n) { return kPlayer + n; }
  static constexpr std::size_t players(std::size_t n) { return kPlayer + 2 + n; }
};

/// What a team means to do, in its own frame.
struct RallyPlan {
  std::array<double, 3> landing{};            ///< m, of the ball that one of its players hits
  double net_top = 0.0;                       ///< m, how high that ball is to pass the net
  std::array<double, kMaxTeam> head_start{};  ///< m, by which a player counts as nearer to a ball
  std::array<std::array<double, 2>, kMaxTeam> shift{};  ///< m, of where a player waits, from home
};

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

  /// The rules' own plan. @param rows (team_size x observation_dim()) what a team's players see
  RallyPlan make_plan(std::span<const float> rows) const;

  /// What a plan means for each player as things stand. @param orders (team_size)
  void order(std::span<const float> rows, const RallyPlan& plan,
             std::span<SkillOrder> orders) const;

  /// Both of these.
  void decide(std::span<const float> rows, std::span<SkillOrder> orders) const {
    order(rows, make_plan(rows), orders);
  }

  /// The ball that a team sees, in the team's own frame.
  Flight<double> ball_of(std::span<const float> rows) const;

  /// @returns who plays the ball, -1: nobody  @param meeting where it comes down
  int choose_hitter(std::span<const float> rows, const RallyPlan& plan,
                    std::array<double, 3>& meeting) const;

  /// Writes what the ordered skill is to be shown instead of a match's row.
  /// @param row (observation_dim())  @param out (kGotoDim) or (kHitDim)
  void show(std::span<const float> row, const SkillOrder& order, std::span<float> out) const;

 private:
  using Point = std::array<double, 3>;

  std::span<const float> row_of(std::span<const float> rows, int player) const;
  Point choose_landing(std::span<const float> row) const;
  Point choose_place(std::span<const float> row, const Point& home, bool gives_way,
                     const Point& meeting) const;
  Point waiting_place(int player, const RallyPlan& plan) const;

  int team_size_;
  double half_length_, half_width_;
  double net_height_;
  double racket_;  // m, of a ball's centre on the racket above the drone
  double restitution_;
  std::array<Point, kMaxTeam> home_{};
};

}  // namespace fleet::tasks
