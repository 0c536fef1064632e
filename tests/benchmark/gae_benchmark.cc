// Throughput of cuda/gae.h. items_per_second counts transitions: one step of one env.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "cuda/gae.h"
#include "tests/benchmark/hash.h"

namespace fleet::kernels {
namespace {

constexpr int kNumSteps = 24;  // a usual rollout for legged robots

void gae_host(benchmark::State& state) {
  const int num_envs = static_cast<int>(state.range(0));
  const std::size_t size = std::size_t{kNumSteps} * static_cast<std::size_t>(num_envs);
  const std::vector<float> number(size, 1.0F);
  const std::vector<std::uint8_t> flag(size, 0);
  std::vector<float> advantage(size);
  std::vector<float> target(size);
  const auto batch = [=](auto& values) { return BatchView(values.data(), kNumSteps, num_envs); };
  const GaeInputs in{.reward = batch(number),
                     .value = batch(number),
                     .next_value = batch(number),
                     .terminated = batch(flag),
                     .truncated = batch(flag)};
  const GaeOutputs out{.advantage = batch(advantage), .value_target = batch(target)};

  for ([[maybe_unused]] auto _ : state) {
    compute_gae({}, in, out);
    benchmark::ClobberMemory();
  }

  constexpr std::size_t kBytes = 5 * sizeof(float) + 2 * sizeof(std::uint8_t);  // per transition
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(size));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size * kBytes));
  state.SetLabel(benchmarks::hash_of(std::span<const float>(advantage)));
}
BENCHMARK(gae_host)->ArgName("num_envs")->RangeMultiplier(8)->Range(64, 32768);

}  // namespace
}  // namespace fleet::kernels
