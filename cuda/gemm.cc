#include "cuda/gemm.h"

#include <algorithm>
#include <cassert>

#include "cuda/gemm_tile.h"

// Column panels are the outer loop, then pieces of k: a piece of a panel of B stays in the
// first-level cache for all rows. Between pieces a sum rests in C, which changes no bit of it.

namespace fleet::kernels {
namespace {

constexpr int kDepth = 128;  // of a piece: 32 KiB of B

template <int kVectors>
void compute_panel(const Gemm& g, int column) {
  Gemm piece = g;
  for (int first = 0; first == 0 || first < g.k; first += kDepth) {
    piece.k = std::min(kDepth, g.k - first);
    compute_rows<kVectors>(piece, column);
    piece.a += kDepth * g.a_k_stride;
    piece.b += kDepth * g.b_stride;
    piece.accumulate = true;
  }
}

}  // namespace

void gemm(const Gemm& g) {
  if (g.b_pairs != nullptr) {
    return gemm_bfloat16(g);
  }
  for_each_panel(g.n, [&](auto vectors, int column) { compute_panel<vectors>(g, column); });
}

void gemm(const GemmOf<double>& g) {
  assert(g.b_pairs == nullptr);
  for (int i = 0; i < g.m; ++i) {
    double* const c = g.c + i * g.c_stride;
    for (int j = 0; j < g.n && !g.accumulate; ++j) {
      c[j] = g.bias != nullptr ? g.bias[j] : 0.0;
    }
    for (int p = 0; p < g.k; ++p) {
      const double factor = g.a[i * g.a_row_stride + p * g.a_k_stride];
      const double* const b = g.b + p * g.b_stride;
      for (int j = 0; j < g.n; ++j) {
        c[j] += factor * b[j];
      }
    }
  }
}

}  // namespace fleet::kernels
