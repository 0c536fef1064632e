#pragma once

#include <array>

#include "tasks/volley/match.h"

namespace fleet::tasks {

/// What one env of drone volleyball remembers. Flags are 0 or 1; what a task does not need stays 0.
template <class Real>
struct VolleyMemory {
  std::array<Real, kRotors * kMaxPlayers> throttle{};  ///< speed of each rotor, 0 to 1
  // Impacts. Those of one drone within kOneHit control steps are one hit.
  std::array<Real, kMaxPlayers> since_hit{};   ///< control steps
  std::array<Real, kMaxPlayers> racket_hit{};  ///< flags of this control step
  std::array<Real, kMaxPlayers> body_hit{};    ///< flags of this control step: not with the racket
  Real floor_hit{}, net_hit{};                 ///< flags of this control step, of the ball
  MatchMemory<Real> match;
  // Tasks that are no match.
  std::array<Real, 3> target{};  ///< m, or hover's heading
  Real count{};                  ///< steps near the target; true hits
  Real reached{};                ///< targets; stages of a set and spike; net crossings in a pass
  Real since_reached{};          ///< control steps
  Real turn{};                   ///< whose: 0, 1; 2: nobody's, the spike is on its way
  Real top{}, top_sum{};         ///< m, of the ball since the last hit; over hits
  Real high_hits{};              ///< after a top above kGoodTop
  Real net_top{};                ///< m, how high an aimed hit is to pass the net
  std::array<Real, 3> ball_before{};  ///< m, one control step ago
  // The board of set-and-spike hard.
  Real board_time{};                     ///< s until it gives up; 0: idle
  Real board_returned{}, board_tried{};  ///< flags
  std::array<Real, 3> board_aim{};       ///< m
  std::array<Real, 3> board_normal{};    ///< at the impact
  std::array<Real, 3> board_velocity{};  ///< m/s, at the impact

  void fields(auto&& visit) {
    visit("throttle", throttle);
    visit("since_hit", since_hit);
    visit("racket_hit", racket_hit);
    visit("body_hit", body_hit);
    visit("floor_hit", floor_hit);
    visit("net_hit", net_hit);
    match.fields(visit);
    visit("target", target);
    visit("count", count);
    visit("reached", reached);
    visit("since_reached", since_reached);
    visit("turn", turn);
    visit("top", top);
    visit("top_sum", top_sum);
    visit("high_hits", high_hits);
    visit("net_top", net_top);
    visit("ball_before", ball_before);
    visit("board_time", board_time);
    visit("board_returned", board_returned);
    visit("board_tried", board_tried);
    visit("board_aim", board_aim);
    visit("board_normal", board_normal);
    visit("board_velocity", board_velocity);
  }
};

inline constexpr double kOneHit = 3.0;  ///< control steps

}  // namespace fleet::tasks
