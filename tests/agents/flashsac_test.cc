// Tests for agents/flashsac/flashsac.h: what must hold of a whole run. That an update is FlashSAC's
// is shown in flashsac_golden_test.cc.

#include "agents/flashsac/flashsac.h"

#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "agents/make_agent.h"
#include "cuda/gemm.h"
#include "envs/env_buffers.h"
#include "tests/support/allocations.h"
#include "tests/support/fields.h"
#include "tests/support/point_mass_env.h"

namespace fleet::agents {
namespace {

using flashsac::Learner;
using flashsac::Network;
using flashsac::UpdateReport;
using test::PointMassEnv;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

FlashSacConfig small_config() {
  FlashSacConfig config;
  config.num_threads = 1;
  config.num_updates = 1000;
  config.num_steps = 12;
  config.transitions_per_update = 8;
  config.buffer_size = 400;
  config.min_buffer = 64;
  config.batch_size = 96;
  config.actor_width = 20;  // not a multiple of a vector
  config.actor_blocks = 1;
  config.critic_width = 32;
  config.critic_blocks = 1;
  config.num_bins = 21;
  config.n_step = 3;
  return config;
}

FlashSacConfig sac_config() {
  FlashSacConfig config = small_config();
  config.network = "mlp";
  config.critic = "mse";
  config.hidden_dims = {40, 24};
  config.projection = false;
  config.scale_rewards = false;
  config.max_noise_repeat = 1;
  config.actor_period = 1;
  config.initial_temperature = 1.0;
  config.target_sigma = 0.0;
  config.min_log_std = -5.0;
  return config;
}

/// Near its first actions for long: all that a schedule moves.
FlashSacConfig slow_config() {
  FlashSacConfig config = small_config();
  config.actor_head = "small";
  config.mean_penalty = 0.02;
  config.log_std_drop = 1.0;
  config.actor_learning_rate = 1e-5;
  config.final_actor_learning_rate = 1e-4;
  config.num_updates = 60;
  return config;
}

FlashSacConfig bfloat16_config() {
  FlashSacConfig config = small_config();
  config.precision = "bfloat16";
  config.batch_size = 95;  // pairs of rows leave one over
  return config;
}

/// All of an agent's state after some iterations from the start.
test::SavedFields run(const FlashSacConfig& config, int num_envs, int num_iterations) {
  PointMassEnv env(num_envs);
  FlashSac agent(config, env.spec());
  agent.start(env);
  for (int i = 0; i < num_iterations; ++i) {
    agent.iterate(env);
  }
  return test::save(agent.state());
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
    for (std::int64_t row = 0; row < field.num_rows(); ++row) {
      for (std::int64_t i = 0; i < field.row_size(); ++i) {
        if (field.dtype == DType::kF32 &&
            !std::isfinite(reinterpret_cast<const float*>(field.row(row))[i])) {
          return false;
        }
        if (field.dtype == DType::kF64 &&
            !std::isfinite(reinterpret_cast<const double*>(field.row(row))[i])) {
          return false;
        }
      }
    }
  }
  return true;
}

TEST(FlashSacTest, SameSeedGivesTheSameBitsOnAnyNumberOfThreads) {
  for (FlashSacConfig config : {small_config(), sac_config(), bfloat16_config(), slow_config()}) {
    config.sampler = "age";
    config.symmetry = "augment";
    const test::SavedFields one = run(config, 8, 5);
    EXPECT_TRUE(one == run(config, 8, 5));
    for (const int num_threads : {2, 3, 7}) {
      config.num_threads = num_threads;
      EXPECT_TRUE(one == run(config, 8, 5)) << num_threads;
    }
  }
}

TEST(FlashSacTest, AnotherSeedGivesOtherParameters) {
  FlashSacConfig config = small_config();
  const test::SavedFields one = run(config, 8, 2);
  config.seed = 2;
  EXPECT_NE(one.at("actor/0.weight"), run(config, 8, 2).at("actor/0.weight"));
}

TEST(FlashSacTest, RestoredAgentGoesOnBitForBit) {
  for (const FlashSacConfig& config :
       {small_config(), sac_config(), bfloat16_config(), slow_config()}) {
    PointMassEnv env(8);
    FlashSac agent(config, env.spec());
    agent.start(env);
    for (int i = 0; i < 3; ++i) {
      agent.iterate(env);
    }
    const test::SavedFields agent_state = test::save(agent.state());
    const test::SavedFields env_state = test::save(env.state());
    agent.iterate(env);
    agent.iterate(env);

    PointMassEnv other_env(8);
    FlashSac other(config, other_env.spec());
    test::load(agent_state, other.sizes());
    test::load(agent_state, other.state());
    test::load(env_state, other_env.state());
    other.restore();
    other_env.restore();
    other.iterate(other_env);
    other.iterate(other_env);
    EXPECT_TRUE(test::save(other.state()) == test::save(agent.state()));
    EXPECT_TRUE(test::save(other_env.state()) == test::save(env.state()));
  }
}

std::int64_t num_rows(const Fields& fields, const std::string& name) {
  for (const Field& field : fields) {
    if (field.name == name) {
      return field.num_rows();
    }
  }
  throw std::out_of_range(name);
}

TEST(FlashSacTest, OnlyTheFilledPartOfTheReplayIsSaved) {
  PointMassEnv env(8);
  FlashSac agent(small_config(), env.spec());
  agent.start(env);
  EXPECT_EQ(num_rows(agent.state(), "replay/transitions"), 0);
  agent.iterate(env);
  EXPECT_EQ(num_rows(agent.state(), "replay/transitions"), agent.replay().size());
  EXPECT_LE(agent.replay().size(), 12 * 8);  // steps, envs
  for (int i = 0; i < 5; ++i) {
    agent.iterate(env);
  }
  EXPECT_EQ(num_rows(agent.state(), "replay/transitions"), 400);
}

TEST(ReplayTest, TheRingOfAnotherCapacityFitsOnlyWhileItHasNotTurned) {
  const flashsac::TransitionShape shape(2, 0, 1);
  const auto num_rows_after = [&](int num_pushed, std::int64_t capacity) {
    flashsac::Replay from(shape, 10, {});
    for (int i = 0; i < num_pushed; ++i) {
      from.push();
    }
    flashsac::Replay to(shape, capacity, {});
    test::load(test::save(from.sizes("")), to.sizes(""));
    return num_rows(to.fields(""), "transitions");
  };
  EXPECT_EQ(num_rows_after(7, 10), 7);
  EXPECT_EQ(num_rows_after(13, 10), 10);
  EXPECT_EQ(num_rows_after(7, 20), 7);
  EXPECT_EQ(num_rows_after(7, 8), 7);
  // Refused by a restore, which finds 7 or 10 rows saved.
  EXPECT_EQ(num_rows_after(7, 5), 5);
  EXPECT_EQ(num_rows_after(10, 20), 20);
  EXPECT_EQ(num_rows_after(13, 20), 20);
  EXPECT_EQ(num_rows_after(13, 5), 5);
}

TEST(FlashSacTest, StoppedIterationGoesOnWhereItStopped) {
  const FlashSacConfig config = small_config();
  PointMassEnv env(8);
  FlashSac agent(config, env.spec());
  ASSERT_TRUE(agent.keeps_its_place());
  agent.start(env);
  int num_asked = 0;
  agent.stop_when([&] { return ++num_asked % 5 == 0; });
  std::int64_t env_steps = 0;
  for (int num_complete = 0; num_complete < 4;) {
    const IterationReport report = agent.iterate(env);
    num_complete += report.is_complete ? 1 : 0;
    env_steps += report.env_steps;
  }
  EXPECT_EQ(env_steps, 4 * 12 * 8);
  EXPECT_TRUE(test::save(agent.state()) == run(config, 8, 4));
}

template <typename T>
void expect_unit_norms(const Network<T>& network) {
  const flashsac::NetworkShape& shape = network.shape();
  const auto norm_of = [](const T* x, int count) {
    double sum = 0.0;
    for (int i = 0; i < count; ++i) {
      sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    }
    return std::sqrt(sum);
  };
  for (int member = 0; member < network.num_members(); ++member) {
    const T* const p = network.member(network.parameters, member);
    for (const flashsac::LayerShape& l : shape.layers) {
      for (int row = 0; row < l.out; ++row) {
        EXPECT_NEAR(norm_of(p + l.weight + row * kernels::padded_stride(l.in), l.in), 1.0, 1e-6);
      }
      if (l.has_norm) {
        const double norm =
            std::hypot(norm_of(p + l.norm.scale, l.out), norm_of(p + l.norm.shift, l.out));
        EXPECT_NEAR(norm / std::sqrt(l.out), 1.0, 1e-6);
      }
    }
    const int dim = shape.layers.back().in;
    EXPECT_NEAR(norm_of(p + shape.feature_scale, dim) / std::sqrt(dim), 1.0, 1e-6);
  }
}

TEST(FlashSacTest, ProjectedRowsKeepNormOneThroughoutATraining) {
  PointMassEnv env(8);
  FlashSac agent(small_config(), env.spec());
  expect_unit_norms(agent.learner().actor);
  expect_unit_norms(agent.learner().target);
  agent.start(env);
  for (int i = 0; i < 10; ++i) {
    agent.iterate(env);
    expect_unit_norms(agent.learner().actor);
    expect_unit_norms(agent.learner().critic);
  }
  EXPECT_GT(agent.learner().num_updates(), 50);
}

TEST(FlashSacTest, ASmallHeadStartsNearZeroAndAloneIsNotProjected) {
  PointMassEnv env(8);
  FlashSacConfig config = small_config();
  config.actor_head = "small";
  FlashSac agent(config, env.spec());
  const std::vector<float> observation{2.0F, -1.0F};
  float action = 1.0F;
  agent.act({observation.data(), 1, 2}, {&action, 1, 1});
  EXPECT_NE(action, 0.0F);
  EXPECT_LT(std::abs(action), 0.05F * env.spec().action_bound[0]);
  agent.start(env);
  for (int i = 0; i < 10; ++i) {
    agent.iterate(env);
  }
  const Network<float>& actor = agent.learner().actor;
  const float* const p = actor.member(actor.parameters, 0);
  const auto norm_of_row = [&](int layer, int row) {
    const flashsac::LayerShape& l = actor.shape().layer(layer);
    const std::span<const float> weights(p + l.weight + row * kernels::padded_stride(l.in),
                                         static_cast<std::size_t>(l.in));
    return std::sqrt(std::inner_product(weights.begin(), weights.end(), weights.begin(), 0.0));
  };
  const int head = actor.shape().num_layers() - 1;
  for (int layer = 0; layer < head; ++layer) {
    EXPECT_NEAR(norm_of_row(layer, 0), 1.0, 1e-6) << layer;
  }
  EXPECT_GT(norm_of_row(head, 0), 0.02) << "the head has not learnt";
  EXPECT_LT(norm_of_row(head, 0), 0.5);
}

TEST(FlashSacTest, AugmentedBatchesHoldTransitionsAndMirrorImages) {
  PointMassEnv env(8);
  FlashSacConfig config = small_config();
  config.symmetry = "augment";
  config.scale_rewards = false;  // so that a reward tells which transition was drawn
  FlashSac agent(config, env.spec());
  agent.start(env);
  while (agent.learner().num_updates() == 0) {
    agent.iterate(env);
  }
  const flashsac::TransitionShape& shape = agent.replay().shape();
  std::map<float, const float*> stored;  // by reward
  for (std::int64_t i = 0; i < agent.replay().size(); ++i) {
    const float* const row = agent.replay().at(i).data();
    stored[row[shape.reward]] = row;
  }
  // The rows that the networks read are those of the last update.
  auto& learner = const_cast<Learner<float>&>(agent.learner());
  int num_mirrored = 0;
  for (int row = 0; row < config.batch_size; ++row) {
    const auto at = static_cast<std::size_t>(row);
    const float* const from = stored.at(learner.batch.reward[at]);
    const float sign = learner.batch.action[at] == from[shape.action] ? 1.0F : -1.0F;
    EXPECT_EQ(learner.batch.action[at], sign * from[shape.action]);
    for (const bool is_next : {false, true}) {
      const float* const seen =
          from + (is_next ? shape.next_actor_observation : shape.actor_observation);
      const float* const judged = from + (is_next ? shape.next_observation : shape.observation);
      EXPECT_EQ(learner.actor_observation(row, is_next)[0], sign * seen[0]);
      EXPECT_EQ(learner.observation(row, is_next)[1], sign * judged[1]);
      EXPECT_EQ(learner.observation(row, is_next)[2], judged[2]) << "the time left has no sign";
    }
    num_mirrored += sign < 0.0F ? 1 : 0;
  }
  EXPECT_NEAR(num_mirrored, 0.5 * config.batch_size, 4.0 * std::sqrt(0.25 * config.batch_size));
}

TEST(FlashSacTest, MirrorImagesThatTheTaskDoesNotDeclareAreRefused) {
  PointMassEnv env(2);
  envs::EnvSpec spec = env.spec();
  FlashSacConfig config = small_config();
  config.symmetry = "augment";
  spec.observation_mirror.pop_back();
  EXPECT_THROW(FlashSac(config, spec), std::invalid_argument) << "a group has none";
  spec.observation_mirror.clear();
  EXPECT_THROW(FlashSac(config, spec), std::runtime_error);
}

TEST(FlashSacTest, NanLossSkipsTheStepAndReachesNothing) {
  ThreadPool pool(1);
  FlashSacConfig config = small_config();
  const flashsac::Sizes sizes{.actor_dim = 2, .critic_dim = 3, .action_dim = 1};
  Learner<float> learner(config, sizes, pool);
  learner.update();
  Fields fields = learner.fields();
  for (Field& field : learner.actor.fields("actor/")) {
    fields.push_back(field);
  }
  const auto without_counter = [&] {
    test::SavedFields saved = test::save(fields);
    saved.erase("learner/num_updates");
    return saved;
  };
  const test::SavedFields before = without_counter();
  learner.observation(5, false)[1] = kNan;
  learner.actor_observation(5, false)[1] = kNan;
  for (int update = 0; update < 2; ++update) {  // without the actor, and with it
    const UpdateReport report = learner.update();
    EXPECT_TRUE(report.is_critic_skipped);
    EXPECT_EQ(report.is_actor_skipped, report.has_actor);
    EXPECT_TRUE(without_counter() == before);
  }
  learner.observation(5, false)[1] = 0.0F;
  learner.actor_observation(5, false)[1] = 0.0F;
  learner.batch.reward[3] = kNan;
  EXPECT_TRUE(learner.update().is_critic_skipped);
  EXPECT_TRUE(without_counter() == before);
}

TEST(FlashSacTest, BadObservationsAndRewardsStayOutOfReplayAndWeights) {
  PointMassEnv env(4);
  int step = 0;
  env.after_step = [&](const envs::StepBuffers& out) {
    ++step;
    if (step % 7 == 0) {
      out.reward[1] = kNan;
    }
    if (step % 11 == 0) {
      out.final_observation[1](2, 0) = std::numeric_limits<float>::infinity();
    }
  };
  FlashSac agent(small_config(), env.spec());
  agent.start(env);
  IterationReport report;
  for (int i = 0; i < 6; ++i) {
    report = agent.iterate(env);
  }
  EXPECT_EQ(scalar(report, "Policy/bad_rewards"), step / 7);
  EXPECT_GT(scalar(report, "Policy/bad_transitions"), 0.0);
  EXPECT_EQ(scalar(report, "Policy/skipped_updates"), 0.0);
  Fields fields = agent.state();
  std::erase_if(fields, [](const Field& f) { return f.name.starts_with("collector/window"); });
  EXPECT_TRUE(all_finite(fields));
}

TEST(FlashSacTest, NothingIsAllocatedOnceItRuns) {
  int num_threads = 0;
  for (FlashSacConfig config : {small_config(), small_config(), bfloat16_config()}) {
    config.num_threads = ++num_threads % 2 + 1;
    config.num_steps = 1;
    PointMassEnv env(8);
    FlashSac agent(config, env.spec());
    agent.start(env);
    for (int i = 0; i < 20; ++i) {
      agent.iterate(env);
    }
    const long before = test::num_allocations();
    const IterationReport report = agent.iterate(env);
    // The report itself, whose tags are strings.
    EXPECT_LE(test::num_allocations() - before, 3 * static_cast<long>(report.scalars.size()));
  }
}

double mean_reward(FlashSac& agent, int num_envs) {
  PointMassEnv env(num_envs);
  std::vector<float> rows[2], finals[2], action(static_cast<std::size_t>(num_envs));
  envs::StepBuffers out;
  for (int group = 0; group < 2; ++group) {
    const int dim = env.spec().observations[static_cast<std::size_t>(group)].dim();
    rows[group].resize(static_cast<std::size_t>(num_envs * dim));
    finals[group].resize(rows[group].size());
    out.observation.emplace_back(rows[group].data(), num_envs, dim);
    out.final_observation.emplace_back(finals[group].data(), num_envs, dim);
  }
  std::vector<float> reward(action.size());
  std::vector<std::uint8_t> flags[2] = {std::vector<std::uint8_t>(action.size()),
                                        std::vector<std::uint8_t>(action.size())};
  out.reward = reward;
  out.terminated = flags[0];
  out.truncated = flags[1];
  env.reset(77, out);
  double sum = 0.0;
  for (int step = 0; step < 50; ++step) {
    agent.act(out.observation[0], {action.data(), num_envs, 1});
    env.step({action.data(), num_envs, 1}, out);
    for (const float r : reward) {
      sum += double{r};
    }
  }
  return sum / (50.0 * num_envs);
}

/// Settings of a run that learns to hold a point mass in eight iterations.
void train_long(FlashSacConfig& config) {
  config.buffer_size = 20'000;
  config.min_buffer = 500;
  config.num_steps = 100;
  config.num_updates = 1500;
  config.learning_rate = 1e-3;
  config.final_learning_rate = 1e-3;
}

TEST(FlashSacTest, LearnsToHoldAPointMass) {
  for (FlashSacConfig config : {small_config(), sac_config(), bfloat16_config()}) {
    train_long(config);
    PointMassEnv env(16);
    FlashSac agent(config, env.spec());
    const double before = mean_reward(agent, 64);
    agent.start(env);
    for (int i = 0; i < 8; ++i) {
      agent.iterate(env);
    }
    EXPECT_LT(before, 0.75);
    EXPECT_GT(mean_reward(agent, 64), 0.85) << config.network << ' ' << config.precision;
  }
}

/// What is met from here on, discounted, for as long as it matters.
/// @param is_value the critics' expectation instead
double mean_return(FlashSac& agent, double gamma, bool is_value) {
  constexpr int kEnvs = 64;
  PointMassEnv env(kEnvs);
  envs::EnvBuffers buffers(env.spec());
  env.reset(78, buffers.views);
  const auto step = [&] {
    agent.act(buffers.views.observation[0], buffers.action_view());
    env.step(buffers.action_view(), buffers.views);
  };
  for (int i = 0; i < 5; ++i) {
    step();
  }
  double sum = 0.0;
  if (is_value) {
    std::vector<float> value(kEnvs);
    agent.value(buffers.views.observation, value);
    for (const float v : value) {
      sum += double{v};
    }
    return sum / kEnvs;
  }
  for (int i = 0; i < 40; ++i) {  // well before the time limit
    step();
    for (const float r : buffers.reward) {
      sum += std::pow(gamma, i) * double{r};
    }
  }
  return sum / kEnvs;
}

TEST(FlashSacTest, ValuesAreTheReturnsToComeInTheTasksUnits) {
  for (FlashSacConfig config : {small_config(), sac_config()}) {
    train_long(config);
    config.gamma = 0.8;
    config.tau = 0.05;
    PointMassEnv env(16);
    FlashSac agent(config, env.spec());
    agent.start(env);
    for (int i = 0; i < 8; ++i) {
      agent.iterate(env);
    }
    const double met = mean_return(agent, config.gamma, false);
    EXPECT_GT(met, 3.0);
    EXPECT_NEAR(mean_return(agent, config.gamma, true), met, 0.15 * met) << config.network;
  }
}

TEST(FlashSacTest, ImpossibleSettingsAreNamed) {
  AgentConfig config{.name = "flashsac", .ppo = {}};
  EXPECT_EQ(config.validate(), "");
  const auto problem = [&](auto change) {
    AgentConfig changed = config;
    change(changed.flashsac);
    return changed.validate();
  };
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.batch_size = 2'000'000; }),
            "batch_size must be at most buffer_size");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.num_bins = 1; }), "num_bins must be in [2, 8192]");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.gamma = std::nan(""); }), "gamma must be in [0, 1]");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.sampler = "newest"; }),
            "sampler must be uniform or age");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.symmetry = "mirror"; }),
            "symmetry must be none or augment");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.actor_head = "large"; }),
            "actor_head must be unit or small");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.precision = "float16"; }),
            "precision must be float32 or bfloat16");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.log_std_drop = -1.0; }),
            "log_std_drop must be in [0, 20]");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.mean_penalty = -1.0; }),
            "mean_penalty must be in [0, 1e3]");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.final_actor_learning_rate = 1e-4; }),
            "final_actor_learning_rate needs an actor_learning_rate");
  EXPECT_EQ(problem([](FlashSacConfig& c) { c.min_buffer = 1 + c.buffer_size; }),
            "min_buffer must be positive and at most buffer_size");
  config.name = "sarsa";
  EXPECT_EQ(config.validate(), "agent 'sarsa' is not one of: ppo, flashsac");
}

