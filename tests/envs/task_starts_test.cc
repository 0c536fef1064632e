// What a real task draws around a start state that is given.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "envs/env_buffers.h"
#include "envs/make_env.h"
#include "tests/support/velocity_config.h"

namespace fleet {
namespace {

double memory_of(envs::BatchEnv& env, const std::string& name, std::size_t column) {
  for (const Field& field : env.state()) {
    if (field.name == "env/memory/" + name) {
      return reinterpret_cast<const double*>(field.data)[column];
    }
  }
  ADD_FAILURE() << name;
  return 0.0;
}

TEST(TaskStartsTest, TheHeadingCommandFollowsFromTheYawThatIsGiven) {
  envs::EnvConfig config;
  config.task = "velocity";
  config.options.num_envs = 1;
  config.velocity = testing::load_velocity_config("go1-flat");
  config.velocity.command.heading = 1.0;
  config.velocity.command.standing = 0.0;
  config.velocity.command.stages.front().ang_vel_z = {-10.0, 10.0};  // clips nothing
  const auto env = envs::make_env(config, FLEET_SOURCE_DIR "/third_party");
  envs::EnvBuffers buffers(env->spec());
  std::vector<double> qpos(static_cast<std::size_t>(env->nq()));
  const std::vector<double> qvel(static_cast<std::size_t>(env->nv()));
  for (const double yaw : {-2.0, 0.5, 3.0}) {
    qpos[2] = 0.3;
    qpos[3] = std::cos(yaw / 2);
    qpos[6] = std::sin(yaw / 2);
    env->reset_to(1, {qpos.data(), 1, env->nq()}, {qvel.data(), 1, env->nv()}, buffers.views);
    const double error = memory_of(*env, "heading_target", 0) - yaw;
    const double wrapped = std::atan2(std::sin(error), std::cos(error));
    EXPECT_NEAR(memory_of(*env, "command", 2), config.velocity.command.heading_stiffness * wrapped,
                1e-12);
  }
}

}  // namespace
}  // namespace fleet
