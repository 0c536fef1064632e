#pragma once

#include <array>

#include "tasks/volley/volley_config.h"
#include "tasks/volley/volley_words.h"

// The rules of a rally, apart from physics: what happened in a stretch of time goes in, whose fault
// it was and who may hit next comes out. Pure and straight-line, for one match or a pack of them.
//
//   serve -> hits of the serving team -> over the net -> hits of the other team -> ... -> a fault
//
// A player may hit once while the ball is on its side; the server alone may begin. One against one,
// the turn passes with the hit. Faults that come first count; both teams' at the same time: a draw.
// Flags and counts are Reals, 0 or 1, as in every task's memory.

namespace fleet::tasks {

/// Why a rally ended, in the order in which faults at the same moment are named.
enum class Fault { kNone, kCrash, kNetCrossing, kTooClose, kWrongTurn, kNoRacket, kNet, kFloor, kOut,
                   kDraw };
inline constexpr std::array<const char*, 9> kFaultNames{
    "crash", "net_crossing", "too_close", "wrong_turn", "no_racket", "ball_in_net", "ball_on_floor",
    "ball_out", "draw"};

struct MatchNumbers {
  int team_size = 1;
  double half_length = 0.0, half_width = 0.0;  ///< m
  double crash_height = 0.3;                   ///< m
  double least_distance = 0.8;                 ///< m, between teammates
  bool turn_by_hit = false;                    ///< one against one
  bool crash_is_draw = false;                  ///< upstream
  bool out_in_air = false;                     ///< upstream: a ball beside the court is out at once

  int num_players() const { return 2 * team_size; }
  int team(int player) const { return player / team_size; }
};

/// What happened in one physics step. Times are s since it began, at least kNever if it did not.
template <class R>
struct RallyEvents {
  std::array<R, kMaxPlayers> hit_time;     ///< a player's hit, counted once
  std::array<R, kMaxPlayers> with_racket;  ///< flag
  R floor_time;                            ///< the ball meets the floor, at:
  R floor_x, floor_y;
  R net_time;                              ///< the ball is in the net
  R ball_x, ball_y;                        ///< m, when the step ends
  std::array<Vec3<R>, kMaxPlayers> player;  ///< m, when the step ends
  R end_time;
};

template <class R>
struct MatchMemory {
  std::array<R, kMaxPlayers> may_hit{};  ///< flags
  R serving{};                           ///< team that serves
  R side{};                              ///< over whose half the ball is: team 0 or 1
  R last_team{};                         ///< who hit last; the serving team before
  R over{};                              ///< flag
  R winner{};                            ///< 1: team 0, -1: team 1, 0: none
  R fault{};                             ///< a Fault
  R crossings{};                         ///< of the net
  std::array<R, 2> hits{};               ///< legal ones, by team
  std::array<R, kMaxPlayers> legal_hit{};   ///< flags of this control step
  std::array<R, kMaxPlayers> too_close{};   ///< flags of this control step

  void fields(auto&& visit) {
    visit("may_hit", may_hit);
    visit("serving", serving);
    visit("side", side);
    visit("last_team", last_team);
    visit("over", over);
    visit("winner", winner);
    visit("fault", fault);
    visit("crossings", crossings);
    visit("hits", hits);
    visit("legal_hit", legal_hit);
    visit("too_close", too_close);
  }
};

/// The first fault of each team.
template <class R>
struct Charges {
  std::array<R, 2> time{R(kNever), R(kNever)};
  std::array<R, 2> fault{R(0.0), R(0.0)};

