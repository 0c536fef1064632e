// Tests for envs/task_env.h and its backends: what holds for every task on each of them.

#include "envs/task_env.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "envs/lanes_env.h"
#include "envs/mujoco_env.h"
#include "tests/support/allocations.h"
#include "tests/support/carts_task.h"
#include "tests/support/env_batch.h"

namespace fleet::envs {
namespace {

using fleet::testing::CartsConfig;
using fleet::testing::CartsTask;
using fleet::testing::EnvBatch;
using ::testing::Each;

template <class Env>
Env make_carts(EnvOptions options, CartsConfig config = {}) {
  return {config, options, fleet::testing::carts_model()};
}

template <class Env>
class TaskEnvTest : public ::testing::Test {};

struct EnvName {
  template <class Env>
  static std::string GetName(int /*index*/) {
    return std::is_same_v<Env, MujocoEnv<CartsTask>>                         ? "Mujoco"
           : std::is_same_v<Env, LanesEnv<CartsTask, double>>                ? "LanesOfOne"
           : std::is_same_v<Env, LanesEnv<CartsTask, physics::FloatPack<8>>> ? "LanesOfEight"
                                                                             : "LanesOfSixteen";
  }
};
using EnvTypes = ::testing::Types<MujocoEnv<CartsTask>, LanesEnv<CartsTask, double>,
                                  LanesEnv<CartsTask, physics::FloatPack<8>>,
                                  LanesEnv<CartsTask, physics::FloatPack<16>>>;
TYPED_TEST_SUITE(TaskEnvTest, EnvTypes, EnvName);

/// An action that depends on the global index of the env alone, so that batches can be compared.
void set_action(EnvBatch& batch, int step, int first_env = 0) {
  for (int row = 0; row < batch.num_rows(); ++row) {
    batch.action()(row, 0) = static_cast<float>(std::sin(0.7 * (row + 2 * first_env) + 0.3 * step));
  }
}

template <class Env>
std::vector<float> observations_after(int num_steps, EnvOptions options) {
  auto env = make_carts<Env>(options);
  EnvBatch batch(env.spec());
  env.reset(7, batch.views());
  for (int step = 0; step < num_steps; ++step) {
    set_action(batch, step, options.first_env);
    env.step(batch.action(), batch.views());
  }
  return batch.observation(0);
}

TYPED_TEST(TaskEnvTest, ThreadsDoNotChangeABit) {
  const auto one = observations_after<TypeParam>(200, {.num_envs = 13, .num_threads = 1});
  const auto three = observations_after<TypeParam>(200, {.num_envs = 13, .num_threads = 3});
  EXPECT_EQ(one, three);
}

TYPED_TEST(TaskEnvTest, AnEnvDoesNotDependOnHowManyThereAre) {
  const auto many = observations_after<TypeParam>(120, {.num_envs = 8, .num_threads = 2});
  const auto last =
      observations_after<TypeParam>(120, {.num_envs = 3, .num_threads = 1, .first_env = 5});
  EXPECT_EQ(std::vector<float>(many.end() - static_cast<std::ptrdiff_t>(last.size()), many.end()),
            last);
}

TYPED_TEST(TaskEnvTest, EvaluationDrawsOtherNumbersThanTraining) {
  const auto training = observations_after<TypeParam>(1, {.num_envs = 4});
  const auto evaluation = observations_after<TypeParam>(1, {.num_envs = 4, .evaluation = true});
  EXPECT_NE(training, evaluation);
}

TYPED_TEST(TaskEnvTest, RowsArePlayersOfEnvs) {
  auto env = make_carts<TypeParam>({.num_envs = 2, .noise = false});
  EnvBatch batch(env.spec());
  env.reset(1, batch.views());
  ASSERT_EQ(batch.num_rows(), 4);
  batch.action()(3, 0) = 1.0F;  // the second player of the second env alone pushes
  const std::vector<float> before = batch.observation(0);
  env.step(batch.action(), batch.views());
  const std::vector<float> after = batch.observation(0);
  EXPECT_GT(after[3 * 2 + 1], 0.1F);
  EXPECT_EQ(after[1 * 2 + 1], before[1 * 2 + 1]);
  EXPECT_FLOAT_EQ(batch.reward()[3], after[3 * 2] - 1.0F);
}

TYPED_TEST(TaskEnvTest, TimeLimitTruncatesAndKeepsTheFinalObservation) {
  auto env = make_carts<TypeParam>({.num_envs = 1, .noise = false}, {.max_episode_steps = 3});
  EnvBatch batch(env.spec());
  env.reset(1, batch.views());
  for (int step = 0; step < 2; ++step) {
    env.step(batch.action(), batch.views());
    EXPECT_EQ(batch.truncated()[0], 0);
    EXPECT_EQ(batch.observation(0), batch.final_observation(0));
  }
  const float x_before_reset = batch.observation(0)[2];
  env.step(batch.action(), batch.views());
  EXPECT_EQ(batch.truncated()[0], 1);
  EXPECT_THAT(batch.terminated(), Each(0));
  EXPECT_NEAR(batch.final_observation(0)[2], x_before_reset, 1e-3);
  EXPECT_NE(batch.observation(0), batch.final_observation(0));
}

TYPED_TEST(TaskEnvTest, TerminationIsNoTruncation) {
  auto env = make_carts<TypeParam>({.num_envs = 1}, {.max_episode_steps = 1000});
  EnvBatch batch(env.spec());
  env.reset(1, batch.views());
  batch.action()(0, 0) = 1.0F;
  int step = 0;
  do {
    env.step(batch.action(), batch.views());
    ++step;
  } while (batch.terminated()[0] == 0 && step < 1000);
  ASSERT_LT(step, 1000);
  EXPECT_THAT(batch.terminated(), Each(1));  // the game is over for both players
  EXPECT_EQ(batch.truncated()[0], 0);
  EXPECT_EQ(env.take_statistics().termination_counts[0], 1.0);
}

TYPED_TEST(TaskEnvTest, ActionsAreClippedAndCounted) {
  auto env = make_carts<TypeParam>({.num_envs = 1});
  EnvBatch batch(env.spec());
  env.reset(1, batch.views());
  batch.action()(0, 0) = 5.0F;
  batch.action()(1, 0) = std::numeric_limits<float>::quiet_NaN();
  env.step(batch.action(), batch.views());
  EXPECT_TRUE(std::isfinite(batch.reward()[1]));
  const Statistics statistics = env.take_statistics();
  EXPECT_EQ(statistics.clipped, 2);
  EXPECT_EQ(statistics.action_components, 2);
}

TYPED_TEST(TaskEnvTest, ADelayHoldsTheActionBefore) {
  auto env = make_carts<TypeParam>({.num_envs = 1, .noise = false, .action_delay = {4, 4}});
  EnvBatch batch(env.spec());
  env.reset(1, batch.views());
  const float v_before = batch.observation(0)[3];
  batch.action()(1, 0) = 1.0F;
  env.step(batch.action(), batch.views());
  EXPECT_EQ(batch.observation(0)[3], v_before);  // all four substeps used the 0 before it
  batch.action()(1, 0) = 0.0F;
  env.step(batch.action(), batch.views());
  EXPECT_GT(batch.observation(0)[3], 0.1F);
}

/// Where a world's first velocity is among the numbers of its state.
template <class Env>
constexpr int kVelocity = std::is_same_v<Env, MujocoEnv<CartsTask>> ? 3 : 2;  // a time is before it

TYPED_TEST(TaskEnvTest, ADelayedActorSeesWhatWas) {
  const EnvOptions now{.num_envs = 5, .num_threads = 2};
  EnvOptions late = now;
  late.observation_delay = {3, 3};
  auto prompt = make_carts<TypeParam>(now, {.max_episode_steps = 9});
  auto tardy = make_carts<TypeParam>(late, {.max_episode_steps = 9});
  EnvBatch expected(prompt.spec());
  EnvBatch found(tardy.spec());
  prompt.reset(3, expected.views());
  tardy.reset(3, found.views());
  std::vector<std::vector<float>> seen{expected.observation(0)};
  EXPECT_EQ(found.observation(0), seen[0]);
  for (int step = 1; step <= 20; ++step) {  // the last in the third episode
    set_action(expected, step);
    set_action(found, step);
    prompt.step(expected.action(), expected.views());
    tardy.step(found.action(), found.views());
    EXPECT_EQ(found.reward(), expected.reward());
    const bool ends = step % 9 == 0;
    if (ends) {
      EXPECT_EQ(found.final_observation(0), seen[6]);
      seen.clear();
    }
    seen.push_back(expected.observation(0));
    EXPECT_EQ(found.observation(0), seen[seen.size() < 4 ? 0 : seen.size() - 4]) << step;
  }
}

TYPED_TEST(TaskEnvTest, ObservationDelaysDifferBetweenEpisodes) {
  auto env = make_carts<TypeParam>({.num_envs = 50, .observation_delay = {1, 4}});
  EnvBatch batch(env.spec());
  env.reset(3, batch.views());
  for (const Field& field : env.state()) {
    if (field.name == "env/clock/observation_delay") {
      std::array<int, 6> counts{};
      for (std::int64_t row = 0; row < field.num_rows(); ++row) {
        ++counts.at(static_cast<std::size_t>(*reinterpret_cast<std::int32_t*>(field.row(row))));
      }
      EXPECT_EQ(counts[0] + counts[5], 0);
      EXPECT_THAT(std::span(counts).subspan(1, 4), Each(::testing::Gt(2)));
    }
  }
}

/// Writes NaN into the velocity of one world.
template <class Env>
void poison(Env& env, int world) {
  for (const Field& field : env.state()) {
    if (field.name == "env/physics") {
      std::byte* const at = field.row(world) + kVelocity<Env> * size_of(field.dtype);
      const double nan = std::numeric_limits<double>::quiet_NaN();
      const auto nan_single = static_cast<float>(nan);
      std::memcpy(at, field.dtype == DType::kF64 ? static_cast<const void*>(&nan) : &nan_single,
                  size_of(field.dtype));
    }
  }
  env.restore();
}

TYPED_TEST(TaskEnvTest, ADivergedWorldIsTruncatedAndDisturbsNoOther) {
  constexpr int kWorlds = 100;
  constexpr int kPoisoned = 42;
  const EnvOptions options{.num_envs = kWorlds, .num_threads = 2};
  auto clean = make_carts<TypeParam>(options);
  auto sick = make_carts<TypeParam>(options);
  EnvBatch expected(clean.spec());
  EnvBatch found(sick.spec());
  clean.reset(3, expected.views());
  sick.reset(3, found.views());
  const std::vector<float> sound = found.observation(0);
  poison(sick, kPoisoned);
  for (int step = 0; step < 60; ++step) {
    set_action(expected, step);
    set_action(found, step);
    clean.step(expected.action(), expected.views());
    sick.step(found.action(), found.views());
    if (step == 0) {
      EXPECT_EQ(found.truncated()[kPoisoned], 1);
      EXPECT_EQ(found.terminated()[2 * kPoisoned], 0);
      EXPECT_EQ(found.reward()[2 * kPoisoned], 0.0F);
      for (int k = 0; k < 4; ++k) {
        EXPECT_EQ(found.final_observation(0)[4 * kPoisoned + k], sound[4 * kPoisoned + k]);
      }
    }
    for (std::size_t i = 0; i < found.observation(0).size(); ++i) {
      ASSERT_TRUE(std::isfinite(found.observation(0)[i]));
      if (i / 4 != kPoisoned) {
        ASSERT_EQ(found.observation(0)[i], expected.observation(0)[i]) << "env " << i / 4;
      }
    }
  }
  EXPECT_EQ(sick.take_statistics().divergences, 1);
  EXPECT_EQ(clean.take_statistics().divergences, 0);
}

Field field_of(const Fields& fields, const std::string& name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  EXPECT_NE(found, fields.end()) << name;
  return *found;
}

template <class T>
T first_of(const Fields& fields, const std::string& name) {
  const Field field = field_of(fields, name);
  EXPECT_EQ(field.dtype, dtype_of<T>()) << name;
  return *reinterpret_cast<const T*>(field.data);
}

/// Gives the only env of a batch the rows of a dump with one world.
void load_dump(const Fields& dump, BatchEnv& env) {
  for (const Field& field : env.state()) {
    if (field.name.find("totals") == std::string::npos) {
      const Field from = field_of(dump, field.name);
      ASSERT_EQ(from.num_bytes(), field.num_bytes()) << field.name;
      for (std::int64_t row = 0; row < field.num_rows(); ++row) {
        std::memcpy(field.row(row), from.row(row), field.row_bytes());
      }
    }
  }
  env.restore();
}

TYPED_TEST(TaskEnvTest, ADumpAloneReplaysADivergence) {
  const EnvOptions options{
      .num_envs = 19, .first_env = 40, .action_delay = {2, 2}, .observation_delay = {1, 3}};
  auto env = make_carts<TypeParam>(options);
  EnvBatch batch(env.spec());
  env.reset(3, batch.views());
  batch.action()(35, 0) = -0.25F;
  env.step(batch.action(), batch.views());
  poison(env, 17);
  batch.action()(34, 0) = 0.5F;
  env.step(batch.action(), batch.views());
  const Fields dump = env.divergence_dump();
  EXPECT_EQ(first_of<std::int32_t>(dump, "env"), 57);
  EXPECT_EQ(first_of<std::uint64_t>(dump, "env/seed"), 3U);
  EXPECT_EQ(first_of<std::int64_t>(dump, "env/vector_steps"), 1);
  EXPECT_EQ(first_of<std::int32_t>(dump, "env/clock/step"), 1);
  EXPECT_EQ(first_of<std::int32_t>(dump, "env/clock/delay"), 2);
  EXPECT_EQ(first_of<double>(dump, "action"), 0.5);
  EXPECT_EQ(reinterpret_cast<const double*>(field_of(dump, "env/last_action").data)[1], -0.25);
  EXPECT_TRUE(env.divergence_dump().empty());

  auto again = make_carts<TypeParam>(
      {.num_envs = 1, .first_env = 57, .action_delay = {2, 2}, .observation_delay = {1, 3}});
  EnvBatch found(again.spec());
  load_dump(dump, again);
  found.action()(0, 0) = 0.5F;
  found.action()(1, 0) = -0.25F;
  again.step(found.action(), found.views());
  EXPECT_EQ(found.truncated()[0], 1);
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(found.final_observation(0)[k], batch.final_observation(0)[17 * 4 + k]);
    EXPECT_EQ(found.observation(0)[k], batch.observation(0)[17 * 4 + k]);  // the next episode
  }
}

TYPED_TEST(TaskEnvTest, AFewDivergencesAreDumpedAndAllAreCounted) {
  auto env = make_carts<TypeParam>({.num_envs = 20, .num_threads = 3});
  EnvBatch batch(env.spec());
  env.reset(3, batch.views());
  for (int world = 0; world < 20; ++world) {
    poison(env, world);
  }
  env.step(batch.action(), batch.views());
  EXPECT_EQ(field_of(env.divergence_dump(), "env").num_rows(), 16);
  EXPECT_EQ(env.take_statistics().divergences, 20);
}

TYPED_TEST(TaskEnvTest, UnroundedBuffersTellOfADivergence) {
  auto env = make_carts<TypeParam>({.num_envs = 1});
  EnvBatch batch(env.spec());
  std::vector<double> observation(4), terms(4), qpos(2), qvel(2);
  env.record({.final_observation = {{observation.data(), 2, 2}},
              .reward_terms = {terms.data(), 2, 2},
              .qpos = {qpos.data(), 1, 2},
              .qvel = {qvel.data(), 1, 2}});
  env.reset(3, batch.views());
  env.step(batch.action(), batch.views());
  const std::vector<double> qpos_before = qpos;
  terms.assign(4, 5.0);
  qpos.assign(2, 5.0);
  poison(env, 0);
  env.step(batch.action(), batch.views());
  EXPECT_THAT(terms, Each(0.0));
  EXPECT_EQ(qpos, qpos_before);
  EXPECT_TRUE(std::isnan(qvel[0]));  // it was put there before the step
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(static_cast<float>(observation[k]), batch.final_observation(0)[k]);
  }
}

