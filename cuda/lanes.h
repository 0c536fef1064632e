#pragma once

#include <cstring>

#if defined(__AVX512F__) || defined(__FMA__)
#include <immintrin.h>
#else
#include <cmath>
#endif

// The widest vector of floats of the instruction set that this unit is compiled for, and the few
// operations that + - * / < ?: do not give. The same bits come out at every width: nothing here
// sums across lanes, and fma() rounds once on every machine.

namespace fleet::kernels {
#if defined(__AVX512F__)
inline namespace avx512 {
inline constexpr int kLanes = 16;
inline constexpr int kMaxTileVectors = 4;  // 6 x 4 accumulators of 32 registers
#elif defined(__FMA__)
inline namespace avx2 {
inline constexpr int kLanes = 8;
inline constexpr int kMaxTileVectors = 2;  // 6 x 2 accumulators of 16 registers
#else
inline namespace plain {
inline constexpr int kLanes = 4;
inline constexpr int kMaxTileVectors = 2;
#endif

typedef float Lanes __attribute__((vector_size(4 * kLanes)));
typedef int IntLanes __attribute__((vector_size(4 * kLanes)));

inline Lanes fma(Lanes a, Lanes b, Lanes c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#else
  for (int lane = 0; lane < kLanes; ++lane) {
    c[lane] = std::fma(a[lane], b[lane], c[lane]);
  }
  return c;
#endif
}

inline Lanes load(const float* from) {
  Lanes x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

inline void store(float* to, Lanes x) { std::memcpy(to, &x, sizeof x); }

inline Lanes broadcast(float x) { return Lanes{} + x; }

/// exp(x) within 2 ulp for x in [-87, 88], clamped outside; NaN stays NaN.
inline Lanes exp(Lanes x) {
  constexpr float kShift = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
  x = x < -87.0F ? broadcast(-87.0F) : x;
  x = x > 88.0F ? broadcast(88.0F) : x;
  const Lanes shifted = fma(x, broadcast(1.44269504F), broadcast(kShift));
  const Lanes n = shifted - kShift;
  // ln 2 in two parts, the first exact in few bits, so that n * ln 2 loses nothing.
  const Lanes r = fma(n, broadcast(2.12194440e-4F), fma(n, broadcast(-0.693359375F), x));
  Lanes y = broadcast(1.0F / 5040.0F);  // Taylor: |r| <= ln 2 / 2, the next term is below 6e-9
  y = fma(y, r, broadcast(1.0F / 720.0F));
  y = fma(y, r, broadcast(1.0F / 120.0F));
  y = fma(y, r, broadcast(1.0F / 24.0F));
  y = fma(y, r, broadcast(1.0F / 6.0F));
  y = fma(y, r, broadcast(0.5F));
  y = fma(y, r, broadcast(1.0F));
  y = fma(y, r, broadcast(1.0F));
  // The low bits of `shifted` are n: moved to the exponent they are 2^n.
  const IntLanes scale = (reinterpret_cast<IntLanes>(shifted) << 23) + 0x3F800000;
  return y * reinterpret_cast<Lanes>(scale);
}

}  // namespace avx512, avx2 or plain
}  // namespace fleet::kernels
