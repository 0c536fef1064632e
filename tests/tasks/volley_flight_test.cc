// Tests for tasks/volley/ball_flight.h: the law of impacts, against what mechanics says.

#include "tasks/volley/ball_flight.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/philox.h"
#include "tests/support/volley_world.h"

namespace fleet::tasks {
namespace {

using fleet::testing::volley_config;
using fleet::testing::VolleyWorld;

constexpr double kContactHeight = 0.155;  // m, of a ball on the racket above the drone's origin

/// A drone far off, so that the ball is alone.
VolleyWorld<> lonely_ball() {
  VolleyWorld<> world(volley_config(VolleyKind::kSoloBump));
  world.place_drone(0, {50.0, 50.0, 50.0});
  return world;
}

TEST(BallFlightTest, FreeFlightIsTheExactParabola) {
  VolleyWorld<> world = lonely_ball();
  world.place_ball({0.0, 0.0, 5.0}, {1.0, -2.0, 3.0});
  for (int substep = 0; substep < 100; ++substep) {
    world.substep();
  }
  const double time = 0.5;
  EXPECT_NEAR(world.ball().pos.x, time, 1e-12);
  EXPECT_NEAR(world.ball().pos.y, -2.0 * time, 1e-12);
  EXPECT_NEAR(world.ball().pos.z, 5.0 + 3.0 * time - 0.5 * 9.81 * time * time, 1e-12);
  EXPECT_NEAR(world.ball().velocity.z, 3.0 - 9.81 * time, 1e-12);
}

TEST(BallFlightTest, FloorReturnsTheSquareOfItsRestitutionInHeight) {
  VolleyWorld<> world = lonely_ball();
  world.place_ball({0.0, 0.0, 2.1});
  double apex = 0.0;
  bool has_bounced = false;
  for (int substep = 0; substep < 200; ++substep) {
    world.substep();
    const bool rises = world.ball().velocity.z > 0.0;
    has_bounced = has_bounced || rises;
    apex = has_bounced ? std::max(apex, world.ball().pos.z) : apex;
  }
  EXPECT_NEAR(apex - 0.1, 2.0 * 0.4 * 0.4, 1e-4);  // sampled every 5 ms: g h^2 / 8 below the top
}

TEST(BallFlightTest, BallComesToRestOnTheFloor) {
  VolleyWorld<> world = lonely_ball();
  world.place_ball({0.0, 0.0, 1.0});
  for (int substep = 0; substep < 1000; ++substep) {
    world.substep();
    EXPECT_GE(world.ball().pos.z, 0.1 - 1e-12);
  }
  EXPECT_NEAR(world.ball().pos.z, 0.1, 1e-3);
}

TEST(BallFlightTest, ApexAfterAHitFollowsFromMassesAndRestitution) {
  VolleyWorld<> world(volley_config(VolleyKind::kSoloBump));
  world.place_drone(0, {4.5, 0.0, 2.0});
  world.place_ball({4.5, 0.0, 4.0});
  const Quadrotor& drone = world.task().numbers().drone;
  double apex = 0.0;
  double drone_before = 0.0;
  double speed_before = 0.0;
  double jump = 0.0;
  for (int substep = 0; substep < 400 && world.ball().velocity.z <= 0.0; ++substep) {
    drone_before = world.drone(0).velocity.z;
    speed_before = world.ball().velocity.z;
    for (double& throttle : world.memory.throttle) {
      throttle = drone.hover_throttle;  // so that it falls little by itself
    }
    const double wanted = 2.0 * drone.hover_throttle * drone.hover_throttle - 1.0;
    world.action.assign(4, wanted);
    world.substep();
    jump = world.ball().velocity.z - speed_before;
  }
  const double top = 4.0 - (2.0 + kContactHeight);
  const double arrival = std::sqrt(2.0 * 9.81 * top);
  const double heavy = drone.mass / (drone.mass + 0.005);
  EXPECT_NEAR(jump, 1.8 * arrival * heavy, 0.06);  // a substep of gravity is in it
  EXPECT_NEAR(drone_before, 0.0, 0.02);
  apex = world.ball().pos.z + squared(world.ball().velocity.z) / (2.0 * 9.81);
  const double rebound = arrival * (1.8 * heavy - 1.0);
  EXPECT_NEAR(apex - 2.155, squared(rebound) / (2.0 * 9.81), 0.01);
}

/// An impact somewhere on the racket of a drone that moves, turns and is tilted.
struct Meeting {
  BounceNumbers bounce;
  Quadrotor drone;
  DroneMotion<double> motion;
  Impact<double> impact;
  Flight<double> ball;
};

Meeting random_meeting(std::uint32_t i) {
  Random random(1, i, 0, 0, 0);
  const auto draw = [&](double half) { return random.uniform(-half, half); };
  const VolleyNumbers n(volley_config(VolleyKind::kSoloBump));
  const Quat<double> quat =
      normalised(Quat<double>{1.0, draw(0.3), draw(0.3), draw(1.0)});
  Meeting m{.bounce = n.bounce,
            .drone = n.drone,
            .motion = {.pos = {draw(1.0), draw(1.0), 2.0},
                       .axes = matrix(quat),
                       .velocity = {draw(2.0), draw(2.0), draw(2.0)},
                       .rate = {draw(5.0), draw(5.0), draw(5.0)}},
            .impact = {.time = 0.0, .normal = {0.0, 0.0, 1.0}, .with_racket = 1.0},
            .ball = {}};
  const Vec3<double> arm{draw(0.14), draw(0.14), kContactHeight};
  m.ball.pos = m.motion.pos + m.motion.axes * arm;
  m.ball.velocity = {draw(3.0), draw(3.0), random.uniform(-20.0, -8.0)};
  return m;
}

/// Linear and angular momentum about the origin, and energy, of ball and drone together.
struct Balance {
  Vec3<double> momentum, turn;
  double energy;
};

Balance balance_of(const Meeting& m, const DroneMotion<double>& motion,
                   const Flight<double>& ball) {
  const Vec3<double> com_arm = motion.axes * Vec3<double>{0.0, 0.0, m.drone.com_height};
  const Vec3<double> com = motion.pos + com_arm;
  const Vec3<double> velocity = motion.velocity + cross(motion.axes * motion.rate, com_arm);
  const Vec3<double> spin{m.drone.inertia[0] * motion.rate.x, m.drone.inertia[1] * motion.rate.y,
                          m.drone.inertia[2] * motion.rate.z};
  const double mass = m.drone.mass;
  const double light = m.bounce.ball_mass;
  return {ball.velocity * light + velocity * mass,
          cross(ball.pos, ball.velocity) * light + cross(com, velocity) * mass + motion.axes * spin,
          0.5 * light * dot(ball.velocity, ball.velocity) + 0.5 * mass * dot(velocity, velocity) +
              0.5 * dot(motion.rate, spin)};
}

TEST(BallFlightTest, ImpactKeepsMomentumAndLosesEnergyByItsRestitution) {
  for (std::uint32_t i = 0; i < 50; ++i) {
    for (const double restitution : {1.0, 0.8}) {
      Meeting m = random_meeting(i);
      m.bounce.drone_restitution = restitution;
      const Balance before = balance_of(m, m.motion, m.ball);
      Flight<double> ball = m.ball;
      const Kick<double> kick =
          exchange_momentum(m.bounce, m.drone, m.impact, m.motion, 0.0, ball);
      DroneMotion<double> after = m.motion;
      after.velocity = after.velocity + kick.velocity;
      after.rate = after.rate + kick.rate;
      const Balance now = balance_of(m, after, ball);
      EXPECT_NEAR(norm(now.momentum - before.momentum), 0.0, 1e-12);
      EXPECT_NEAR(norm(now.turn - before.turn), 0.0, 1e-12);
      if (restitution == 1.0) {
        EXPECT_NEAR(now.energy, before.energy, 1e-12 * before.energy);
      } else {
        EXPECT_LT(now.energy, before.energy);
      }
      const Vec3<double> normal = column(m.motion.axes, 2);
      const auto speed = [&](const DroneMotion<double>& motion, const Flight<double>& of) {
        const Vec3<double> arm = of.pos - motion.pos;
        return dot(normal, of.velocity - motion.velocity - cross(motion.axes * motion.rate, arm));
      };
      EXPECT_NEAR(speed(after, ball), -restitution * speed(m.motion, m.ball), 1e-10);
      const Vec3<double> tangential = ball.velocity - m.ball.velocity;
      EXPECT_NEAR(norm(tangential - normal * dot(normal, tangential)), 0.0, 1e-12);  // no friction
    }
  }
}

TEST(BallFlightTest, RacketIsTheDiscAndTheRestIsTheBody) {
  for (const auto& [x, y, with_racket] :
       {std::tuple{0.0, 0.0, true}, {0.13, -0.14, true}, {0.199, 0.0, true}, {0.21, 0.0, false},
        {0.2, 0.2, false}, {0.3, 0.0, false}}) {
    VolleyWorld<> world(volley_config(VolleyKind::kSoloBump));
    world.place_drone(0, {4.5, 0.0, 2.0});
    world.place_ball({4.5 + x, y, 2.0 + kContactHeight + 0.01}, {0.0, 0.0, -8.0});
    world.substep();
    EXPECT_EQ(world.memory.racket_hit[0] > 0.5, with_racket) << x << ' ' << y;
    EXPECT_EQ(world.memory.body_hit[0] > 0.5, !with_racket) << x << ' ' << y;
  }
}

TEST(BallFlightTest, BallFromBelowOrBesideMeetsTheBody) {
  VolleyWorld<> world(volley_config(VolleyKind::kSoloBump));
  world.place_drone(0, {4.5, 0.0, 2.0});
  world.place_ball({4.5, 0.0, 1.83}, {0.0, 0.0, 10.0});
  world.substep();
  EXPECT_GT(world.memory.body_hit[0], 0.5);
  EXPECT_LT(world.ball().velocity.z, -5.0);
  VolleyWorld<> beside(volley_config(VolleyKind::kSoloBump));
  beside.place_drone(0, {4.5, 0.0, 2.0});
  beside.place_ball({4.85, 0.0, 2.0}, {-10.0, 0.0, 0.0});
  beside.substep();
  EXPECT_GT(beside.memory.body_hit[0], 0.5);
  EXPECT_GT(beside.ball().velocity.x, 5.0);
}

TEST(BallFlightTest, NothingTunnelsAtTwentyMetresPerSecond) {
  const VolleyNumbers n(volley_config(VolleyKind::kSoloBump));
  constexpr int kShots = 400;
  int num_racket = 0;
  for (std::uint32_t i = 0; i < kShots; ++i) {
    Random random(2, i, 0, 0, 0);
    // Aimed at a point of the drone's body, from any side, starting anywhere within a step.
    const Vec3<double> aim{random.uniform(-0.22, 0.22), random.uniform(-0.22, 0.22),
                           random.uniform(-0.05, 0.05)};
    Vec3<double> way{random.normal(), random.normal(), random.normal()};
    way = way * (1.0 / norm(way));
    VolleyWorld<> world(volley_config(VolleyKind::kSoloBump));
    world.place_drone(0, {4.5, 0.0, 2.0});
    const Vec3<double> from = Vec3<double>{4.5, 0.0, 2.0} + aim - way * random.uniform(0.8, 0.9);
    const Vec3<double> velocity = way * 20.0;
    world.place_ball({from.x, from.y, from.z}, {velocity.x, velocity.y, velocity.z});
    double deepest = 1.0;
    for (int substep = 0; substep < 30; ++substep) {
      world.substep();
      const DroneState<double> drone = world.drone(0);
      const Vec3<double> at = transposed_times(drone.axes, world.ball().pos - drone.pos);
      deepest = std::min(deepest, box_distance(n.bounce, at).distance);
    }
    EXPECT_GT(world.memory.racket_hit[0] + world.memory.body_hit[0], 0.5) << i;
    EXPECT_GT(deepest, -0.02) << i;
    num_racket += world.memory.racket_hit[0] > 0.5 ? 1 : 0;
  }
  EXPECT_GT(num_racket, kShots / 20);
}

TEST(BallFlightTest, FloorStopsABallOfTwentyMetresPerSecond) {
  VolleyWorld<> world = lonely_ball();
  world.place_ball({0.0, 0.0, 0.13}, {3.0, 0.0, -20.0});
  world.substep();
  EXPECT_GT(world.memory.floor_hit, 0.5);
  EXPECT_NEAR(world.ball().velocity.z, 8.0, 0.1);
  EXPECT_GT(world.ball().pos.z, 0.1);
}

TEST(BallFlightTest, NetIsSeenOnTheWay) {
  VolleyNumbers n(volley_config(VolleyKind::kSoloBump));
  EXPECT_EQ(find_net_time<double>(n, {1.0, 0.0, 1.0}, {0.9, 0.0, 1.0}), kNever);
  EXPECT_NEAR(find_net_time<double>(n, {0.2, 0.0, 1.0}, {0.0, 0.0, 1.0}), 0.0025, 1e-12);
  EXPECT_NEAR(find_net_time<double>(n, {-0.2, 0.0, 1.0}, {0.2, 0.0, 1.0}), 0.00125, 1e-12);
  EXPECT_EQ(find_net_time<double>(n, {0.2, 0.0, 2.5}, {-0.2, 0.0, 2.5}), kNever);   // over it
  EXPECT_EQ(find_net_time<double>(n, {0.2, 4.6, 1.0}, {-0.2, 4.6, 1.0}), kNever);   // beside it
  EXPECT_EQ(find_net_time<double>(n, {0.05, 0.0, 1.0}, {0.0, 0.0, 1.0}), 0.0);      // in it
  EXPECT_LT(find_net_time<double>(n, {0.0, 0.0, 2.44}, {0.0, 0.0, 2.40}), kNever);  // from above
}

TEST(BallFlightTest, ImpactsWithinThreeControlStepsAreOneHit) {
  VolleyWorld<> world(volley_config(VolleyKind::kBumpAndPass));
  world.place_drone(0, {4.5, -2.5, 2.0});
  world.place_ball({4.5, -2.5, 2.17}, {0.0, 0.0, -1.0});
  EXPECT_TRUE(world.step().empty());
  EXPECT_EQ(world.memory.turn, 1.0);
  for (int step = 0; step < 3; ++step) {
    world.place_drone(0, {4.5, -2.5, 2.0});
    world.place_ball({4.5, -2.5, 2.17}, {0.0, 0.0, -1.0});
    EXPECT_TRUE(world.step().empty()) << step;
  }
  world.place_drone(0, {4.5, -2.5, 2.0});
  world.place_ball({4.5, -2.5, 2.17}, {0.0, 0.0, -1.0});
  EXPECT_THAT(world.step(), ::testing::ElementsAre("wrong_hit"));
}

}  // namespace
}  // namespace fleet::tasks
