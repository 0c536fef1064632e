// Tests for agents/ppo/collector.h: what a rollout holds.

#include "agents/ppo/collector.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "agents/ppo/gaussian.h"
#include "tests/support/point_mass_env.h"

namespace fleet::agents {
namespace {

using test::PointMassEnv;

PpoConfig config_of() {
  PpoConfig config;
  config.num_steps = 60;  // longer than an episode
  config.actor_hidden_dims = {16};
  config.critic_hidden_dims = {16};
  config.normalise_observations = false;  // so that V can be asked again afterwards
  return config;
}

struct Case {
  explicit Case(int num_envs = 7, int first_env = 0) : env(num_envs, first_env) {}

  PpoConfig config = config_of();
  PointMassEnv env;
  ThreadPool pool{2};
  ActorCritic model{config, env.spec()};
  std::vector<Workspace> workspaces{2, Workspace(model)};
  Rollout rollout{env.spec(), config.num_steps, 2};
  Collector collector{config, model, rollout, workspaces, pool};

  float value_of(std::span<const float> observation) {
    model.critic_normaliser.apply(observation, workspaces[0].critic.input(0));
    model.critic.mlp().forward(1, workspaces[0].critic);
    return *workspaces[0].critic.output(0);
  }
};

TEST(CollectorTest, TimeOutIsWorthTheCriticOfItsTrueFinalObservation) {
  Case c;
  std::map<std::pair<int, int>, std::vector<float>> final_observations;  // by (step, env)
  int step = 0;
  c.env.after_step = [&](const envs::StepBuffers& out) {
    for (int env = 0; env < 7; ++env) {
      if (out.truncated[static_cast<std::size_t>(env)] != 0) {
        const std::span<float> row = out.final_observation[1].row(env);
        final_observations[{step, env}].assign(row.begin(), row.end());
      }
    }
    ++step;
  };
  c.collector.start(c.env);
  c.collector.collect(c.env, [] { return false; });
  int num_time_outs = 0;
  int num_going_on = 0;
  for (int t = 0; t < c.config.num_steps; ++t) {
    for (int row = 0; row < 7; ++row) {
      const auto at = static_cast<std::size_t>(row);
      const float next_value = c.rollout.rows(c.rollout.next_value, t)[at];
      if (c.rollout.terminated_rows(t)[at] != 0) {
        continue;
      }
      if (c.rollout.truncated_envs(t)[at] != 0) {
        EXPECT_EQ(next_value, c.value_of(final_observations.at({t, row})));
        EXPECT_NE(next_value, c.value_of(c.rollout.observation(1, t + 1, row)));
        ++num_time_outs;
      } else {
        EXPECT_EQ(next_value, c.value_of(c.rollout.observation(1, t + 1, row)));
        ++num_going_on;
      }
    }
  }
  EXPECT_GT(num_time_outs, 0);
  EXPECT_GT(num_going_on, 0);
}

TEST(CollectorTest, KeepsTheUnclippedSampleAndItsLogProb) {
  Case c;
  std::ranges::fill(c.model.log_std(), std::log(4.0F));  // wider than the bound of 3
  c.collector.start(c.env);
  c.collector.collect(c.env, [] { return false; });
  float largest = 0.0F;
  for (int sample = 0; sample < c.rollout.num_samples(); ++sample) {
    const float action = c.rollout.row(c.rollout.action, 0, sample)[0];
    const std::vector<float> noise{(action - c.rollout.row(c.rollout.mean, 0, sample)[0]) / 4.0F};
    EXPECT_NEAR(c.rollout.log_prob[static_cast<std::size_t>(sample)],
                gaussian_log_prob(noise, c.model.log_std()), 1e-5);
    largest = std::max(largest, std::abs(action));
  }
  EXPECT_GT(largest, 6.0F);
}

TEST(CollectorTest, LearnsTheStatisticsOfEveryObservationActedOnOnce) {
  PpoConfig config = config_of();
  config.normalise_observations = true;
  PointMassEnv env(7);
  ThreadPool pool(1);
  ActorCritic model(config, env.spec());
  std::vector<Workspace> workspaces(1, Workspace(model));
  Rollout rollout(env.spec(), config.num_steps, 2);
  Collector collector(config, model, rollout, workspaces, pool);
  collector.start(env);
  collector.collect(env, [] { return false; });
  EXPECT_NEAR(model.actor_normaliser.statistics().count(), 7.0 * (config.num_steps + 1), 1e-3);
  EXPECT_NEAR(model.critic_normaliser.statistics().count(), 7.0 * (config.num_steps + 1), 1e-3);
}

TEST(CollectorTest, ARankExploresAsItsEnvsWouldAmongAll) {
  Case all(7);
  Case last(3, 4);
  all.collector.start(all.env);
  last.collector.start(last.env);
  all.collector.collect(all.env, [] { return false; });
  last.collector.collect(last.env, [] { return false; });
  for (int row = 0; row < 3; ++row) {
    EXPECT_EQ(last.rollout.row(last.rollout.action, 59, row)[0],
              all.rollout.row(all.rollout.action, 59, 4 + row)[0]);
  }
}

}  // namespace
}  // namespace fleet::agents
