#pragma once

#include "tasks/volley/ball_flight.h"
#include "tasks/volley/match.h"

// What a view shows of players and ball, and the turn of the court by which the far team sees it.

namespace fleet::tasks {

inline constexpr std::array<double, 3> kSpikeTarget{-4.5, 0.0, 0.0};  ///< m
inline constexpr double kSpikeRadius = 1.0;                           ///< m

/// The numbers of a task that its formulas read.
struct VolleyNumbers {
  VolleyNumbers(const VolleyConfig& config);

  VolleyKind kind;
  int num_players, team_size;
  int first_body = 1;        ///< the body of player 0; the others follow
  double control_period;     ///< s
  Quadrotor drone;
  BounceNumbers bounce;
  MatchNumbers match;
  double reach;              ///< m: no drone meets a ball that is farther off after a step
  double net_height, net_depth;  ///< m; the net reaches so far to both sides
  std::array<std::array<double, 3>, kMaxPlayers> anchor{};
  bool shaping;
  bool observe_aim;
  bool has_guides = false;   ///< a task whose guides to the ball weigh something
  bool any_touch_counts;     ///< upstream: a hit need not be with the racket where nobody plays against

  int team(int player) const { return kind == VolleyKind::kMatch ? player / team_size : 0; }
};

template <class R>
struct DroneState {
  Vec3<R> pos;            ///< m
  Quat<R> quat;
  Vec3<R> velocity;       ///< m/s, world
  Vec3<R> rate;           ///< rad/s, body
  physics::Mat3<R> axes;  ///< from body to world

  Vec3<R> heading() const { return column(axes, 0); }
  Vec3<R> up() const { return column(axes, 2); }
  DroneMotion<R> motion() const { return {pos, axes, velocity, rate}; }
};

template <class V>
Vec3<typename V::Real> read3(V& view, int first_qpos) {
  return {view.qpos(first_qpos), view.qpos(first_qpos + 1), view.qpos(first_qpos + 2)};
}
template <class V>
Vec3<typename V::Real> read_velocity3(V& view, int first_qvel) {
  return {view.qvel(first_qvel), view.qvel(first_qvel + 1), view.qvel(first_qvel + 2)};
}
template <class V>
void write3(V& view, int first_qpos, const Vec3<typename V::Real>& value) {
  view.set_qpos(first_qpos, value.x);
  view.set_qpos(first_qpos + 1, value.y);
  view.set_qpos(first_qpos + 2, value.z);
}
template <class V>
void write_velocity3(V& view, int first_qvel, const Vec3<typename V::Real>& value) {
  view.set_qvel(first_qvel, value.x);
  view.set_qvel(first_qvel + 1, value.y);
  view.set_qvel(first_qvel + 2, value.z);
}
template <class V>
void write_quat(V& view, int first_qpos, const Quat<typename V::Real>& value) {
  view.set_qpos(first_qpos, value.w);
  view.set_qpos(first_qpos + 1, value.x);
  view.set_qpos(first_qpos + 2, value.y);
  view.set_qpos(first_qpos + 3, value.z);
}

/// Of length one. Half a turn about z swaps w with z and x with y: not one bit of the length differs.
template <class R>
Quat<R> unit(const Quat<R>& q) {
  const R scale = R(1.0) / sqrt((squared(q.w) + squared(q.z)) + (squared(q.x) + squared(q.y)));
  return {q.w * scale, q.x * scale, q.y * scale, q.z * scale};
}

template <class V>
DroneState<typename V::Real> drone_state(V& view, int player) {
  const int q = 7 * player;
  const int v = 6 * player;
  DroneState<typename V::Real> drone;
  drone.pos = read3(view, q);
  drone.quat = unit(Quat<typename V::Real>{view.qpos(q + 3), view.qpos(q + 4), view.qpos(q + 5),
                                           view.qpos(q + 6)});
  drone.velocity = read_velocity3(view, v);
  drone.rate = read_velocity3(view, v + 3);
  drone.axes = matrix(drone.quat);
  return drone;
}

/// The ball comes after the players, the board after the ball.
template <class V>
Flight<typename V::Real> ball_state(V& view, const VolleyNumbers& n) {
  return {read3(view, 7 * n.num_players), read_velocity3(view, 6 * n.num_players)};
}
template <class V>
void set_ball(V& view, const VolleyNumbers& n, const Flight<typename V::Real>& ball) {
  write3(view, 7 * n.num_players, ball.pos);
  write_velocity3(view, 6 * n.num_players, ball.velocity);
}

/// The court turned by half a turn about z, so that both teams play from x > 0. Exact.
template <class R>
Vec3<R> turned(const Vec3<R>& v, bool far) {
  return far ? Vec3<R>{-v.x, -v.y, v.z} : v;
}
template <class R>
DroneState<R> turned(DroneState<R> drone, bool far) {
  if (far) {
    const Quat<R> q = drone.quat;
    drone.pos = turned(drone.pos, far);
    drone.velocity = turned(drone.velocity, far);
    drone.quat = {-q.z, -q.y, q.x, q.w};
    drone.axes = matrix(drone.quat);
  }
  return drone;
}
/// The same rotation, of the two quaternions that have it the one with w >= 0.
template <class R>
Quat<R> with_positive_w(const Quat<R>& q) {
  const R sign = select(less(q.w, R(0.0)), R(-1.0), R(1.0));
  return {q.w * sign, q.x * sign, q.y * sign, q.z * sign};
}

template <class R>
R distance(const Vec3<R>& a, const Vec3<R>& b) {
  return physics::norm(a - b);
}
/// The cosine of the angle between two directions on the ground plan; 0 where one has none.
template <class R>
R cosine_xy(const Vec3<R>& a, const Vec3<R>& b) {
  const R lengths = sqrt((squared(a.x) + squared(a.y)) * (squared(b.x) + squared(b.y)));
  const auto none = less(lengths, R(1e-9));
  return select(none, R(0.0), (a.x * b.x + a.y * b.y) / select(none, R(1.0), lengths));
}
/// A point or direction that is the same in every env.
template <class R>
Vec3<R> constant(const std::array<double, 3>& from) {
  return {R(from[0]), R(from[1]), R(from[2])};
}

}  // namespace fleet::tasks
