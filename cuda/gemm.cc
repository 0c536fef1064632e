#include "cuda/gemm.h"

#include <algorithm>

#include "cuda/lanes.h"

// C is cut into tiles of 6 rows and up to kMaxTileVectors vectors, held in registers over all k.
// Column panels are the outer loop, then pieces of k: a piece of a panel of B stays in the
// first-level cache for all rows. Between pieces a sum rests in C, which changes no bit of it.

namespace fleet::kernels {
namespace {

constexpr int kTileRows = 6;
constexpr int kDepth = 128;  // of a piece: 32 KiB of B

template <int kRows, int kVectors>
void compute_tile(const Gemm& g, int row, int column) {
  const float* a = g.a + row * g.a_row_stride;
  const float* b = g.b + column;
  float* c = g.c + row * g.c_stride + column;
  Lanes sum[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int v = 0; v < kVectors; ++v) {
      sum[i][v] = g.accumulate ? load(c + i * g.c_stride + v * kLanes)
                  : g.bias     ? load(g.bias + column + v * kLanes)
                               : Lanes{};
    }
  }
  for (int p = 0; p < g.k; ++p, a += g.a_k_stride, b += g.b_stride) {
    Lanes b_row[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      b_row[v] = load(b + v * kLanes);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const Lanes factor = broadcast(a[i * g.a_row_stride]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        sum[i][v] = fma(factor, b_row[v], sum[i][v]);
      }
    }
  }
  for (int i = 0; i < kRows; ++i) {
    for (int v = 0; v < kVectors; ++v) {
      store(c + i * g.c_stride + v * kLanes, sum[i][v]);
    }
  }
}

template <int kVectors>
void compute_piece(const Gemm& g, int column) {
  int row = 0;
  for (; row + kTileRows <= g.m; row += kTileRows) {
    compute_tile<kTileRows, kVectors>(g, row, column);
  }
  switch (g.m - row) {
    case 5:
      return compute_tile<5, kVectors>(g, row, column);
    case 4:
      return compute_tile<4, kVectors>(g, row, column);
    case 3:
      return compute_tile<3, kVectors>(g, row, column);
    case 2:
      return compute_tile<2, kVectors>(g, row, column);
    case 1:
      return compute_tile<1, kVectors>(g, row, column);
    default:
      return;
  }
}

template <int kVectors>
void compute_panel(const Gemm& g, int column) {
  Gemm piece = g;
  for (int first = 0; first == 0 || first < g.k; first += kDepth) {
    piece.k = std::min(kDepth, g.k - first);
    compute_piece<kVectors>(piece, column);
    piece.a += kDepth * g.a_k_stride;
    piece.b += kDepth * g.b_stride;
    piece.accumulate = true;
  }
}

}  // namespace

void gemm(const Gemm& g) {
  const int num_vectors = g.n / kLanes;
  for (int vector = 0; vector < num_vectors;) {
    const int width = std::min(kMaxTileVectors, num_vectors - vector);
    switch (width) {
      case 1:
        compute_panel<1>(g, vector * kLanes);
        break;
      case 2:
        compute_panel<2>(g, vector * kLanes);
        break;
      case 3:
        compute_panel<std::min(3, kMaxTileVectors)>(g, vector * kLanes);
        break;
      default:
        compute_panel<kMaxTileVectors>(g, vector * kLanes);
        break;
    }
    vector += width;
  }
}

void gemm(const GemmOf<double>& g) {
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
