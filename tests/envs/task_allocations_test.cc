// No step of a real task allocates memory, resets and pushes included.

#include <gtest/gtest.h>

#include "envs/env_buffers.h"
#include "envs/make_env.h"
#include "tests/support/allocations.h"
#include "tests/support/velocity_config.h"

namespace fleet {
namespace {

long allocations_of_steps(const envs::EnvConfig& config, int num_steps) {
  const auto env = envs::make_env(config, FLEET_SOURCE_DIR "/third_party");
  envs::EnvBuffers buffers(env->spec());
  env->reset(1, buffers.views);
  env->step(buffers.action_view(), buffers.views);
  const long before = test::num_allocations();
  for (int step = 0; step < num_steps; ++step) {
    env->step(buffers.action_view(), buffers.views);
  }
  return test::num_allocations() - before;
}

TEST(TaskAllocationsTest, VelocityStepsAllocateNothing) {
  for (const char* task : {"go1-flat", "g1-flat"}) {
    envs::EnvConfig config;
    config.task = "velocity";
    config.options.num_envs = 4;
    config.options.num_threads = 2;
    config.velocity = testing::load_velocity_config(task);
    config.velocity.episode_length = 1.0;  // so that time-outs come
    EXPECT_EQ(allocations_of_steps(config, 120), 0) << task;
  }
}

TEST(TaskAllocationsTest, GymStepsAllocateNothing) {
  for (const char* task : {"half_cheetah", "hopper", "walker2d", "ant", "humanoid"}) {
    envs::EnvConfig config;
    config.task = task;
    config.options.num_envs = 4;
    config.options.num_threads = 2;
    EXPECT_EQ(allocations_of_steps(config, 100), 0) << task;
  }
}

TEST(TaskAllocationsTest, PlaygroundStepsAllocateNothing) {
  for (const char* task : {"go1_joystick", "g1_joystick"}) {
    envs::EnvConfig config;
    config.task = task;
    config.options.num_envs = 4;
    config.options.num_threads = 2;
    config.go1_joystick.episode_length = config.g1_joystick.episode_length = 20;
    EXPECT_EQ(allocations_of_steps(config, 60), 0) << task;
  }
}

}  // namespace
}  // namespace fleet