  void charge(int team, MaskOf<R> guilty, R when, Fault what) {
    const auto k = static_cast<std::size_t>(team);
    const auto first = guilty & less(when, time[k]);
    time[k] = select(first, when, time[k]);
    fault[k] = select(first, R(static_cast<int>(what)), fault[k]);
  }
  void charge(R team, MaskOf<R> guilty, R when, Fault what) {
    charge(0, guilty & !holds(team), when, what);
    charge(1, guilty & holds(team), when, what);
  }
};

/// Begins a rally. @param serving team, 0 or 1
inline void begin_rally(const MatchNumbers& n, int serving, int server,
                        MatchMemory<double>& memory) {
  memory = {};
  memory.may_hit[static_cast<std::size_t>(serving * n.team_size + server)] = 1.0;
  memory.serving = memory.side = memory.last_team = serving;
}

template <class R>
void judge_players(const MatchNumbers& n, const RallyEvents<R>& e, MatchMemory<R>& memory,
                   Charges<R>& charges) {
  for (int i = 0; i < n.num_players(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const R forward(n.team(i) == 0 ? 1.0 : -1.0);
    const auto crashed = less(e.player[k].z, R(n.crash_height));
    charges.charge(n.team(i), crashed, e.end_time, Fault::kCrash);
    charges.charge(1 - n.team(i), crashed & MaskOf<R>(n.crash_is_draw), e.end_time,
                   Fault::kCrash);
    charges.charge(n.team(i), less(e.player[k].x * forward, R(0.0)), e.end_time,
                   Fault::kNetCrossing);
    for (int j = n.team(i) * n.team_size; j < i; ++j) {
      const auto other = static_cast<std::size_t>(j);
      const Vec3<R> between = e.player[k] - e.player[other];
      const auto close = less(dot(between, between), R(n.least_distance * n.least_distance));
      memory.too_close[k] = select(close, R(1.0), memory.too_close[k]);
      memory.too_close[other] = select(close, R(1.0), memory.too_close[other]);
      charges.charge(n.team(i), close, e.end_time, Fault::kTooClose);
      charges.charge(1 - n.team(i), close & MaskOf<R>(n.crash_is_draw), e.end_time,
                     Fault::kTooClose);
    }
  }
}

template <class R>
void judge_hits(const MatchNumbers& n, const RallyEvents<R>& e, const MatchMemory<R>& memory,
                Charges<R>& charges) {
  for (int i = 0; i < n.num_players(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const auto hits = less(e.hit_time[k], R(kNever));
    charges.charge(n.team(i), hits & holds(e.with_racket[k]) & !holds(memory.may_hit[k]), e.hit_time[k],
                   Fault::kWrongTurn);
    charges.charge(n.team(i), hits & !holds(e.with_racket[k]), e.hit_time[k], Fault::kNoRacket);
  }
}

/// @param last_team who hit last when the ball came there
template <class R>
void judge_ball(const MatchNumbers& n, const RallyEvents<R>& e, R last_team, Charges<R>& charges) {
  const auto is_outside = [&](R x, R y) {
    return less(R(n.half_length), abs(x)) | less(R(n.half_width), abs(y));
  };
  charges.charge(last_team, less(e.net_time, R(kNever)), e.net_time, Fault::kNet);
  const auto lands = less(e.floor_time, R(kNever));
  const auto out = is_outside(e.floor_x, e.floor_y);
  const R half = select(less(e.floor_x, R(0.0)), R(1.0), R(0.0));
  charges.charge(half, lands & !out, e.floor_time, Fault::kFloor);
  charges.charge(last_team, lands & out, e.floor_time, Fault::kOut);
  charges.charge(last_team, is_outside(e.ball_x, e.ball_y) & MaskOf<R>(n.out_in_air),
                 e.end_time, Fault::kOut);
}

/// Counts the hits that were in order, and passes the turn on.
template <class R>
void count_hits(const MatchNumbers& n, const RallyEvents<R>& e, MaskOf<R> live, R until,
                MatchMemory<R>& memory) {
  std::array<MaskOf<R>, 2> by_team{MaskOf<R>(false), MaskOf<R>(false)};
  for (int i = 0; i < n.num_players(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const auto team = static_cast<std::size_t>(n.team(i));
    const auto legal = live & holds(e.with_racket[k]) & holds(memory.may_hit[k]) &
                       less(e.hit_time[k], R(kNever)) & less_equal(e.hit_time[k], until);
    memory.legal_hit[k] = select(legal, R(1.0), memory.legal_hit[k]);
    memory.may_hit[k] = select(legal, R(0.0), memory.may_hit[k]);
    memory.hits[team] = memory.hits[team] + select(legal, R(1.0), R(0.0));
    memory.last_team = select(legal, R(n.team(i)), memory.last_team);
    by_team[team] = by_team[team] | legal;
  }
  for (int i = 0; i < n.num_players() && n.turn_by_hit; ++i) {
    R& may_hit = memory.may_hit[static_cast<std::size_t>(i)];
    may_hit = select(by_team[static_cast<std::size_t>(1 - n.team(i))], R(1.0), may_hit);
  }
}

/// The ball comes over the net: those it comes to may hit, the others not any more.
template <class R>
void change_sides(const MatchNumbers& n, R ball_x, MaskOf<R> live, MatchMemory<R>& memory) {
  const R side = select(less(ball_x, R(0.0)), R(1.0), R(0.0));
  const auto changed = live & less(R(0.5), abs(side - memory.side));
  memory.side = select(changed, side, memory.side);
  memory.crossings = memory.crossings + select(changed, R(1.0), R(0.0));
  for (int i = 0; i < n.num_players() && !n.turn_by_hit; ++i) {
    R& may_hit = memory.may_hit[static_cast<std::size_t>(i)];
    const R mine = n.team(i) == 0 ? R(1.0) - side : side;
    may_hit = select(changed, mine, may_hit);
  }
}

/// Begins a rally as if a player had just served.
inline void begin_after_hit(const MatchNumbers& n, int player, MatchMemory<double>& memory) {
  begin_rally(n, n.team(player), player % n.team_size, memory);
  RallyEvents<double> hit{};
  hit.hit_time.fill(kNever);
  hit.hit_time[static_cast<std::size_t>(player)] = 0.0;
  hit.with_racket.fill(1.0);
  count_hits(n, hit, MaskOf<double>(true), kNever, memory);
  memory.legal_hit.fill(0.0);
}

/// What one physics step means for the rally.
template <class R>
void referee(const MatchNumbers& n, const RallyEvents<R>& e, MatchMemory<R>& memory) {
  const auto live = !holds(memory.over);
  Charges<R> charges;
  judge_players(n, e, memory, charges);
  judge_hits(n, e, memory, charges);
  const R before = memory.last_team;
  // A ball that was hit and is in the net within one step was hit first, or came there by itself.
  R last_team = before;
  for (int i = 0; i < n.num_players(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    const auto first = less(e.hit_time[k], e.net_time) & less(e.hit_time[k], R(kNever));
    last_team = select(first, R(n.team(i)), last_team);
  }
  judge_ball(n, e, last_team, charges);
  const R until = minimum(charges.time[0], charges.time[1]);
  count_hits(n, e, live, until, memory);
  const auto ends = live & less(until, R(kNever));
  const auto first_loses = less(charges.time[0], charges.time[1]);
  const auto second_loses = less(charges.time[1], charges.time[0]);
  const R winner = select(first_loses, R(-1.0), select(second_loses, R(1.0), R(0.0)));
  const R fault = select(first_loses, charges.fault[0],
                         select(second_loses, charges.fault[1], R(static_cast<int>(Fault::kDraw))));
  memory.winner = select(ends, winner, memory.winner);
  memory.fault = select(ends, fault, memory.fault);
  memory.over = select(ends, R(1.0), memory.over);
  change_sides(n, e.ball_x, live & !ends, memory);
}

}  // namespace fleet::tasks
