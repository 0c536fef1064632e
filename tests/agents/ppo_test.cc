// Tests for agents/ppo/ppo.h: what must hold of a whole run. The formulas are in learner_test.cc.

#include "agents/ppo/ppo.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agents/make_agent.h"
#include "tests/support/allocations.h"
#include "tests/support/fields.h"
#include "tests/support/point_mass_env.h"

namespace fleet::agents {
namespace {

using test::PointMassEnv;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

PpoConfig small_config() {
  PpoConfig config;
  config.num_threads = 1;
  config.num_steps = 16;
  config.num_epochs = 2;
  config.num_minibatches = 2;
  config.actor_hidden_dims = {32, 32};
  config.critic_hidden_dims = {32, 32};
  return config;
}

/// All of an agent's state after some iterations from the start.
test::SavedFields run(const PpoConfig& config, int num_envs, int num_iterations) {
  PointMassEnv env(num_envs);
  Ppo ppo(config, env.spec());
  ppo.start(env);
  for (int i = 0; i < num_iterations; ++i) {
    ppo.iterate(env);
  }
  return test::save(ppo.state());
}

double scalar(const IterationReport& report, const std::string& tag) {
  for (const auto& [name, value] : report.scalars) {
    if (name == tag) {
      return value;
    }
  }
  throw std::out_of_range(tag);
}

bool all_finite(const Fields& fields) {
  for (const Field& field : fields) {
    if (field.dtype == DType::kF32) {
      const auto* values = reinterpret_cast<const float*>(field.data);
      for (std::int64_t i = 0; i < field.num_elements(); ++i) {
        if (!std::isfinite(values[i])) {
          return false;
        }
      }
    }
  }
  return true;
}

TEST(PpoTest, AnIterationStopsWithinAStepOrAMinibatch) {
  const PpoConfig config = small_config();  // 16 steps, 4 minibatches
  for (const int most : {0, 5, 16, 18, 19}) {
    PointMassEnv env(8);
    Ppo ppo(config, env.spec());
    ppo.start(env);
    int num_asked = 0;
    ppo.stop_when([&] { return ++num_asked > most; });
    EXPECT_FALSE(ppo.iterate(env).is_complete);
    EXPECT_EQ(num_asked, most + 1);
  }
}

TEST(PpoTest, SameSeedGivesTheSameBitsOnAnyNumberOfThreads) {
  PpoConfig config = small_config();
  config.actor_hidden_dims = {64, 48};  // large enough for the learner to use threads
  config.normalise_returns = true;
  config.symmetry = "augment";
  const test::SavedFields one = run(config, 130, 3);
  EXPECT_TRUE(one == run(config, 130, 3));
  for (const int num_threads : {2, 3, 7}) {
    config.num_threads = num_threads;
    EXPECT_TRUE(one == run(config, 130, 3)) << num_threads;
  }
}

TEST(PpoTest, AnotherSeedGivesOtherParameters) {
  PpoConfig config = small_config();
  const test::SavedFields one = run(config, 8, 1);
  config.seed = 2;
  EXPECT_NE(one.at("actor/0.weight"), run(config, 8, 1).at("actor/0.weight"));
}

TEST(PpoTest, ExplorationOfAnEnvDoesNotDependOnTheNumberOfEnvs) {
  PpoConfig config = small_config();
  config.normalise_observations = false;  // statistics do depend on all envs
  config.num_steps = 4;
  config.randomise_episode_clocks = false;
  config.num_minibatches = 1;
  const auto first_position_after_a_rollout = [&](int num_envs) {
    const test::SavedFields state = run(config, num_envs, 1);
    return std::vector<std::byte>(state.at("rollout/observation/actor").begin(),
                                  state.at("rollout/observation/actor").begin() + 8);
  };
  EXPECT_EQ(first_position_after_a_rollout(3), first_position_after_a_rollout(200));
}

TEST(PpoTest, RestoredAgentGoesOnBitForBit) {
  for (const char* schedule : {"adaptive", "linear"}) {
    PpoConfig config = small_config();
    config.schedule = schedule;
    config.normalise_returns = true;
    PointMassEnv env(20);
    Ppo ppo(config, env.spec());
    ppo.start(env);
    ppo.iterate(env);
    ppo.iterate(env);
    const test::SavedFields agent_state = test::save(ppo.state());
    const test::SavedFields env_state = test::save(env.state());
    ppo.iterate(env);

    PointMassEnv other_env(20);
    Ppo other(config, other_env.spec());
    test::load(agent_state, other.state());
    test::load(env_state, other_env.state());
    other.restore();
    other_env.restore();
    other.iterate(other_env);
    EXPECT_TRUE(test::save(other.state()) == test::save(ppo.state()));
    EXPECT_TRUE(test::save(other_env.state()) == test::save(env.state()));
  }
}

TEST(PpoTest, CollectionAllocatesNothing) {
  for (const int num_threads : {1, 2}) {
    PpoConfig config = small_config();
    config.num_threads = num_threads;
    config.normalise_returns = true;
    PointMassEnv env(300);
    Ppo ppo(config, env.spec());
    ppo.start(env);
    ppo.iterate(env);
    int step = 0;
    long at_first_step = 0;
    long at_last_step = -1;
    env.after_step = [&](const envs::StepBuffers&) {
      ++step;
      (step == 1 ? at_first_step : at_last_step) = test::num_allocations();
    };
    ppo.iterate(env);
    EXPECT_EQ(step, config.num_steps);
    EXPECT_EQ(at_last_step, at_first_step);
  }
}

TEST(PpoTest, BadRewardsAndObservationsAreContained) {
  PpoConfig config = small_config();
  PointMassEnv env(16);
  Ppo ppo(config, env.spec());
  ppo.start(env);
  env.after_step = [](const envs::StepBuffers& out) {
    out.reward[3] = kNan;
    out.reward[4] = std::numeric_limits<float>::infinity();
    out.observation[0](5, 0) = kNan;
    out.observation[1](5, 2) = -std::numeric_limits<float>::infinity();
    out.final_observation[1](6, 1) = kNan;
  };
  for (int i = 0; i < 5; ++i) {
    const IterationReport report = ppo.iterate(env);
    EXPECT_EQ(scalar(report, "Policy/skipped_updates"), 0.0);
    EXPECT_EQ(scalar(report, "Policy/bad_rewards"), 2.0 * config.num_steps * (i + 1));
    EXPECT_GT(scalar(report, "Policy/bad_observations"), 0.0);
    EXPECT_TRUE(all_finite(ppo.policy()));
  }
}

// So large that a layer overflows: the update cannot be made, and must not be.
TEST(PpoTest, UpdateThatIsNotFiniteIsSkippedAndCounted) {
  PpoConfig config = small_config();
  config.num_minibatches = 1;
  config.normalise_observations = false;
  PointMassEnv env(16);
  Ppo ppo(config, env.spec());
  for (const Field& field : ppo.policy()) {
    if (field.name == "actor/0.weight") {
      std::fill_n(reinterpret_cast<float*>(field.data), field.num_elements(), 1.0F);
    }
  }
  ppo.restore();
  ppo.start(env);
  const test::SavedFields before = test::save(ppo.policy());
  env.after_step = [](const envs::StepBuffers& out) {
    out.observation[0](5, 0) = 3e38F;
    out.observation[0](5, 1) = 3e38F;
  };
  const IterationReport report = ppo.iterate(env);
  EXPECT_EQ(scalar(report, "Policy/skipped_updates"), config.num_epochs);
  EXPECT_TRUE(test::save(ppo.policy()) == before);
}

TEST(PpoTest, LogStdStaysWithinItsBounds) {
  PpoConfig config = small_config();
  config.entropy_coef = 100.0;  // pulls the standard deviation up without end
  config.learning_rate = 1.0;
  config.schedule = "constant";
  PointMassEnv env(16);
  Ppo ppo(config, env.spec());
  ppo.start(env);
  for (int i = 0; i < 5; ++i) {
    ppo.iterate(env);
  }
  EXPECT_FLOAT_EQ(ppo.model().log_std()[0], static_cast<float>(std::log(config.max_std)));
}

TEST(PpoTest, EntropyIsPaidUpToItsShareOfTheRun) {
  PpoConfig paid = small_config();
  paid.num_iterations = 4;
  paid.entropy_coef = 0.1;
  PpoConfig half_paid = paid;
  half_paid.entropy_end = 0.5;
  EXPECT_TRUE(run(half_paid, 8, 2) == run(paid, 8, 2));
  EXPECT_FALSE(run(half_paid, 8, 3) == run(paid, 8, 3));
  PpoConfig unpaid = paid;
  unpaid.entropy_coef = 0.0;
  paid.entropy_end = 0.0;
  EXPECT_TRUE(run(paid, 8, 3) == run(unpaid, 8, 3));
}

TEST(PpoTest, TheLargestStdFallsToItsFinalValue) {
  PpoConfig config = small_config();
  config.num_iterations = 4;
  config.init_std = config.max_std = 0.5;
  config.final_max_std = 0.1;
  config.entropy_coef = 100.0;
  PointMassEnv env(16);
  Ppo ppo(config, env.spec());
  ppo.start(env);
  for (const double largest : {0.5, 0.4, 0.3, 0.2, 0.1, 0.1}) {
    ppo.iterate(env);
    EXPECT_NEAR(std::exp(ppo.model().log_std()[0]), largest, 1e-6);
  }
}

TEST(PpoTest, AnIterationGivenUpLeavesTheNoiseAsItWas) {
  PpoConfig config = small_config();
  config.num_iterations = 2;
  config.init_std = config.max_std = 0.5;
  config.final_max_std = 0.1;
  PointMassEnv env(4);
  Ppo ppo(config, env.spec());
  ppo.start(env);
  ppo.iterate(env);
  const test::SavedFields before = test::save(ppo.state());
  int steps = 0;
  ppo.stop_when([&] { return ++steps > config.num_steps; });  // among the minibatches
  EXPECT_FALSE(ppo.iterate(env).is_complete);
  test::load(before, ppo.state());
  ppo.restore();
  EXPECT_TRUE(test::save(ppo.state()) == before);
}

TEST(PpoTest, LogStdReadFromAFileIsMended) {
  PointMassEnv env(4);
  Ppo ppo(small_config(), env.spec());
  for (const Field& field : ppo.state()) {
    if (field.name == "actor/log_std") {
      *reinterpret_cast<float*>(field.data) = kNan;
    }
  }
  ppo.restore();
  EXPECT_FLOAT_EQ(ppo.model().log_std()[0], static_cast<float>(std::log(1e-3)));
}

TEST(PpoTest, ActIsFiniteAndNeedsOnlyThePolicyFields) {
  PointMassEnv env(4);
  Ppo ppo(small_config(), env.spec());
  ppo.start(env);
  ppo.iterate(env);
  PpoConfig config = small_config();
  config.seed = 99;
  Ppo other(config, env.spec());
  test::load(test::save(ppo.policy()), other.policy());
  other.restore();
  const std::vector<float> observation{0.5F, 1.0F, 1e20F, -1e20F, kNan, 0.0F};
  std::vector<float> action(3);
  std::vector<float> other_action(3);
  ppo.act({observation.data(), 3, 2}, {action.data(), 3, 1});
  other.act({observation.data(), 3, 2}, {other_action.data(), 3, 1});
  EXPECT_EQ(action, other_action);
  for (const float a : action) {
    EXPECT_TRUE(std::isfinite(a));
  }
}

TEST(PpoTest, RefusesWhatItCannotDo) {
  PointMassEnv env(4);
  PpoConfig config = small_config();
  config.clip = std::nan("");
  EXPECT_THROW(Ppo(config, env.spec()), std::invalid_argument);
  config = small_config();
  config.symmetry = "augment";
  envs::EnvSpec spec = env.spec();
  spec.observation_mirror[1].source.pop_back();
  EXPECT_THROW(Ppo(config, spec), std::invalid_argument);
  Ppo ppo(small_config(), env.spec());
  PointMassEnv other(5);
  EXPECT_THROW(ppo.start(other), std::invalid_argument);
  EXPECT_THROW(make_agent({.name = "pp0", .ppo = {}}, env.spec()), std::invalid_argument);
}

TEST(PpoTest, LearnsToHoldAPointMassAtTheOrigin) {
  PpoConfig config = small_config();
  config.num_threads = 2;
  config.num_epochs = 5;
  config.num_minibatches = 4;
  config.num_steps = 24;
  PointMassEnv env(128);
  Ppo ppo(config, env.spec());
  ppo.start(env);
  for (int i = 0; i < 80; ++i) {
    ppo.iterate(env);
  }
  // The deterministic policy, from the start of an episode: it earns at most 1 per step.
  PointMassEnv judge(64);
  std::vector<float> actor(128);
  std::vector<float> critic(192);
  std::vector<float> final_actor(128);
  std::vector<float> final_critic(192);
  std::vector<float> reward(64);
  std::vector<float> action(64);
  std::vector<std::uint8_t> terminated(64);
  std::vector<std::uint8_t> truncated(64);
  const envs::StepBuffers out{
      .observation = {{actor.data(), 64, 2}, {critic.data(), 64, 3}},
      .final_observation = {{final_actor.data(), 64, 2}, {final_critic.data(), 64, 3}},
      .reward = reward,
      .terminated = terminated,
      .truncated = truncated,
      .metrics = {},
      .decides = {}};
  judge.reset(7, out);
  double sum = 0.0;
  for (int step = 0; step < PointMassEnv::kEpisodeSteps; ++step) {
    ppo.act(out.observation[0], {action.data(), 64, 1});
    judge.step(BatchView<float>(action.data(), 64, 1), out);
    for (const float r : reward) {
      sum += r;
    }
  }
  EXPECT_GT(sum / (64.0 * PointMassEnv::kEpisodeSteps), 0.6);
}

}  // namespace
}  // namespace fleet::agents