TYPED_TEST(TaskEnvTest, AGivenStartIsWhereTheEpisodeBegins) {
  auto env = make_carts<TypeParam>({.num_envs = 1, .noise = false});
  EnvBatch batch(env.spec());
  const std::vector<double> qpos{0.25, -0.5}, qvel{1.0, 2.0};
  env.reset_to(3, {qpos.data(), 1, 2}, {qvel.data(), 1, 2}, batch.views());
  EXPECT_THAT(batch.observation(0), ::testing::ElementsAre(0.25F, 1.0F, -0.5F, 2.0F));
}

TYPED_TEST(TaskEnvTest, SavedStateGoesOnBitForBit) {
  const EnvOptions options{.num_envs = 5, .num_threads = 2, .observation_delay = {0, 5}};
  auto whole = make_carts<TypeParam>(options);
  EnvBatch expected(whole.spec());
  whole.reset(9, expected.views());
  const auto run = [](BatchEnv& env, EnvBatch& batch, int first, int last) {
    for (int step = first; step < last; ++step) {
      set_action(batch, step);
      env.step(batch.action(), batch.views());
    }
  };
  run(whole, expected, 0, 30);
  auto resumed = make_carts<TypeParam>(options);
  EnvBatch found(resumed.spec());
  const Fields from = whole.state();
  const Fields to = resumed.state();
  ASSERT_EQ(from.size(), to.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    for (std::int64_t row = 0; row < from[i].num_rows(); ++row) {
      std::memcpy(to[i].row(row), from[i].row(row), from[i].row_bytes());
    }
  }
  resumed.restore();
  run(whole, expected, 30, 90);
  run(resumed, found, 30, 90);
  EXPECT_EQ(found.observation(0), expected.observation(0));
  EXPECT_EQ(found.reward(), expected.reward());
  EXPECT_EQ(resumed.take_statistics().return_sum, whole.take_statistics().return_sum);
}

TYPED_TEST(TaskEnvTest, RandomisedClocksSpreadTheTimeOuts) {
  auto env = make_carts<TypeParam>({.num_envs = 200}, {.max_episode_steps = 20});
  EnvBatch batch(env.spec());
  env.reset(1, batch.views());
  env.randomise_episode_clocks();
  int most = 0;
  for (int step = 0; step < 20; ++step) {
    env.step(batch.action(), batch.views());
    const auto flags = batch.truncated();
    most = std::max(most, static_cast<int>(std::count(flags.begin(), flags.end(), 1)));
  }
  EXPECT_LT(most, 40);  // 200 at once without
}

TYPED_TEST(TaskEnvTest, AStepAllocatesNothing) {
  auto env = make_carts<TypeParam>({.num_envs = 16, .num_threads = 2});
  EnvBatch batch(env.spec());
  env.reset(1, batch.views());
  env.step(batch.action(), batch.views());
  const long before = test::num_allocations();
  for (int step = 0; step < 100; ++step) {  // past the time limit, so resets are in it
    env.step(batch.action(), batch.views());
  }
  EXPECT_EQ(test::num_allocations() - before, 0);
}

}  // namespace
}  // namespace fleet::envs