/// The mean of the squares of what the actor means to do, before the tanh, in rows of a fixed
/// batch from which it has learnt for a while.
double squared_means_after_learning(double mean_penalty) {
  FlashSacConfig config = small_config();
  config.mean_penalty = mean_penalty;
  config.actor_learning_rate = 1e-3;
  config.final_actor_learning_rate = 1e-3;
  ThreadPool pool(1);
  Learner<double> learner(config, {.actor_dim = 2, .critic_dim = 2, .action_dim = 1}, pool);
  for (int row = 0; row < config.batch_size; ++row) {
    for (const bool is_next : {false, true}) {
      learner.actor_observation(row, is_next)[0] = learner.observation(row, is_next)[0] =
          std::sin(0.7 * row + is_next);
      learner.actor_observation(row, is_next)[1] = learner.observation(row, is_next)[1] =
          std::cos(1.1 * row - is_next);
    }
    const auto at = static_cast<std::size_t>(row);
    learner.batch.action[at] = 0.9 * std::sin(2.3 * row);
    learner.batch.reward[at] = 0.1 * learner.batch.action[at];
  }
  for (int i = 0; i < 400; ++i) {
    learner.update();
  }
  flashsac::Pass<double> pass(learner.actor.shape(), 1, 2 * config.batch_size);
  for (int row = 0; row < config.batch_size; ++row) {
    std::copy_n(learner.actor_observation(row, false), 2, pass.input(row));
  }
  const flashsac::RowRange rows{0, config.batch_size};
  pass.forward(learner.actor, flashsac::Statistics::kRunning, rows, rows, pool);
  double sum = 0.0;
  for (int row = 0; row < config.batch_size; ++row) {
    sum += pass.output(0, row)[0] * pass.output(0, row)[0];
  }
  return sum / config.batch_size;
}

