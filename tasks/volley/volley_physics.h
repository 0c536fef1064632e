#pragma once

#include "tasks/volley/board.h"
#include "tasks/volley/volley_memory.h"
#include "tasks/volley/volley_state.h"

// What the task does before and after each physics step: the rotors' forces, then the impacts.

namespace fleet::tasks {

/// The speeds that a player's action asks of its rotors.
template <class R>
void command_rotors(const Quadrotor& drone, const R* action, const Vec3<R>& rate, R* throttle) {
  if (drone.interface == DroneInterface::kBodyRate) {
    mix_rates(drone, action, rate, throttle);
    return;
  }
  for (int rotor = 0; rotor < kRotors; ++rotor) {
    throttle[rotor] = commanded_throttle(action[rotor]);
  }
}

/// Rotors speed up, velocities die down, and the rotors' wrenches are applied.
template <class V, class M>
void drive_drones(const VolleyNumbers& n, V& view, M& memory, const typename V::Real* action) {
  using R = typename V::Real;
  std::array<DroneState<R>, kMaxPlayers> drones;
  std::array<R, kMaxPlayers> thrust;
  for (int i = 0; i < n.num_players; ++i) {
    for (int k = 6 * i; k < 6 * i + 6; ++k) {
      view.set_qvel(k, view.qvel(k) * R(n.drone.decay));
    }
    const auto player = static_cast<std::size_t>(i);
    DroneState<R>& drone = drones[player] = drone_state(view, i);
    R* const throttle = &memory.throttle[kRotors * player];
    std::array<R, kRotors> wanted;
    command_rotors(n.drone, action + kRotors * i, drone.rate, wanted.data());
    for (std::size_t rotor = 0; rotor < kRotors; ++rotor) {
      throttle[rotor] = next_throttle(n.drone, throttle[rotor], wanted[rotor]);
    }
    const Wrench<R> wrench = rotor_wrench(n.drone, throttle);
    thrust[player] = wrench.force.z;
    const Vec3<R> torque = drone.axes * wrench.torque;
    view.set_xfrc_applied(n.first_body + i, 3, torque.x);
    view.set_xfrc_applied(n.first_body + i, 4, torque.y);
    view.set_xfrc_applied(n.first_body + i, 5, torque.z);
  }
  for (int i = 0; i < n.num_players; ++i) {
    const auto player = static_cast<std::size_t>(i);
    Vec3<R> force = drones[player].up() * thrust[player];
    for (int j = 0; j < n.num_players; ++j) {
      const auto other = static_cast<std::size_t>(j);
      if (j != i) {
        force = force + downwash(thrust[other], drones[other].up(),
                                 drones[other].pos - drones[player].pos);
      }
    }
    view.set_xfrc_applied(n.first_body + i, 0, force.x);
    view.set_xfrc_applied(n.first_body + i, 1, force.y);
    view.set_xfrc_applied(n.first_body + i, 2, force.z);
  }
}

/// Adds what an impact changed of a drone, where `mask` says that it took part.
template <class V>
void kick_drone(V& view, int player, const MaskOf<typename V::Real>& mask,
                const DroneState<typename V::Real>& drone, const Kick<typename V::Real>& kick,
                typename V::Real left) {
  using R = typename V::Real;
  const Vec3<R> none{R(0.0), R(0.0), R(0.0)};
  const Vec3<R> velocity = physics::select<R>(mask, kick.velocity, none);
  const Vec3<R> rate = physics::select<R>(mask, kick.rate, none);
  const Vec3<R> half = rate * (R(0.5) * left);
  write_velocity3(view, 6 * player, drone.velocity + velocity);
  write_velocity3(view, 6 * player + 3, drone.rate + rate);
  write3(view, 7 * player, add_scaled(drone.pos, velocity, left));
  write_quat(view, 7 * player + 3,
             normalised(drone.quat * Quat<R>{R(1.0), half.x, half.y, half.z}));
}

/// What the ball could meet in a step, and when it meets the first thing.
template <class R>
struct Meetings {
  std::array<Impact<R>, kMaxPlayers> drone;
  BoardHit<R> board;
  R floor_time;
  R first;  ///< s; kNever: nothing
};

/// @param begin the ball when the step begins  @param end where it would be without meeting anything
template <class V, class M>
Meetings<typename V::Real> find_meetings(const VolleyNumbers& n, V& view, const M& memory,
                                         const Flight<typename V::Real>& begin,
                                         const Vec3<typename V::Real>& end) {
  using R = typename V::Real;
  Meetings<R> found;
  const R never(kNever);
  const R zero(0.0);
  found.first = found.floor_time = find_floor_time(n.bounce, begin);
  for (int i = 0; i < n.num_players; ++i) {
    Impact<R>& impact = found.drone[static_cast<std::size_t>(i)];
    impact = {never, {zero, zero, zero}, zero};
    const Vec3<R> between = read3(view, 7 * i) - end;
    if (any(less(dot(between, between), R(n.reach * n.reach)))) {
      impact = find_impact(n.bounce, begin, drone_state(view, i).motion());
      found.first = minimum(impact.time, found.first);
    }
  }
  found.board = {never, {zero, zero, zero}};
  if (n.kind == VolleyKind::kSetAndSpikeHard) {
    found.board = find_board_hit(n, view, memory, begin);
    found.first = minimum(found.board.time, found.first);
  }
  return found;
}

/// Lets the first meeting act, in the worlds that have one. @returns the ball at the step's end
template <class V, class M>
Flight<typename V::Real> bounce(const VolleyNumbers& n, V& view, M& memory,
                                const Meetings<typename V::Real>& found,
                                const Flight<typename V::Real>& begin,
                                RallyEvents<typename V::Real>& events) {
  using R = typename V::Real;
  const MaskOf<R> meets = less(found.first, R(kNever));
  const R time = minimum(found.first, R(n.bounce.timestep));
  const R left = R(n.bounce.timestep) - time;
  Flight<R> ball = begin.after(time);
  MaskOf<R> free = meets;
  for (int i = 0; i < n.num_players; ++i) {
    const Impact<R>& impact = found.drone[static_cast<std::size_t>(i)];
    const MaskOf<R> mask = free & less_equal(impact.time, found.first);
    if (any(mask)) {
      const DroneState<R> drone = drone_state(view, i);
      Flight<R> after = ball;
      const Kick<R> kick =
          exchange_momentum(n.bounce, n.drone, impact, drone.motion(), left, after);
      ball.velocity = physics::select<R>(mask, after.velocity, ball.velocity);
      kick_drone(view, i, mask, drone, kick, left);
      free = free & !mask;
    }
  }
  const MaskOf<R> on_board = free & less_equal(found.board.time, found.first);
  ball.velocity = physics::select<R>(on_board, found.board.velocity, ball.velocity);
  memory.board_returned = select(on_board, R(1.0), memory.board_returned);
  const MaskOf<R> on_floor = free & !on_board;
  ball.velocity.z = select(on_floor, abs(ball.velocity.z) * R(n.bounce.floor_restitution),
                           ball.velocity.z);
  events.floor_time = select(on_floor, time, R(kNever));
  events.floor_x = ball.pos.x;
  events.floor_y = ball.pos.y;
  Flight<R> end = ball.after(left);
  end.pos.z = select(on_floor, maximum(end.pos.z, R(n.bounce.ball_radius)), end.pos.z);
  return end;
}

/// When the ball's centre comes into the net, on the way of one step.
template <class R>
R find_net_time(const VolleyNumbers& n, const Vec3<R>& from, const Vec3<R>& to) {
  const R depth(n.net_depth);
  const R before = abs(from.x);
  const R moves = select(less(from.x, R(0.0)), to.x - from.x, from.x - to.x);  // towards the net
  const auto approaches = less(R(0.0), moves);
  const R part = maximum(before - depth, R(0.0)) / select(approaches, moves, R(1.0));
  const auto enters = less_equal(before, depth) | (approaches & less_equal(part, R(1.0)));
  const R when = minimum(part, R(1.0));
  const R height = from.z + when * (to.z - from.z);
  const auto is_beside = less(R(n.match.half_width), abs(to.y));
  const R top(n.net_height);
  const auto from_side = enters & less(height, top);
  const auto from_above = enters & less_equal(abs(to.x), depth) & less(to.z, top);
  const R time = select(from_side, when, R(1.0)) * R(n.bounce.timestep);
  return select((from_side | from_above) & !is_beside, time, R(kNever));
}

/// Remembers whom the ball met. Impacts of a drone that are one hit count once.
template <class R, class M>
void count_impacts(const VolleyNumbers& n, const Meetings<R>& found, M& memory,
                   RallyEvents<R>& events) {
  for (int i = 0; i < n.num_players; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const Impact<R>& impact = found.drone[k];
    const auto counts = less(impact.time, R(kNever)) & less_equal(impact.time, found.first) &
                        less(R(kOneHit - 0.5), memory.since_hit[k]) &
                        !holds(memory.racket_hit[k]) & !holds(memory.body_hit[k]);
    const auto with_racket = holds(impact.with_racket);
    events.hit_time[k] = select(counts, impact.time, R(kNever));
    events.with_racket[k] = impact.with_racket;
    memory.racket_hit[k] = select(counts & with_racket, R(1.0), memory.racket_hit[k]);
    memory.body_hit[k] = select(counts & !with_racket, R(1.0), memory.body_hit[k]);
  }
  memory.floor_hit = select(less(events.floor_time, R(kNever)), R(1.0), memory.floor_hit);
  memory.net_hit = select(less(events.net_time, R(kNever)), R(1.0), memory.net_hit);
}

/// The ball's step: free flight, and the first thing that it meets. Writes ball and drones, and
/// what happened into memory and events.
template <class V, class M>
void fly_ball(const VolleyNumbers& n, V& view, M& memory, RallyEvents<typename V::Real>& events) {
  using R = typename V::Real;
  const R h(n.bounce.timestep);
  const R fall(kGravity * n.bounce.timestep);
  Flight<R> end = ball_state(view, n);  // as semi-implicit Euler left it
  Flight<R> begin = end;
  begin.pos = add_scaled(end.pos, end.velocity, -h);
  begin.velocity.z = end.velocity.z + fall;
  end.pos.z = end.pos.z + R(0.5) * fall * h;  // the exact parabola
  const Meetings<R> found = find_meetings(n, view, memory, begin, end.pos);
  const MaskOf<R> meets = less(found.first, R(kNever));
  events.floor_time = R(kNever);
  events.floor_x = events.floor_y = R(0.0);
  if (any(meets)) {
    const Flight<R> bounced = bounce(n, view, memory, found, begin, events);
    end.pos = physics::select<R>(meets, bounced.pos, end.pos);
    end.velocity = physics::select<R>(meets, bounced.velocity, end.velocity);
  }
  set_ball(view, n, end);
  events.net_time = find_net_time(n, begin.pos, end.pos);
  events.ball_x = end.pos.x;
  events.ball_y = end.pos.y;
  events.end_time = h;
  count_impacts(n, found, memory, events);
}

}  // namespace fleet::tasks
