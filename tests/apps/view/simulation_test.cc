#include "apps/view/world/simulation.h"

#include <cmath>

#include <gtest/gtest.h>

#include "envs/make_env.h"

namespace fleet::view {
namespace {

/// A Go1 whose actions are noise, so that everything moves.
struct Go1 {
  explicit Go1(int num_envs) {
    config = load_run_config("go1-flat", {"", {"options.backend=mujoco"}});
    config.env.options.num_envs = num_envs;
    config.env.options.num_threads = 1;
    model = envs::make_model(config.env, root_folder() + "/third_party");
    data = sim::make_data(*model);
    simulation = std::make_unique<Simulation>(config, *model, 3);
    simulation->set_actor(Actor::kRandom);
  }
  void step(int count) {
    for (int i = 0; i < count; ++i) {
      simulation->step();
    }
  }
  std::vector<double> qpos(int env) const {
    const auto row = simulation->qpos(env, simulation->frame());
    return {row.begin(), row.end()};
  }
  double root_velocity(int axis) {
    simulation->pose(0, *model, *data);
    return data->qvel[axis];
  }

  RunConfig config;
  sim::ModelPtr model;
  sim::DataPtr data;
  std::unique_ptr<Simulation> simulation;
};

TEST(SimulationTest, WhatComesAfterAFrameThatWasGoneBackToIsTheSame) {
  Go1 go1(3);
  go1.step(30);
  const auto env0 = go1.qpos(0);
  const auto env2 = go1.qpos(2);
  go1.simulation->seek(12);
  EXPECT_EQ(go1.simulation->frame(), 12);
  EXPECT_EQ(go1.simulation->last_frame(), 30);
  EXPECT_NE(go1.qpos(0), env0);
  go1.step(18);
  EXPECT_EQ(go1.simulation->last_frame(), 30);
  EXPECT_EQ(go1.qpos(0), env0);
  EXPECT_EQ(go1.qpos(2), env2);
}

TEST(SimulationTest, AFrameIsPosedAsItWasSimulated) {
  Go1 go1(2);
  go1.step(10);
  go1.simulation->pose(1, *go1.model, *go1.data);
  const auto qpos = go1.qpos(1);
  EXPECT_EQ(std::vector<double>(go1.data->qpos, go1.data->qpos + go1.model->nq), qpos);
  EXPECT_NEAR(go1.data->time, 0.2, 1e-9);
}

TEST(SimulationTest, SeekingStaysWithinTheFramesThatThereAre) {
  Go1 go1(1);
  go1.step(4);
  go1.simulation->seek(-9);
  EXPECT_EQ(go1.simulation->frame(), 0);
  go1.simulation->seek(99);
  EXPECT_EQ(go1.simulation->frame(), 4);
}

TEST(SimulationTest, APushAddsToTheVelocityOfThatEnvAlone) {
  Go1 go1(2);
  go1.step(3);
  const double before = go1.root_velocity(1);
  go1.simulation->pose(1, *go1.model, *go1.data);
  const double other = go1.data->qvel[1];
  go1.simulation->push(0, 0, {0.0, 0.75, 0.0});
  EXPECT_NEAR(go1.root_velocity(1), before + 0.75, 1e-12);
  go1.simulation->pose(1, *go1.model, *go1.data);
  EXPECT_EQ(go1.data->qvel[1], other);
}

TEST(SimulationTest, AForceActsForOneControlStep) {
  Go1 pulled(1);
  Go1 left(1);
  pulled.step(2);
  left.step(2);
  std::vector<double> force(static_cast<std::size_t>(pulled.model->nv));
  force[2] = 2000.0;  // N upwards, on 12 kg
  pulled.simulation->set_force(0, force);
  pulled.step(1);
  left.step(1);
  const double gained = pulled.root_velocity(2) - left.root_velocity(2);
  const double expected = 2000.0 / mj_getTotalmass(pulled.model.get()) * 0.02;
  EXPECT_NEAR(gained, expected, 0.5 * expected);  // the ground pushed the one on it, too
  pulled.step(1);
  EXPECT_LT(pulled.root_velocity(2), left.root_velocity(2) + gained);  // it only falls now
}

TEST(SimulationTest, ACommandThatIsGivenIsObservedAndKept) {
  Go1 go1(2);
  go1.simulation->set_command(std::array<double, 3>{0.5, -0.25, 0.125});
  go1.step(400);  // 8 s: the task alone would have drawn others
  const History& history = go1.simulation->history();
  const int command = history.find("env/memory/command");
  for (int env = 0; env < 2; ++env) {
    EXPECT_EQ(history.value(command, go1.simulation->frame(), env, 0), 0.5);
    EXPECT_EQ(history.value(command, go1.simulation->frame(), env, 1), -0.25);
    EXPECT_EQ(history.value(command, go1.simulation->frame(), env, 2), 0.125);
  }
}

TEST(SimulationTest, FrictionIsThatOfTheSliderUntilItIsTheTasksAgain) {
  Go1 go1(2);
  const auto friction_of = [&](int env) {
    go1.simulation->pose(env, *go1.model, *go1.data);
    return std::vector<double>(go1.model->geom_friction,
                               go1.model->geom_friction + 3 * go1.model->ngeom);
  };
  const auto drawn = friction_of(1);
  go1.simulation->set_friction(0.05);
  go1.step(3);
  go1.simulation->seek(1);
  const auto slippery = friction_of(1);
  for (std::size_t i = 0; i < slippery.size(); i += 3) {
    EXPECT_EQ(slippery[i], 0.05);
  }
  EXPECT_EQ(slippery[1], drawn[1]);
  go1.simulation->set_friction(std::nullopt);
  EXPECT_EQ(friction_of(1), drawn);
}

TEST(SimulationTest, EndsOfEpisodesAreCounted) {
  Go1 go1(4);
  go1.step(1005);  // an episode has 1000 steps, if none fell before
  double sum = 0.0;
  for (const double count : go1.simulation->ends()) {
    sum += count;
  }
  EXPECT_GE(sum, 4.0);
  go1.simulation->reset();
  EXPECT_EQ(go1.simulation->ends(), std::vector<double>(go1.simulation->ends().size(), 0.0));
}

}  // namespace
}  // namespace fleet::view
