// Throughput of cuda/philox.h on one thread. items_per_second counts numbers.

#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "cuda/philox.h"
#include "tests/benchmark/hash.h"

namespace fleet {
namespace {

constexpr int kEnvs = 1024;
constexpr int kNumbers = 12;  // per env and step, as an exploring Go1 draws them

template <class Draw>
void draw_all(benchmark::State& state, Draw&& draw) {
  std::vector<double> values(kEnvs * kNumbers);
  for ([[maybe_unused]] auto _ : state) {
    for (std::uint32_t env = 0; env < kEnvs; ++env) {
      Random random(1, env, 0, 7, static_cast<std::uint32_t>(Purpose::kPolicy));
      for (std::size_t i = 0; i < kNumbers; ++i) {
        values[env * kNumbers + i] = draw(random);
      }
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kEnvs * kNumbers);
  state.SetLabel(benchmarks::hash_of(std::span<const double>(values)));
}

void philox_uniform(benchmark::State& state) {
  draw_all(state, [](Random& random) { return random.uniform(); });
}
BENCHMARK(philox_uniform);

void philox_normal(benchmark::State& state) {
  draw_all(state, [](Random& random) { return random.normal(); });
}
BENCHMARK(philox_normal);

}  // namespace
}  // namespace fleet
