#pragma once

#include <algorithm>

#include "tasks/volley/volley_task.h"

// How an episode begins: one world at a time.

namespace fleet::tasks {

namespace volley {
inline constexpr double kPi = 3.141592653589793;

/// A rotation by roll, pitch, yaw about the body's x, y, z, yaw first.
inline Quat<double> from_angles(double roll, double pitch, double yaw) {
  using physics::axis_angle;
  return axis_angle<double>({0.0, 0.0, 1.0}, yaw) * axis_angle<double>({0.0, 1.0, 0.0}, pitch) *
         axis_angle<double>({1.0, 0.0, 0.0}, roll);
}
}  // namespace volley

inline constexpr double kAbove = 0.02;  // m, of a ball that is just played over the racket

template <class V>
void VolleyTask::start_drone(V& view, Random& random, int player) const {
  const auto around = [&](double half) { return half > 0.0 ? random.uniform(-half, half) : 0.0; };
  const VolleyKind kind = n_.kind;
  const bool far = n_.team(player) == 1;
  std::array<double, 3> pos = n_.anchor[static_cast<std::size_t>(player)];
  std::array<double, 3> spread{0.5, 0.5, 0.2};
  double tilt = 0.1 * volley::kPi;
  double yaw = random.uniform(0.0, 2.0 * volley::kPi);
  if (kind == VolleyKind::kHover) {
    pos = {0.0, 0.0, 1.75};
    spread = {2.5, 2.5, 0.75};
    tilt = 0.2 * volley::kPi;
  } else if (kind == VolleyKind::kAimedHit) {
    const std::array<double, 2> half{n_.match.half_length, n_.match.half_width};
    pos = {0.55 * half[0], 0.0, 2.0};
    spread = {0.45 * half[0], 0.8 * half[1], 0.5};
    yaw = random.uniform(-0.5, 0.5);
  } else if (kind == VolleyKind::kBackAndForth) {
    spread = {};
  } else if (kind == VolleyKind::kMatch) {
    const bool exact = config_.rules == VolleyRules::kUpstream && n_.team_size > 1;
    spread = exact ? std::array{0.0, 0.0, 0.0} : std::array{0.1, 0.1, 0.1};
    tilt = exact ? 0.0 : 0.1;
    yaw = far ? volley::kPi : 0.0;
  }
  tilt = config_.start_tilt > 0.0 ? config_.start_tilt : tilt;
  write3(view, 7 * player,
         Vec3<double>{pos[0] + around(spread[0]), pos[1] + around(spread[1]),
                      pos[2] + around(spread[2])});
  const double roll = around(tilt);
  const double pitch = around(tilt);
  write_quat(view, 7 * player + 3, volley::from_angles(roll, pitch, yaw));
  for (int k = 6 * player; k < 6 * player + 6 && config_.start_speed > 0.0; ++k) {
    view.set_qvel(k, around(config_.start_speed));
  }
}

/// A ball that a drone near by can meet: one to serve, or one that comes over the net; and where it
/// is to land then.
template <class V>
void VolleyTask::start_aimed_hit(V& view, Memory<double>& memory, Random& random) const {
  constexpr double kServes = 0.25;        // share
  constexpr double kReach = 2.0;          // m, along x and y
  constexpr double kMeetingHeight = 2.0;  // m
  const double half_length = n_.match.half_length;
  const double half_width = n_.match.half_width;
  const auto across = [&](double share) { return random.uniform(-share, share) * half_width; };
  memory.target = {-random.uniform(0.3, 0.9) * half_length, across(0.8), n_.bounce.ball_radius};
  memory.net_top = n_.net_height + random.uniform(0.3, 2.0);
  const Vec3<double> drone = read3(view, 0);
  Flight<double> ball{drone, {0.0, 0.0, 0.0}};
  ball.pos.z += config_.serve_height;
  if (!random.bernoulli(kServes)) {
    const auto near = [&](double x) { return x + random.uniform(-kReach, kReach); };
    const Vec3<double> meeting{std::clamp(near(drone.x), 0.15 * half_length, half_length),
                               std::clamp(near(drone.y), -half_width, half_width), kMeetingHeight};
    const double time = random.uniform(1.1, 1.8);
    ball.pos = {-random.uniform(0.1, 1.0) * half_length, across(1.0), random.uniform(1.5, 2.5)};
    ball.velocity = launch(ball.pos, meeting, time);
  }
  set_ball(view, n_, ball);
}

/// Players are on the move.
template <class V>
void VolleyTask::scatter_players(V& view, Random& random) const {
  constexpr double kSpread = 0.8;     // m, from where an episode begins, along x and y
  constexpr double kMostSpeed = 1.0;  // m/s, along each axis
  for (int player = 0; player < n_.num_players; ++player) {
    const Vec3<double> off{random.uniform(-kSpread, kSpread), random.uniform(-kSpread, kSpread),
                           random.uniform(-0.5, 0.5) * kSpread};
    write3(view, 7 * player, read3(view, 7 * player) + off);
    for (int k = 6 * player; k < 6 * player + 3; ++k) {
      view.set_qvel(k, random.uniform(-kMostSpeed, kMostSpeed));
    }
  }
}

/// A ball that a player of a pair has just played to the other, not all too well.
template <class V>
void VolleyTask::start_in_pass(V& view, Memory<double>& memory, Random& random) const {
  constexpr double kMiss = 0.8;  // m, along x and y
  scatter_players(view, random);
  const int hitter = n_.kind == VolleyKind::kBumpAndPass ? random.index(2) : 0;
  const DroneState<double> drone = drone_state(view, hitter);
  const Vec3<double> from = add_scaled(drone.pos, drone.up(), n_.bounce.racket_top() + kAbove);
  PairGoal<double> goal = goal_of_pair(n_, hitter, from.z);
  goal.target.x += random.uniform(-kMiss, kMiss);
  goal.target.y += random.uniform(-kMiss, kMiss);
  set_ball(view, n_, {from, launch(from, goal.target, goal.way)});
  memory.turn = 1.0 - hitter;
  memory.since_hit[static_cast<std::size_t>(hitter)] = 0.0;
}

/// A ball that a player of `team` has just played into the other half.
template <class V>
void VolleyTask::start_in_rally(V& view, Memory<double>& memory, Random& random, int team) const {
  scatter_players(view, random);
  const int hitter = team * n_.team_size + random.index(n_.team_size);
  const DroneState<double> drone = turned(drone_state(view, hitter), team == 1);
  const Vec3<double> from = add_scaled(drone.pos, drone.up(), n_.bounce.racket_top() + kAbove);
  const Vec3<double> landing{-random.uniform(0.3, 1.0) * n_.match.half_length,
                             random.uniform(-0.95, 0.95) * n_.match.half_width,
                             n_.bounce.ball_radius};
  const double time = flight_time(from, landing, n_.net_height + random.uniform(0.3, 2.0));
  const Vec3<double> velocity = launch(from, landing, time);
  set_ball(view, n_, {turned(from, team == 1), turned(velocity, team == 1)});
  begin_after_hit(n_.match, hitter, memory.match);
  memory.since_hit[static_cast<std::size_t>(hitter)] = 0.0;
}

template <class V>
void VolleyTask::start(V& view, Memory<double>& memory, const Draws& draws) const {
  memory = {};
  memory.throttle.fill(n_.drone.hover_throttle);
  memory.since_hit.fill(100.0);
  memory.since_reached = 100.0;
  Random random = draws(Purpose::kReset);
  // The serve goes from team to team, and neighbouring envs begin with different ones.
  const int serving = static_cast<int>((draws.env + draws.episode) % 2);
  for (int player = 0; player < n_.num_players; ++player) {
    start_drone(view, random, player);
  }
  const double heading = random.uniform(0.0, 2.0 * volley::kPi);
  if (n_.kind == VolleyKind::kHover) {
    memory.target = {std::cos(heading), std::sin(heading), 0.0};
  } else if (n_.kind == VolleyKind::kBackAndForth) {
    memory.target = config_.anchors[1];
  }
  if (config_.has_ball()) {
    const int server = n_.kind == VolleyKind::kMatch ? serving * n_.team_size + config_.server : 0;
    Vec3<double> above = read3(view, 7 * server);
    above.z += config_.serve_height;
    write3(view, 7 * n_.num_players, above);
    if (n_.kind == VolleyKind::kAimedHit) {
      start_aimed_hit(view, memory, random);
    }
    begin_rally(n_.match, serving, config_.server, memory.match);
    if (config_.rally_starts > 0.0 && !draws.evaluation && random.bernoulli(config_.rally_starts)) {
      n_.kind == VolleyKind::kMatch ? start_in_rally(view, memory, random, serving)
                                    : start_in_pass(view, memory, random);
    }
    above = read3(view, 7 * n_.num_players);
    memory.ball_before = {above.x, above.y, above.z};
    memory.top = above.z;
  }
}

}  // namespace fleet::tasks
