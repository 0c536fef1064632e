// Throughput of cuda/mlp.h on one thread, with Go1's 48 observations and 12 actions.
// items_per_second counts rows.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "cuda/mlp.h"
#include "cuda/philox.h"
#include "tests/benchmark/hash.h"

namespace fleet::kernels {
namespace {

/// A network with weights and a chunk of inputs.
struct Case {
  explicit Case(const std::vector<int>& hidden) : mlp(shape_of(hidden)), work(mlp.shape()) {
    Random random(1, 0, 0, 0, 0);
    std::vector<float> parameters(mlp.shape().num_parameters());
    for (float& parameter : parameters) {
      parameter = static_cast<float>(0.1 * random.normal());
    }
    mlp.load(parameters);
    for (int row = 0; row < kChunkRows; ++row) {
      for (int i = 0; i < mlp.shape().input_dim(); ++i) {
        work.input(row)[i] = static_cast<float>(random.normal());
      }
    }
  }
  static MlpShape shape_of(const std::vector<int>& hidden) {
    MlpShape shape{.widths = {48}};
    shape.widths.insert(shape.widths.end(), hidden.begin(), hidden.end());
    shape.widths.push_back(12);
    return shape;
  }

  Mlp mlp;
  MlpWorkspace work;
};

std::vector<int> hidden_of(const benchmark::State& state) {
  return state.range(0) == 128 ? std::vector{128, 128, 128} : std::vector{512, 256, 128};
}

void mlp_forward(benchmark::State& state) {
  Case c(hidden_of(state));
  for ([[maybe_unused]] auto _ : state) {
    c.mlp.forward(kChunkRows, c.work);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kChunkRows);
  state.SetLabel(benchmarks::hash_of(std::span<const float>(c.work.output(0), 12)));
}
BENCHMARK(mlp_forward)->ArgName("first_width")->Arg(128)->Arg(512);

void mlp_forward_and_backward(benchmark::State& state) {
  Case c(hidden_of(state));
  std::vector<float> gradient(c.mlp.gradient_size());
  for ([[maybe_unused]] auto _ : state) {
    std::ranges::fill(gradient, 0.0F);
    c.mlp.forward(kChunkRows, c.work);
    for (int row = 0; row < kChunkRows; ++row) {
      std::fill_n(c.work.output_gradient(row), c.mlp.shape().output_dim(), 1.0F);
    }
    c.mlp.backward(kChunkRows, c.work, gradient);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kChunkRows);
  state.SetLabel(benchmarks::hash_of(std::span<const float>(gradient)));
}
BENCHMARK(mlp_forward_and_backward)->ArgName("first_width")->Arg(128)->Arg(512);

}  // namespace
}  // namespace fleet::kernels
