#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

// bfloat16: the upper half of a float, rounded to nearest, ties to even. A number too small for a
// normal one becomes a zero of its sign; a NaN stays one.

namespace fleet::kernels {

/// Two bfloat16 that a product adds up one after the other: first that in the upper half.
enum class BfloatPair : std::uint32_t {};

inline std::uint32_t bfloat16_of(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t magnitude = bits & 0x7FFF'FFFF;
  const std::uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  const std::uint32_t zero = bits >> 16 & 0x8000;
  const std::uint32_t nan = bits >> 16 | 0x40;
  return magnitude < 0x0080'0000 ? zero : magnitude > 0x7F80'0000 ? nan : rounded;
}

inline float float_of(std::uint32_t bfloat16) { return std::bit_cast<float>(bfloat16 << 16); }

/// Whether this CPU has AVX512-BF16 and this build uses it. Only speed depends on it.
bool multiplies_bfloat16();

/// to (ceil(num_rows / 2), width): rows 2 p and 2 p + 1 of `from`, element by element, rounded. A
/// last row without another is paired with zeros.
void pair_rows(const float* from, std::ptrdiff_t stride, int num_rows, int width, BfloatPair* to,
               std::ptrdiff_t to_stride);

/// to (num_rows, ceil(width / 2)): columns 2 p and 2 p + 1, likewise.
void pair_columns(const float* from, std::ptrdiff_t stride, int num_rows, int width, BfloatPair* to,
                  std::ptrdiff_t to_stride);

}  // namespace fleet::kernels
