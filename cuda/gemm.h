#pragma once

#include <cstddef>

#include "cuda/bfloat16.h"

namespace fleet::kernels {

inline constexpr int kColumnBlock = 16;  ///< widths are padded to a multiple of this

constexpr int padded(int width) { return (width + kColumnBlock - 1) / kColumnBlock * kColumnBlock; }

/// Floats between rows of a matrix of that width. Not a power of two, or the rows of a panel would
/// fall into the same few sets of the first-level cache.
constexpr int padded_stride(int width) { return padded(width) + kColumnBlock; }

/// C (m, n) = start + A (m, k) B (k, n), over host memory, on the calling thread.
///
/// Each element is one chain of fused multiply-adds over ascending k, whatever its place: a row's
/// result does not depend on the other rows, nor on the instruction set.
///
/// With b_pairs the product is in bfloat16: A, one of whose strides must be 1, is rounded likewise,
/// and the chain is the same but for numbers too small for a normal float, which become 0. The bits
/// are those of AVX512-BF16 on CPUs that lack it, too (but for which NaN a NaN is).
template <typename T>
struct GemmOf {
  int m = 0;
  int n = 0;  ///< a multiple of kColumnBlock; every row of B and C has that many numbers
  int k = 0;
  const T* a = nullptr;
  std::ptrdiff_t a_row_stride = 0;  ///< numbers from A(i, p) to A(i + 1, p)
  std::ptrdiff_t a_k_stride = 0;    ///< numbers from A(i, p) to A(i, p + 1)
  const T* b = nullptr;
  std::ptrdiff_t b_stride = 0;
  T* c = nullptr;
  std::ptrdiff_t c_stride = 0;
  const T* bias = nullptr;              ///< (n) what each row starts from; null: zeros
  bool accumulate = false;              ///< start from C instead
  const BfloatPair* b_pairs = nullptr;  ///< instead of b: (ceil(k / 2), b_stride) by pair_rows()
};

using Gemm = GemmOf<float>;

void gemm(const Gemm& g);

/// The same in double, without b_pairs, for tests of what production computes in single precision:
/// simple and slow.
void gemm(const GemmOf<double>& g);

}  // namespace fleet::kernels
