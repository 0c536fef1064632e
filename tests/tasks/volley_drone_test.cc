// Tests for tasks/volley/quadrotor.h and the scene: a drone between command and motion.

#include "tasks/volley/quadrotor.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/model.h"
#include "tests/support/volley_world.h"

namespace fleet::tasks {
namespace {

using fleet::testing::LanePhysics;
using fleet::testing::match_config;
using fleet::testing::MujocoPhysics;
using fleet::testing::volley_config;
using fleet::testing::VolleyWorld;

constexpr double kStep = 0.005;  // s

Quadrotor iris() { return {DroneConfig{}, kStep}; }

double command_of(double throttle) { return 2.0 * throttle * throttle - 1.0; }

TEST(QuadrotorTest, IrisHasTheNumbersOfItsParts) {
  const Quadrotor q = iris();
  EXPECT_NEAR(q.mass, 1.52, 1e-12);
  EXPECT_NEAR(q.max_thrust, 8.54858e-6 * 838.0 * 838.0, 1e-6);
  EXPECT_NEAR(q.max_thrust * q.moment_ratio, 1.3677728816e-7 * 838.0 * 838.0, 1e-6);
  EXPECT_NEAR(4.0 * q.max_thrust / (q.mass * 9.81), 1.61, 0.005);  // thrust by weight
  EXPECT_NEAR(q.com_height, 4.0 * 0.005 * 0.023 / 1.52, 1e-12);
}

TEST(QuadrotorTest, SceneHasTheDronesMassAndInertia) {
  const VolleyConfig config = volley_config(VolleyKind::kHover);
  const Quadrotor q(config.drone, config.timestep);
  const sim::ModelPtr model = build_volley_scene(config);
  EXPECT_NEAR(model->body_mass[1], q.mass, 1e-12);
  EXPECT_NEAR(model->body_ipos[5], q.com_height, 1e-15);
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(model->body_inertia[3 + k], q.inertia[static_cast<std::size_t>(k)], 1e-12);
  }
  EXPECT_EQ(model->body_iquat[4], 1.0);
  VolleyConfig with_pictures = config;
  with_pictures.pictures = true;
  const sim::ModelPtr seen = build_volley_scene(with_pictures);
  EXPECT_NEAR(seen->body_mass[1], q.mass, 1e-12);
  for (mjtSize geom = 0; geom < seen->ngeom; ++geom) {
    EXPECT_EQ(seen->geom_contype[geom], 0);
    EXPECT_EQ(seen->geom_conaffinity[geom], 0);
  }
}

TEST(QuadrotorTest, HoverThrustHolds) {
  VolleyWorld<> world(volley_config(VolleyKind::kHover));
  world.place_drone(0, {0.0, 0.0, 2.0});
  world.action.assign(4, command_of(world.task().numbers().drone.hover_throttle));
  for (int step = 0; step < 100; ++step) {
    world.step();
  }
  EXPECT_NEAR(world.drone(0).pos.z, 2.0, 1e-9);
  EXPECT_NEAR(world.drone(0).velocity.z, 0.0, 1e-9);
}

TEST(QuadrotorTest, RotorStepIsAnExponentialOfItsTime) {
  const Quadrotor q = iris();
  double throttle = 0.2;
  for (int substep = 1; substep <= 20; ++substep) {
    throttle = next_throttle(q, throttle, 0.9);
    EXPECT_NEAR(throttle, 0.9 - 0.7 * std::exp(-substep * kStep / 0.0356), 1e-12);
  }
  // What the original does once per control step of 20 ms.
  EXPECT_NEAR(1.0 - std::pow(1.0 - q.motor_blend, 4), 0.43, 1e-3);
}

TEST(QuadrotorTest, CommandsAreClippedAndHalfThrustIsZero) {
  EXPECT_EQ(commanded_throttle(-3.0), 0.0);
  EXPECT_EQ(commanded_throttle(7.0), 1.0);
  EXPECT_NEAR(squared(commanded_throttle(0.0)), 0.5, 1e-15);
}

TEST(QuadrotorTest, EachRotorTurnsTheDroneItsWay) {
  // front-right, back-left (counter-clockwise), front-left, back-right (clockwise): a rotor on the
  // left rolls to the right (+x), one in front pitches up (-y), one that turns left yaws right (-z).
  constexpr int kSigns[4][3] = {{-1, -1, -1}, {1, 1, -1}, {1, -1, 1}, {-1, 1, 1}};
  for (std::size_t rotor = 0; rotor < 4; ++rotor) {
    std::array<double, 4> throttle{};
    throttle[rotor] = 1.0;
    const Wrench<double> wrench = rotor_wrench(iris(), throttle.data());
    EXPECT_NEAR(wrench.force.z, 6.0032, 1e-4);
    EXPECT_GT(wrench.torque.x * kSigns[rotor][0], 0.5);
    EXPECT_GT(wrench.torque.y * kSigns[rotor][1], 0.5);
    EXPECT_NEAR(wrench.torque.z * kSigns[rotor][2], 0.09605, 1e-4);
  }
}

TEST(QuadrotorTest, MixerGivesTheTorquesThatItIsAskedFor) {
  const Quadrotor q = iris();
  const double rates[3][3] = {{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {0.0, 0.0, 0.3}};
  for (int axis = 0; axis < 3; ++axis) {
    std::array<double, 4> action{rates[axis][0] * 0.1, rates[axis][1] * 0.1, rates[axis][2] * 0.1,
                                 0.24};
    std::array<double, 4> throttle{};
    mix_rates(q, action.data(), Vec3<double>{0.0, 0.0, 0.0}, throttle.data());
    const Wrench<double> wrench = rotor_wrench(q, throttle.data());
    const std::array<double, 3> torque{wrench.torque.x, wrench.torque.y, wrench.torque.z};
    EXPECT_NEAR(wrench.force.z, 0.62 * 4.0 * q.max_thrust, 1e-9);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(torque[k], action[k] * q.max_rate[k] * q.rate_gain[k] * q.inertia[k], 1e-9);
    }
  }
}

TEST(QuadrotorTest, BodyRatesAreReachedOnEachAxisAlone) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    VolleyConfig config = volley_config(VolleyKind::kHover);
    config.drone.interface = DroneInterface::kBodyRate;
    VolleyWorld<> world(config);
    world.place_drone(0, {0.0, 0.0, 2.0});
    world.action = {0.0, 0.0, 0.0, command_of(world.task().numbers().drone.hover_throttle)};
    world.action[axis] = 0.3;
    for (int step = 0; step < 40; ++step) {
      world.step();
    }
    const Vec3<double> rate = world.drone(0).rate;
    const std::array<double, 3> is{rate.x, rate.y, rate.z};
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(is[k], k == axis ? 0.3 * 2.5133 : 0.0, k == axis ? 0.06 : 0.02) << axis << k;
    }
  }
}

