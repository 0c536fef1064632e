// Tests for envs/lanes_env.h with the tasks that we ship: what only packs of worlds can get wrong,
// and that MuJoCo's worlds do the same.

#include "envs/lanes_env.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/random_actions.h"
#include "envs/env_buffers.h"
#include "envs/make_env.h"
#include "envs/mujoco_env.h"
#include "envs/with_task.h"
#include "tests/support/allocations.h"
#include "tests/support/fields.h"
#include "tests/support/velocity_config.h"

namespace fleet::envs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Eight = physics::FloatPack<8>;
using Sixteen = physics::FloatPack<16>;

constexpr const char* kThirdParty = FLEET_SOURCE_DIR "/third_party";

/// A task of configs/tasks/, or a Gymnasium task by its kName.
EnvConfig config_of(const std::string& task, int num_envs, int num_threads = 1) {
  EnvConfig config;
  config.options.backend = Backend::kLanes;
  config.options.num_envs = num_envs;
  config.options.num_threads = num_threads;
  const bool is_velocity = task.ends_with("-flat");
  config.task = is_velocity ? "velocity" : task;
  if (is_velocity) {
    config.velocity = fleet::testing::load_velocity_config(task);
    config.velocity.push.interval = {0.1, 0.3};  // so that a short test sees some
    config.velocity.command.resampling_time = {0.1, 0.4};
  }
  return config;
}

template <class R>
std::unique_ptr<BatchEnv> make_lanes(const EnvConfig& config) {
  return with_task(config, [&]<class Task>(const typename Task::Config& task) {
    std::unique_ptr<BatchEnv> env =
        std::make_unique<LanesEnv<Task, R>>(task, config.options, make_model(config, kThirdParty));
    return env;
  });
}

void step_randomly(BatchEnv& env, EnvBuffers& buffers, int first, int last) {
  for (int step = first; step < last; ++step) {
    draw_actions(5, step, buffers.action_view());
    env.step(buffers.action_view(), buffers.views);
  }
}

/// Names of the fields that differ.
std::vector<std::string> differing(const test::SavedFields& a, const test::SavedFields& b) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : a) {
    if (!b.contains(name) || b.at(name) != bytes) {
      names.push_back(name);
    }
  }
  return names;
}

/// The state of every env and the last observations after some steps of random actions.
test::SavedFields state_after(BatchEnv& env, int num_steps) {
  EnvBuffers buffers(env.spec());
  env.reset(7, buffers.views);
  step_randomly(env, buffers, 0, num_steps);
  return test::save(env.state());
}

class LanesTaskTest : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Tasks, LanesTaskTest,
                         ::testing::Values("go1-flat", "g1-flat", "half_cheetah", "hopper",
                                           "walker2d", "ant", "humanoid", "humanoid_standup",
                                           "go1_joystick", "g1_joystick"),
                         [](const auto& task) {
                           std::string name = task.param;
                           std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
                           return name;
                         });

TEST_P(LanesTaskTest, WidthAndThreadsDoNotChangeABit) {
  const auto eight = state_after(*make_lanes<Eight>(config_of(GetParam(), 19, 1)), 40);
  const auto sixteen = state_after(*make_lanes<Sixteen>(config_of(GetParam(), 19, 3)), 40);
  EXPECT_THAT(differing(sixteen, eight), IsEmpty());
}

TEST_P(LanesTaskTest, SavedStateGoesOnBitForBit) {
  const EnvConfig config = config_of(GetParam(), 10);
  const auto whole = make_env(config, kThirdParty);
  EnvBuffers buffers(whole->spec());
  whole->reset(7, buffers.views);
  step_randomly(*whole, buffers, 0, 20);
  const auto resumed = make_env(config, kThirdParty);
  test::load(test::save(whole->state()), resumed->state());
  resumed->restore();
  step_randomly(*whole, buffers, 20, 60);
  step_randomly(*resumed, buffers, 20, 60);
  EXPECT_THAT(differing(test::save(resumed->state()), test::save(whole->state())), IsEmpty());
}

