#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <cstring>

#if defined(__AVX512F__) || defined(__FMA__)
#include <immintrin.h>
#endif

#include "cuda/words.h"

// W worlds' numbers side by side in one vector register. Nothing here looks across lanes, and each
// operation rounds as for one number alone: a world's bits do not depend on its lane or on W.

namespace fleet::physics {
#if defined(__AVX512F__)
inline namespace avx512 {
inline constexpr int kNativeWidth = 16;
#elif defined(__FMA__)
inline namespace avx2 {
inline constexpr int kNativeWidth = 8;
#else
inline namespace plain {
inline constexpr int kNativeWidth = 8;
#endif

template <int W>
struct VectorTypes {
  typedef float Float __attribute__((vector_size(4 * W)));
  typedef int Int __attribute__((vector_size(4 * W)));
};

/// A yes or no for each world.
template <int W>
class PackMask {
 public:
  using Int = typename VectorTypes<W>::Int;
  explicit PackMask(Int bits) : bits_(bits) {}
  explicit PackMask(bool value) : bits_(Int{} - (value ? 1 : 0)) {}
  friend PackMask operator&(PackMask a, PackMask b) { return PackMask(a.bits_ & b.bits_); }
  friend PackMask operator|(PackMask a, PackMask b) { return PackMask(a.bits_ | b.bits_); }
  friend PackMask operator!(PackMask a) { return PackMask(~a.bits_); }
  Int bits() const { return bits_; }
  bool lane(int i) const { return bits_[i] != 0; }
  void set_lane(int i, bool value) { bits_[i] = value ? -1 : 0; }
  friend bool any(PackMask a) {
#if defined(__AVX512F__)
    if constexpr (W == 16) {
      return _mm512_movepi32_mask(std::bit_cast<__m512i>(a.bits_)) != 0;
    }
#endif
#if defined(__FMA__)
    if constexpr (W == 8) {
      return _mm256_movemask_ps(std::bit_cast<__m256>(a.bits_)) != 0;
    }
#endif
    bool found = false;
    for (int i = 0; i < W; ++i) {
      found = found || a.bits_[i] != 0;
    }
    return found;
  }
  friend bool all(PackMask a) { return !any(!a); }

 private:
  Int bits_;
};

#if defined(__AVX512F__)
/// Sixteen answers in a mask register.
template <>
class PackMask<16> {
 public:
  explicit PackMask(__mmask16 bits) : bits_(bits) {}
  explicit PackMask(bool value) : bits_(static_cast<__mmask16>(value ? 0xFFFF : 0)) {}
  friend PackMask operator&(PackMask a, PackMask b) { return PackMask(_kand_mask16(a.bits_, b.bits_)); }
  friend PackMask operator|(PackMask a, PackMask b) { return PackMask(_kor_mask16(a.bits_, b.bits_)); }
  friend PackMask operator!(PackMask a) { return PackMask(_knot_mask16(a.bits_)); }
  __mmask16 bits() const { return bits_; }
  bool lane(int i) const { return (bits_ >> i & 1) != 0; }
  void set_lane(int i, bool value) {
    const unsigned bit = 1U << i;
    bits_ = static_cast<__mmask16>(value ? bits_ | bit : bits_ & ~bit);
  }
  friend bool any(PackMask a) { return a.bits_ != 0; }
  friend bool all(PackMask a) { return a.bits_ == 0xFFFF; }

 private:
  __mmask16 bits_;
};
#endif

/// W floats. Mixes with numbers in formulas: 2.0 * x.
template <int W>
class FloatPack {
 public:
  using Scalar = float;
  using Mask = PackMask<W>;
  using Vector = typename VectorTypes<W>::Float;
  static constexpr int kWidth = W;

  FloatPack() = default;
  template <class Number>
    requires std::integral<Number> || std::floating_point<Number>
  FloatPack(Number x) : v_(Vector{} + static_cast<float>(x)) {}  // NOLINT: numbers mix freely
  explicit FloatPack(Vector v) : v_(v) {}

  Vector vector() const { return v_; }
  float lane(int i) const { return v_[i]; }
  void set_lane(int i, float value) { v_[i] = value; }

  friend FloatPack operator+(FloatPack a, FloatPack b) { return FloatPack(a.v_ + b.v_); }
  friend FloatPack operator-(FloatPack a, FloatPack b) { return FloatPack(a.v_ - b.v_); }
  friend FloatPack operator*(FloatPack a, FloatPack b) { return FloatPack(a.v_ * b.v_); }
  friend FloatPack operator/(FloatPack a, FloatPack b) { return FloatPack(a.v_ / b.v_); }
  friend FloatPack operator-(FloatPack a) { return FloatPack(-a.v_); }
  FloatPack& operator+=(FloatPack b) { return *this = *this + b; }
  FloatPack& operator-=(FloatPack b) { return *this = *this - b; }
  FloatPack& operator*=(FloatPack b) { return *this = *this * b; }

  friend FloatPack fma(FloatPack a, FloatPack b, FloatPack c) {
#if defined(__AVX512F__)
    if constexpr (W == 16) {
      return FloatPack(_mm512_fmadd_ps(a.v_, b.v_, c.v_));
    }
#endif
#if defined(__FMA__)
    if constexpr (W == 8) {
      return FloatPack(_mm256_fmadd_ps(a.v_, b.v_, c.v_));
    }
#endif
    for (int i = 0; i < W; ++i) {
      c.v_[i] = std::fma(a.v_[i], b.v_[i], c.v_[i]);
    }
    return c;
  }

  friend FloatPack sqrt(FloatPack a) {
#if defined(__AVX512F__)
    if constexpr (W == 16) {
      return FloatPack(_mm512_maskz_sqrt_ps(0xFFFF, a.v_));
    }
#endif
#if defined(__FMA__)
    if constexpr (W == 8) {
      return FloatPack(_mm256_sqrt_ps(a.v_));
    }
#endif
    for (int i = 0; i < W; ++i) {
      a.v_[i] = std::sqrt(a.v_[i]);
    }
    return a;
  }

  friend Mask less(FloatPack a, FloatPack b) {
#if defined(__AVX512F__)
    if constexpr (W == 16) {
      return Mask(_mm512_cmp_ps_mask(a.v_, b.v_, _CMP_LT_OQ));
    } else
#endif
      return Mask(a.v_ < b.v_);
  }
  friend Mask less_equal(FloatPack a, FloatPack b) {
#if defined(__AVX512F__)
    if constexpr (W == 16) {
      return Mask(_mm512_cmp_ps_mask(a.v_, b.v_, _CMP_LE_OQ));
    } else
#endif
      return Mask(a.v_ <= b.v_);
  }
  friend FloatPack select(Mask mask, FloatPack a, FloatPack b) {
#if defined(__AVX512F__)
    if constexpr (W == 16) {
      return FloatPack(_mm512_mask_blend_ps(mask.bits(), b.v_, a.v_));
    } else
#endif
      return FloatPack(mask.bits() != 0 ? a.v_ : b.v_);
  }
  // As minimum(float, float): the first operand where they are equal or b is no number.
  friend FloatPack minimum(FloatPack a, FloatPack b) { return select(less(b, a), b, a); }
  friend FloatPack maximum(FloatPack a, FloatPack b) { return select(less(a, b), b, a); }
  friend FloatPack clamp(FloatPack x, FloatPack low, FloatPack high) {
    return select(less(x, low), low, select(less(high, x), high, x));
  }
  friend FloatPack abs(FloatPack a) {
    using Int = typename VectorTypes<W>::Int;
    return FloatPack(reinterpret_cast<Vector>(reinterpret_cast<Int>(a.v_) & 0x7FFFFFFF));
  }
  friend FloatPack squared(FloatPack a) { return a * a; }

 private:
  Vector v_;
};

template <class R>
struct RealTraits;  // Scalar, Mask, kWidth of double, float or a pack
template <>
struct RealTraits<double> {
  using Scalar = double;
  using Mask = fleet::Mask;
  static constexpr int kWidth = 1;
};
template <>
struct RealTraits<float> {
  using Scalar = float;
  using Mask = fleet::Mask;
  static constexpr int kWidth = 1;
};
template <int W>
struct RealTraits<FloatPack<W>> {
  using Scalar = float;
  using Mask = PackMask<W>;
  static constexpr int kWidth = W;
};
template <class R>
using ScalarOf = typename RealTraits<R>::Scalar;
template <class R>
using MaskOf = typename RealTraits<R>::Mask;
template <class R>
inline constexpr int kWidthOf = RealTraits<R>::kWidth;

FLEET_HD inline double lane(double x, int) { return x; }
FLEET_HD inline float lane(float x, int) { return x; }
template <int W>
float lane(FloatPack<W> x, int i) {
  return x.lane(i);
}
FLEET_HD inline bool lane(Mask mask, int) { return mask.scalar(); }
template <int W>
bool lane(PackMask<W> mask, int i) {
  return mask.lane(i);
}
FLEET_HD inline void set_lane(double& x, int, double value) { x = value; }
FLEET_HD inline void set_lane(float& x, int, float value) { x = value; }
template <int W>
void set_lane(FloatPack<W>& x, int i, float value) {
  x.set_lane(i, value);
}
FLEET_HD inline void set_lane(Mask& mask, int, bool value) { mask = Mask(value); }
template <int W>
void set_lane(PackMask<W>& mask, int i, bool value) {
  mask.set_lane(i, value);
}

}  // namespace avx512, avx2 or plain
}  // namespace fleet::physics
