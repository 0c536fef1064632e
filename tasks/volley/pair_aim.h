#pragma once

#include "tasks/volley/ball_aim.h"
#include "tasks/volley/volley_state.h"

// Where the players of a pair are to send the ball: what they may see, and what may guide their
// training where hits come too seldom.

namespace fleet::tasks {

/// Where a ball that leaves a racket is to be, and how long after.
template <class R>
struct PairGoal {
  Vec3<R> target;  ///< m, of the ball's centre
  R way;           ///< s
};

/// To lob the ball to where the other belongs; the attacker of a spike: to the target.
/// @param height m, at which the ball leaves
template <class R>
PairGoal<R> goal_of_pair(const VolleyNumbers& n, int player, R height) {
  constexpr double kPassTop = 4.4;    // m; a pass counts above 4
  constexpr double kSetTop = 5.0;     // m
  constexpr double kSpikeTime = 0.8;  // s; in more than .85 from the attacker's place it would rise
  const bool passes = n.kind == VolleyKind::kBumpAndPass;
  if (!passes && player == 1) {
    return {constant<R>(kSpikeTarget), R(kSpikeTime)};
  }
  Vec3<R> target = constant<R>(n.anchor[static_cast<std::size_t>(1 - player)]);
  target.z = target.z + R(n.bounce.racket_top());
  return {target, lob_time(height, target.z, R(passes ? kPassTop : kSetTop))};
}

/// How a player would have to meet the ball to send it there.
template <class R>
BallAim<R> aim_of_pair(const VolleyNumbers& n, const Flight<R>& ball, const Vec3<R>& pos,
                       int player) {
  const R time = falling_time(ball, pos.z + R(n.bounce.racket_top()));
  const Flight<R> arrives = ball.after(time);
  const PairGoal<R> goal = goal_of_pair<R>(n, player, arrives.pos.z);
  return aim_in_time(arrives, time, goal.target, goal.way, n.bounce.drone_restitution);
}

/// 1 for a ball on its way from `player` to the goal, less with the distance by which it misses.
template <class R>
R towards_goal(const VolleyNumbers& n, const Flight<R>& ball, int player) {
  const PairGoal<R> goal = goal_of_pair<R>(n, player, ball.pos.z);
  const Vec3<R> miss = ball.after(goal.way).pos - goal.target;
  const R error = dot(miss, miss);
  return R(0.3) / (R(1.0) + R(1.0 / 9.0) * error) + R(0.7) / (R(1.0) + error);
}

}  // namespace fleet::tasks
