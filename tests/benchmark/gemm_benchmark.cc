// Throughput of cuda/gemm.h on one thread. items_per_second counts multiply-adds.

#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "cuda/aligned_vector.h"
#include "cuda/gemm.h"
#include "cuda/mlp.h"
#include "cuda/philox.h"
#include "tests/benchmark/hash.h"

namespace fleet::kernels {
namespace {

AlignedVector<float> normals(std::size_t count, std::uint32_t stream) {
  Random random(1, stream, 0, 0, 0);
  AlignedVector<float> values(count);
  for (float& value : values) {
    value = static_cast<float>(random.normal());
  }
  return values;
}

/// A chunk of rows through one square layer, as in an MLP's forward pass.
void gemm_layer(benchmark::State& state) {
  const int width = static_cast<int>(state.range(0));
  const int stride = padded_stride(width);
  const auto size = [&](int rows) { return static_cast<std::size_t>(rows * stride); };
  const AlignedVector<float> a = normals(size(kChunkRows), 1);
  const AlignedVector<float> b = normals(size(width), 2);
  const AlignedVector<float> bias = normals(static_cast<std::size_t>(padded(width)), 3);
  AlignedVector<float> c(size(kChunkRows));
  const Gemm product{.m = kChunkRows,
                     .n = padded(width),
                     .k = width,
                     .a = a.data(),
                     .a_row_stride = stride,
                     .a_k_stride = 1,
                     .b = b.data(),
                     .b_stride = stride,
                     .c = c.data(),
                     .c_stride = stride,
                     .bias = bias.data()};
  for ([[maybe_unused]] auto _ : state) {
    gemm(product);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kChunkRows * width * width);
  state.SetLabel(benchmarks::hash_of(std::span<const float>(c)));
}
BENCHMARK(gemm_layer)->ArgName("width")->RangeMultiplier(2)->Range(64, 512);

}  // namespace
}  // namespace fleet::kernels