TEST(QuadrotorTest, DampingSlowsByItsRate) {
  VolleyWorld<> world(volley_config(VolleyKind::kHover));
  world.place_drone(0, {0.0, 0.0, 2.0}, {1.0, 0.0, 0.0}, {1.0, 0.0, 0.0, 0.0}, {0.0, 0.0, 2.0});
  world.action.assign(4, command_of(world.task().numbers().drone.hover_throttle));
  for (int step = 0; step < 50; ++step) {
    world.step();
  }
  EXPECT_NEAR(world.drone(0).velocity.x, std::exp(-0.2), 1e-3);
  EXPECT_NEAR(world.drone(0).rate.z, 2.0 * std::exp(-0.2), 1e-3);
}

TEST(QuadrotorTest, DownwashIsBelowAndFallsOff) {
  const Vec3<double> up{0.0, 0.0, 1.0};
  const auto force = [&](double x, double z) {  // of a drone at the origin, blown on from (x, z)
    return downwash<double>(10.0, up, {x, 0.0, z}).z;
  };
  EXPECT_NEAR(force(0.0, 1.0), -10.0 / squared(1.3), 1e-12);
  EXPECT_NEAR(force(0.5, 1.0), -10.0 * std::exp(-0.5) / squared(1.3), 1e-12);
  EXPECT_NEAR(force(0.0, 2.0), -10.0 / squared(1.6), 1e-12);
  EXPECT_EQ(force(0.0, -1.0), 0.0);  // it hovers below
  EXPECT_EQ(force(3.0, 0.0), 0.0);   // beside
  EXPECT_NEAR(force(5.0, 0.01), 0.0, 1e-12);
}

TEST(QuadrotorTest, DroneUnderAnotherIsPushedDown) {
  VolleyWorld<> world(volley_config(VolleyKind::kBumpAndPass));
  world.place_ball({0.0, 0.0, 10.0});
  world.place_drone(0, {4.5, 0.0, 3.0});
  world.place_drone(1, {4.5, 0.0, 2.0});
  const Quadrotor& drone = world.task().numbers().drone;
  world.action.assign(8, command_of(drone.hover_throttle));
  world.substep();
  const double push = drone.mass * 9.81 / squared(1.3);
  EXPECT_NEAR(world.drone(1).velocity.z, -push / drone.mass * kStep, 1e-6);
  EXPECT_NEAR(world.drone(0).velocity.z, 0.0, 1e-6);
}

TEST(QuadrotorTest, ForcesDoNotOutlastTheControlStep) {
  VolleyWorld<> world(volley_config(VolleyKind::kHover));
  world.step();
  mjData* const data = world.view().data();
  for (int k = 0; k < 12; ++k) {
    EXPECT_EQ(data->xfrc_applied[k], 0.0);
  }
}

TEST(QuadrotorTest, CrazyflieHovers) {
  VolleyConfig config = volley_config(VolleyKind::kHover);
  config.drone.mass = 0.032;
  config.drone.rotor_mass = 0.0002;
  config.drone.inertia = {16.8e-6, 16.8e-6, 29.8e-6};
  for (RotorConfig& rotor : config.drone.rotors) {
    rotor.pos = {std::copysign(0.0325, rotor.pos[0]), std::copysign(0.0325, rotor.pos[1]), 0.008};
  }
  config.drone.max_thrust = 0.12;
  config.drone.moment_ratio = 0.00594;
  VolleyWorld<LanePhysics> world(config);
  world.place_drone(0, {0.0, 0.0, 2.0});
  world.action.assign(4, command_of(world.task().numbers().drone.hover_throttle));
  for (int step = 0; step < 100; ++step) {
    world.step();
  }
  EXPECT_NEAR(world.drone(0).pos.z, 2.0, 1e-6);
}

}  // namespace
}  // namespace fleet::tasks
