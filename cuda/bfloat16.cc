#include "cuda/bfloat16.h"

#include "cuda/lanes.h"

namespace fleet::kernels {
namespace {

BfloatPair pair_of(float first, float second) {
  return BfloatPair{bfloat16_of(first) << 16 | bfloat16_of(second)};
}

#if defined(__AVX512F__)
constexpr int kWidth = 16;

__mmask16 lanes_below(int count) {
  return static_cast<__mmask16>(count >= kWidth ? 0xFFFF : count <= 0 ? 0 : (1 << count) - 1);
}

/// Not the intrinsic, which wants a unit compiled for CPUs with the instruction alone.
__m512i round(__m512 upper, __m512 lower) {
  __m512i both;
  asm("vcvtne2ps2bf16 %2, %1, %0" : "=v"(both) : "v"(upper), "v"(lower));
  return both;
}

/// Pairs of corresponding lanes.
__m512i zip(__m512 first, __m512 second) {
  alignas(64) static constexpr std::uint16_t kOrder[] = {
      0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  return _mm512_permutexvar_epi16(_mm512_load_si512(kOrder), round(first, second));
}

/// Pairs of neighbouring lanes: first those of `left`.
__m512i fold(__m512 left, __m512 right) {
  typedef std::uint32_t Words __attribute__((vector_size(64)));
  const auto words = reinterpret_cast<Words>(round(right, left));
  return reinterpret_cast<__m512i>(words << 16 | words >> 16);
}

void pair_rows_fast(const float* from, std::ptrdiff_t stride, int num_rows, int width,
                    BfloatPair* to, std::ptrdiff_t to_stride) {
  for (int i = 0; i < num_rows; i += 2, from += 2 * stride, to += to_stride) {
    const bool has_second = i + 1 < num_rows;
    int j = 0;
    for (; has_second && j + kWidth <= width; j += kWidth) {
      _mm512_storeu_si512(to + j,
                          zip(_mm512_loadu_ps(from + j), _mm512_loadu_ps(from + stride + j)));
    }
    for (; j < width; j += kWidth) {
      const __mmask16 mask = lanes_below(width - j);
      const __mmask16 second = has_second ? mask : __mmask16{0};
      _mm512_mask_storeu_epi32(to + j, mask,
                               zip(_mm512_maskz_loadu_ps(mask, from + j),
                                   _mm512_maskz_loadu_ps(second, from + stride + j)));
    }
  }
}

void pair_columns_fast(const float* from, std::ptrdiff_t stride, int num_rows, int width,
                       BfloatPair* to, std::ptrdiff_t to_stride) {
  for (int i = 0; i < num_rows; ++i, from += stride, to += to_stride) {
    int j = 0;
    for (; j + 2 * kWidth <= width; j += 2 * kWidth) {
      _mm512_storeu_si512(to + j / 2,
                          fold(_mm512_loadu_ps(from + j), _mm512_loadu_ps(from + j + kWidth)));
    }
    if (j < width) {
      const int rest = width - j;
      _mm512_mask_storeu_epi32(
          to + j / 2, lanes_below((rest + 1) / 2),
          fold(_mm512_maskz_loadu_ps(lanes_below(rest), from + j),
               _mm512_maskz_loadu_ps(lanes_below(rest - kWidth), from + j + kWidth)));
    }
  }
}
#endif

}  // namespace

bool multiplies_bfloat16() {
#if defined(__AVX512F__)
  static const bool has_instruction = __builtin_cpu_supports("avx512bf16") != 0;
  return has_instruction;
#else
  return false;
#endif
}

void pair_rows(const float* from, std::ptrdiff_t stride, int num_rows, int width, BfloatPair* to,
               std::ptrdiff_t to_stride) {
#if defined(__AVX512F__)
  if (multiplies_bfloat16()) {
    return pair_rows_fast(from, stride, num_rows, width, to, to_stride);
  }
#endif
  for (int i = 0; i < num_rows; i += 2, from += 2 * stride, to += to_stride) {
    for (int j = 0; j < width; ++j) {
      to[j] = pair_of(from[j], i + 1 < num_rows ? from[stride + j] : 0.0F);
    }
  }
}

void pair_columns(const float* from, std::ptrdiff_t stride, int num_rows, int width, BfloatPair* to,
                  std::ptrdiff_t to_stride) {
#if defined(__AVX512F__)
  if (multiplies_bfloat16()) {
    return pair_columns_fast(from, stride, num_rows, width, to, to_stride);
  }
#endif
  for (int i = 0; i < num_rows; ++i, from += stride, to += to_stride) {
    for (int j = 0; j < width; j += 2) {
      to[j / 2] = pair_of(from[j], j + 1 < width ? from[j + 1] : 0.0F);
    }
  }
}

}  // namespace fleet::kernels