TEST(FlashSacTest, MeansStayNearZeroWhereThePenaltyOutweighsTheCritics) {
  const double free = squared_means_after_learning(0.0);
  EXPECT_GT(free, 0.3);
  EXPECT_LT(squared_means_after_learning(100.0), 0.05 * free);
}

TEST(FlashSacTest, PrecisionIsThatOfUpdatesAndActingStaysInFloats) {
  ThreadPool pool(1);
  const flashsac::Sizes sizes{.actor_dim = 2, .critic_dim = 3, .action_dim = 1};
  EXPECT_THROW(Learner<double>(bfloat16_config(), sizes, pool), std::invalid_argument);

  FlashSacConfig config = bfloat16_config();
  PointMassEnv env(8);
  const auto act = [&](FlashSac& agent) {
    const std::vector<float> observation{0.3F, -1.1F};
    float action = 0.0F;
    agent.act({observation.data(), 1, 2}, {&action, 1, 1});
    return action;
  };
  FlashSac rounded(config, env.spec());
  config.precision = "float32";
  FlashSac exact(config, env.spec());
  EXPECT_EQ(act(rounded), act(exact));
  for (FlashSac* agent : {&rounded, &exact}) {
    agent->start(env);
    for (int i = 0; i < 3; ++i) {
      agent->iterate(env);
    }
  }
  EXPECT_NE(rounded.learner().actor.parameters, exact.learner().actor.parameters);
}

TEST(FlashSacTest, ActionScaleIsAShareOfTheBound) {
  PointMassEnv env(4);
  const auto actions_at = [&](double scale) {
    FlashSacConfig config = small_config();
    config.action_scale = scale;
    FlashSac agent(config, env.spec());
    const auto size = static_cast<std::size_t>(env.spec().action_dim);
    const int dim = env.spec().observations[0].dim();
    const std::vector<float> observation(static_cast<std::size_t>(dim), 0.5F);
    std::vector<float> action(size);
    agent.act({observation.data(), 1, dim}, {action.data(), 1, env.spec().action_dim});
    return action;
  };
  const std::vector<float> whole = actions_at(1.0);
  const std::vector<float> quarter = actions_at(0.25);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_NE(whole[i], 0.0F);
    EXPECT_FLOAT_EQ(quarter[i], 0.25F * whole[i]);
  }
  FlashSacConfig config = small_config();
  config.action_scale = 0.0;
  EXPECT_NE(config.validate(), "");
  config.action_scale = 1.5;
  EXPECT_NE(config.validate(), "");
}

}  // namespace
}  // namespace fleet::agents
