// gemm() in bfloat16; see gemm.h.

#include <algorithm>
#include <cassert>

#include "cuda/aligned_vector.h"
#include "cuda/gemm_tile.h"

// What A holds is rounded while it is copied to the stack, for a block of rows and a piece of k: a
// number is copied once and multiplied with a whole row of B.

namespace fleet::kernels {
namespace {

constexpr int kBlockRows = 96;
constexpr int kDepth = 128;  // operands of a piece: 32 KiB of a panel of B

template <typename Operand>
struct Piece {  // as GemmOf, for compute_tile()
  int m = 0;
  int k = 0;
  const Operand* a = nullptr;
  std::ptrdiff_t a_row_stride = 0;
  std::ptrdiff_t a_k_stride = 0;
  const Operand* b = nullptr;
  std::ptrdiff_t b_stride = 0;
  float* c = nullptr;
  std::ptrdiff_t c_stride = 0;
  const float* bias = nullptr;
  bool accumulate = false;
};

template <typename Operand>
Piece<Operand> block_of(const Gemm& g, int row) {
  return {.m = std::min(kBlockRows, g.m - row),
          .c = g.c + row * g.c_stride,
          .c_stride = g.c_stride,
          .bias = g.bias,
          .accumulate = g.accumulate};
}

#if defined(__AVX512F__)
/// Where there is an instruction for two multiply-adds.
void multiply_pairs(const Gemm& g) {
  alignas(kCacheLine) BfloatPair a[kBlockRows * kDepth];
  for (int row = 0; row < g.m; row += kBlockRows) {
    auto piece = block_of<BfloatPair>(g, row);
    piece.a = a;
    piece.b_stride = g.b_stride;
    for (int first = 0; first == 0 || first < g.k; first += 2 * kDepth) {
      const int depth = std::min(2 * kDepth, g.k - first);
      const float* const from = g.a + row * g.a_row_stride + first * g.a_k_stride;
      if (g.a_k_stride == 1) {
        piece.a_row_stride = kDepth;
        piece.a_k_stride = 1;
        pair_columns(from, g.a_row_stride, piece.m, depth, a, kDepth);
      } else {
        piece.a_row_stride = 1;
        piece.a_k_stride = kBlockRows;
        pair_rows(from, g.a_k_stride, depth, piece.m, a, kBlockRows);
      }
      piece.k = (depth + 1) / 2;
      piece.b = g.b_pairs + first / 2 * g.b_stride;
      for_each_panel(g.n, [&](auto vectors, int column) { compute_rows<vectors>(piece, column); });
      piece.accumulate = true;
    }
  }
}
#endif

/// Lets the arithmetic of this thread take what is too small for a normal number for zero.
class FlushDenormals {
 public:
#if defined(__SSE__)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(before_); }
#else
  FlushDenormals() = default;
  ~FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  [[maybe_unused]] unsigned before_ = 0;
};

/// The same with floats that hold what bfloat16 can.
void multiply_floats(const Gemm& g) {
  constexpr int kPanel = kMaxTileVectors * kLanes;
  alignas(kCacheLine) float a[kDepth * kBlockRows];
  alignas(kCacheLine) float b[kDepth * kPanel];
  const FlushDenormals flush;
  for (int row = 0; row < g.m; row += kBlockRows) {
    auto piece = block_of<float>(g, row);
    piece.a = a;
    piece.a_row_stride = 1;
    piece.a_k_stride = kBlockRows;
    piece.b = b;
    piece.b_stride = kPanel;
    for (int first = 0; first == 0 || first < g.k; first += kDepth) {
      const int depth = std::min(kDepth, g.k - first);
      const float* const from = g.a + row * g.a_row_stride + first * g.a_k_stride;
      piece.k = (depth + 1) / 2 * 2;
      for (int p = 0; p < piece.k; ++p) {
        for (int i = 0; i < piece.m; ++i) {
          const std::ptrdiff_t at = i * g.a_row_stride + p * g.a_k_stride;
          a[p * kBlockRows + i] = p < depth ? float_of(bfloat16_of(from[at])) : 0.0F;
        }
      }
      for_each_panel(g.n, [&](auto vectors, int column) {
        for (int p = 0; p < piece.k; ++p) {
          const BfloatPair* const pairs = g.b_pairs + (first + p) / 2 * g.b_stride + column;
          for (int j = 0; j < vectors * kLanes; ++j) {
            const auto pair = static_cast<std::uint32_t>(pairs[j]);
            b[p * kPanel + j] = float_of(p % 2 == 0 ? pair >> 16 : pair & 0xFFFF);
          }
        }
        Piece<float> panel = piece;
        panel.c += column;
        panel.bias = piece.bias != nullptr ? piece.bias + column : nullptr;
        compute_rows<vectors>(panel, 0);
      });
      piece.accumulate = true;
    }
  }
}

}  // namespace

void gemm_bfloat16(const Gemm& g) {
  assert(g.a_k_stride == 1 || g.a_row_stride == 1);
#if defined(__AVX512F__)
  if (multiplies_bfloat16()) {
    return multiply_pairs(g);
  }
#endif
  multiply_floats(g);
}

}  // namespace fleet::kernels
