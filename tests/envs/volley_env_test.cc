// Tests for envs/volley_envs.h: matches in batches, on both backends.

#include "envs/volley_envs.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/random_actions.h"
#include "envs/env_buffers.h"
#include "envs/make_env.h"
#include "tests/support/allocations.h"
#include "tests/support/fields.h"
#include "tests/support/volley_world.h"

namespace fleet::envs {
namespace {

using fleet::testing::match_config;
using fleet::testing::volley_config;
using tasks::VolleyConfig;
using tasks::VolleyKind;
using Eight = physics::FloatPack<8>;

constexpr const char* kThirdParty = FLEET_SOURCE_DIR "/third_party";

EnvConfig config_of(const VolleyConfig& volley, Backend backend, int num_envs,
                    int num_threads = 1) {
  EnvConfig config;
  config.task = "volley";
  config.volley = volley;
  config.volley.episode_length = 0.6;  // so that a short test sees episodes end
  config.options.backend = backend;
  config.options.num_envs = num_envs;
  config.options.num_threads = num_threads;
  return config;
}

void step_randomly(BatchEnv& env, EnvBuffers& buffers, int num_steps) {
  for (int step = 0; step < num_steps; ++step) {
    draw_actions(5, step, buffers.action_view());
    env.step(buffers.action_view(), buffers.views);
  }
}

test::SavedFields state_after(BatchEnv& env, int num_steps) {
  EnvBuffers buffers(env.spec());
  env.reset(7, buffers.views);
  step_randomly(env, buffers, num_steps);
  return test::save(env.state());
}

TEST(VolleyEnvTest, WidthAndThreadsDoNotChangeABit) {
  const EnvConfig config = config_of(match_config(3), Backend::kLanes, 19, 1);
  const auto sixteen = make_env(config_of(match_config(3), Backend::kLanes, 19, 3), kThirdParty);
  LanesEnv<tasks::VolleyTask, Eight> eight(config.volley, config.options,
                                           make_model(config, kThirdParty));
  EXPECT_EQ(state_after(*sixteen, 70), state_after(eight, 70));
}

TEST(VolleyEnvTest, BackendsAgreeWithinSinglePrecision) {
  for (const VolleyConfig& volley :
       {match_config(1), match_config(3), match_config(6), volley_config(VolleyKind::kSoloBump),
        volley_config(VolleyKind::kBumpAndPass)}) {
    std::vector<std::vector<float>> rows;
    for (const Backend backend : {Backend::kMujoco, Backend::kLanes}) {
      const auto env = make_env(config_of(volley, backend, 20), kThirdParty);
      EnvBuffers buffers(env->spec());
      env->reset(7, buffers.views);
      step_randomly(*env, buffers, 25);
      const BatchView<float> observation = buffers.views.observation[0];
      std::vector<float>& values = rows.emplace_back(buffers.reward);
      values.insert(values.end(), observation.data(),
                    observation.data() + static_cast<std::size_t>(observation.num_rows()) *
                                             static_cast<std::size_t>(observation.num_columns()));
    }
    EXPECT_THAT(rows[1], ::testing::Pointwise(::testing::FloatNear(2e-3F), rows[0]));
  }
}

TEST(VolleyEnvTest, RowsAreByEnvThenByPlayer) {
  const auto env = make_env(config_of(match_config(3), Backend::kLanes, 5), kThirdParty);
  EnvBuffers buffers(env->spec());
  env->reset(7, buffers.views);
  EXPECT_EQ(env->spec().num_rows(), 30);
  const BatchView<float> seen = buffers.views.observation[0];
  for (int row = 0; row < 30; ++row) {
    for (int player = 0; player < 3; ++player) {
      EXPECT_EQ(seen(row, 34 + player), row % 3 == player ? 1.0F : 0.0F);
    }
    EXPECT_GT(seen(row, 0), 0.0F);  // all see themselves at x > 0
    const int server = row / 6 % 2 == 0 ? 5 : 2;  // teams serve in turn, neighbours differently
    EXPECT_EQ(seen(row, 37), row % 6 == server ? 1.0F : 0.0F);
  }
}

TEST(VolleyEnvTest, StepsAllocateNothing) {
  for (const Backend backend : {Backend::kMujoco, Backend::kLanes}) {
    const auto env = make_env(config_of(match_config(3), backend, 20, 2), kThirdParty);
    EnvBuffers buffers(env->spec());
    env->reset(7, buffers.views);
    step_randomly(*env, buffers, 2);
    const auto before = test::num_allocations();
    step_randomly(*env, buffers, 40);
    EXPECT_EQ(test::num_allocations(), before);
  }
}

}  // namespace
}  // namespace fleet::envs
