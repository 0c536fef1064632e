#pragma once

#include <algorithm>
#include <type_traits>

#include "cuda/bfloat16.h"
#include "cuda/gemm.h"
#include "cuda/lanes.h"

// The inner loops of gemm(), for operands that are floats or pairs of bfloat16. C is cut into tiles
// of 6 rows and up to kMaxTileVectors vectors, held in registers over all k.

namespace fleet::kernels {

inline constexpr int kTileRows = 6;

inline IntLanes load(const BfloatPair* from) {
  IntLanes x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

inline IntLanes broadcast(BfloatPair x) { return IntLanes{} + static_cast<int>(x); }

inline Lanes multiply_add(Lanes a, Lanes b, Lanes sum) { return fma(a, b, sum); }

#if defined(__AVX512F__)
/// Only where multiplies_bfloat16(). Not the intrinsic, which wants a unit compiled for such CPUs
/// alone.
inline Lanes multiply_add(IntLanes a, IntLanes b, Lanes sum) {
  asm("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  return sum;
}
#endif

/// @param g a product as GemmOf describes one; k counts pairs where operands are pairs
template <int kRows, int kVectors, typename Product>
void compute_tile(const Product& g, int row, int column) {
  auto a = g.a + row * g.a_row_stride;
  auto b = g.b + column;
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
    decltype(load(b)) b_row[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      b_row[v] = load(b + v * kLanes);
    }
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const auto factor = broadcast(a[i * g.a_row_stride]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        sum[i][v] = multiply_add(factor, b_row[v], sum[i][v]);
      }
    }
  }
  for (int i = 0; i < kRows; ++i) {
    for (int v = 0; v < kVectors; ++v) {
      store(c + i * g.c_stride + v * kLanes, sum[i][v]);
    }
  }
}

/// All rows of a panel of kVectors vectors.
template <int kVectors, typename Product>
void compute_rows(const Product& g, int column) {
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

/// body(std::integral_constant<int, vectors>, first column) for each panel of n columns.
template <typename Body>
void for_each_panel(int n, Body&& body) {
  constexpr int kMost = kMaxTileVectors;
  const int num_vectors = n / kLanes;
  for (int vector = 0; vector < num_vectors; vector += kMost) {
    const int column = vector * kLanes;
    switch (std::min(kMost, num_vectors - vector)) {
      case 1:
        body(std::integral_constant<int, 1>(), column);
        break;
      case 2:
        body(std::integral_constant<int, 2>(), column);
        break;
      case 3:
        body(std::integral_constant<int, std::min(3, kMost)>(), column);
        break;
      default:
        body(std::integral_constant<int, kMost>(), column);
        break;
    }
  }
}

/// gemm() for products that have b_pairs.
void gemm_bfloat16(const Gemm& g);

}  // namespace fleet::kernels
