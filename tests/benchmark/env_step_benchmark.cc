// Throughput of a control step of whole tasks. items_per_second counts env steps. The hash is of
// the observations after the warm-up, whose length is fixed.

#include <cmath>
#include <cstdint>

#include <benchmark/benchmark.h>

#include "envs/make_env.h"
#include "tests/benchmark/hash.h"
#include "tests/support/env_batch.h"
#include "tests/support/velocity_config.h"

namespace fleet {
namespace {

constexpr int kEnvs = 256;
constexpr int kWarmUp = 100;  // control steps

void step_all(benchmark::State& state, envs::EnvConfig config) {
  config.options.num_envs = kEnvs;
  config.options.num_threads = static_cast<int>(state.range(0));
  config.options.backend = state.range(1) != 0 ? envs::Backend::kLanes : envs::Backend::kMujoco;
  const auto env = envs::make_env(config, FLEET_SOURCE_DIR "/third_party");
  testing::EnvBatch batch(env->spec());
  int step = 0;
  const auto advance = [&] {
    ++step;
    for (int row = 0; row < batch.num_rows(); ++row) {
      for (float& action : batch.action().row(row)) {
        action = 0.5F * std::sin(0.1F * static_cast<float>(step + row));
      }
    }
    env->step(batch.action(), batch.views());
  };
  env->reset(1, batch.views());
  while (step < kWarmUp) {
    advance();
  }
  state.SetLabel(benchmarks::hash_of(std::span<const float>(batch.observation(0))));
  for ([[maybe_unused]] auto _ : state) {
    advance();
  }
  state.SetItemsProcessed(state.iterations() * kEnvs);
}

void env_step_go1_flat(benchmark::State& state) {
  envs::EnvConfig config;
  config.task = "velocity";
  config.velocity = testing::load_velocity_config("go1-flat");
  step_all(state, config);
}
BENCHMARK(env_step_go1_flat)
    ->ArgNames({"threads", "lanes"})
    ->ArgsProduct({{1, 2}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void env_step_half_cheetah(benchmark::State& state) {
  envs::EnvConfig config;
  config.task = "half_cheetah";
  step_all(state, config);
}
BENCHMARK(env_step_half_cheetah)
    ->ArgNames({"threads", "lanes"})
    ->ArgsProduct({{1, 2}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fleet