TEST_P(LanesTaskTest, StepsAllocateNothing) {
  EnvConfig config = config_of(GetParam(), 20, 2);
  config.velocity.episode_length = 1.0;  // so that time-outs come
  const auto env = make_env(config, kThirdParty);
  EnvBuffers buffers(env->spec());
  env->reset(1, buffers.views);
  step_randomly(*env, buffers, 0, 1);
  const long before = test::num_allocations();
  step_randomly(*env, buffers, 1, 120);
  EXPECT_EQ(test::num_allocations() - before, 0);
}

TEST(LanesEnvTest, ModelsAreDrawnFromTheSeedAndTakenOver) {
  const EnvConfig config = config_of("go1-flat", 20);
  const auto from = make_lanes<Sixteen>(config);
  const auto to = make_lanes<Eight>(config);
  EnvBuffers buffers(from->spec());
  from->reset(7, buffers.views);
  to->reset(8, buffers.views);
  const test::SavedFields models = test::save(from->models());
  EXPECT_THAT(differing(models, test::save(to->models())),
              ElementsAre("model/body_ipos", "model/geom_friction"));
  test::load(models, to->models());
  to->restore_models();
  EXPECT_THAT(differing(models, test::save(to->models())), IsEmpty());
}

/// The largest difference of two rows, relative to 1 or to the number.
double difference(std::span<const double> a, std::span<const double> b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double own = std::abs(a[i] - b[i]) / std::max(1.0, std::abs(a[i]));
    worst = own <= worst ? worst : own;  // NaN is worst
  }
  return worst;
}

/// What a batch's steps computed, unrounded.
struct Unrounded {
  Unrounded(BatchEnv& env) : spec(env.spec()) {
    for (const ObservationGroup& group : spec.observations) {
      views.final_observation.push_back(add(group.dim()));
    }
    views.reward_terms = add(static_cast<int>(spec.reward_terms.size()));
    env.record(views);
  }
  BatchView<double> add(int columns) {
    memory.emplace_back(static_cast<std::size_t>(spec.num_envs * columns));
    return {memory.back().data(), spec.num_envs, columns};
  }
  const EnvSpec& spec;
  std::vector<std::vector<double>> memory;
  UnroundedBuffers views;
};

/// The task's model, solved as far as numbers go: where a solver stops early, it stops elsewhere.
sim::ModelPtr exact_model(const EnvConfig& config) {
  sim::ModelPtr model = make_model(config, kThirdParty);
  model->opt.solver = mjSOL_NEWTON;
  model->opt.tolerance = 0.0;
  model->opt.iterations = model->opt.ls_iterations = 100;
  return model;
}

/// Steps both backends alike. @returns the largest difference in observation or reward term
template <class R>
double difference_to_mujoco(const EnvConfig& config, int num_steps) {
  std::unique_ptr<BatchEnv> lanes, mujoco;
  with_task(config, [&]<class Task>(const typename Task::Config& task) {
    lanes = std::make_unique<LanesEnv<Task, R>>(task, config.options, exact_model(config));
    mujoco = std::make_unique<MujocoEnv<Task>>(task, config.options, exact_model(config));
  });
  EnvBuffers ours(lanes->spec());
  EnvBuffers theirs(mujoco->spec());
  const Unrounded found(*lanes);
  const Unrounded expected(*mujoco);
  lanes->reset(7, ours.views);
  mujoco->reset(7, theirs.views);
  double worst = 0.0;
  for (int step = 0; step < num_steps; ++step) {
    step_randomly(*lanes, ours, step, step + 1);
    step_randomly(*mujoco, theirs, step, step + 1);
    EXPECT_EQ(ours.terminated, theirs.terminated) << "step " << step;
    EXPECT_EQ(ours.truncated, theirs.truncated) << "step " << step;
    for (std::size_t i = 0; i < found.memory.size(); ++i) {
      worst = std::max(worst, difference(expected.memory[i], found.memory[i]));
    }
  }
  return worst;
}

TEST_P(LanesTaskTest, DoublesStepAsOnMujoco) {
  // Pushes, commands and ends of episodes are in it. Contacts multiply what rounding begins.
  EXPECT_LT(difference_to_mujoco<double>(config_of(GetParam(), 6), 25), 1e-7);
}

TEST_P(LanesTaskTest, FloatsStepAsOnMujoco) {
  EXPECT_LT(difference_to_mujoco<Sixteen>(config_of(GetParam(), 6), 4), 5e-3);
}

}  // namespace
}  // namespace fleet::envs
