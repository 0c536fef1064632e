#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "cuda/physics/pack.h"

// Functions of packs that are more than one instruction. Straight-line polynomials, so that every
// lane costs the same; errors are of single precision. A float gives the bits that a lane of a pack
// does, on any device; double uses <cmath>.

namespace fleet::physics {
FLEET_HD inline double sqrt(double x) { return std::sqrt(x); }
FLEET_HD inline float sqrt(float x) { return std::sqrt(x); }
FLEET_HD inline double abs(double x) { return std::abs(x); }
FLEET_HD inline float abs(float x) { return std::abs(x); }

/// Calls f(float) for each world: for what is rare.
template <int W, class F>
FloatPack<W> for_each_lane(FloatPack<W> x, F&& f) {
  for (int i = 0; i < W; ++i) {
    x.set_lane(i, f(x.lane(i)));
  }
  return x;
}

/// The nearest whole number, |x| < 2^22.
template <int W>
FloatPack<W> round(FloatPack<W> x) {
  const FloatPack<W> shift(12582912.0F);  // 1.5 * 2^23
  return (x + shift) - shift;
}

// Of a number with 1.5 * 2^23 added, the low bits are the whole number that was there.

template <int W>
PackMask<W> low_bit(FloatPack<W> shifted) {
  using Vector = typename FloatPack<W>::Vector;
  const auto bits = reinterpret_cast<typename VectorTypes<W>::Int>(shifted.vector());
  return less(FloatPack<W>(0.5F), FloatPack<W>(Vector(__builtin_convertvector(bits & 1, Vector))));
}
/// Changes the sign of value where the whole number plus `add` has its second bit.
template <int W>
FloatPack<W> flip_by_second_bit(FloatPack<W> value, FloatPack<W> shifted, int add) {
  using Int = typename VectorTypes<W>::Int;
  const Int sign = ((reinterpret_cast<Int>(shifted.vector()) + add) & 2) << 30;
  return FloatPack<W>(reinterpret_cast<typename FloatPack<W>::Vector>(
      reinterpret_cast<Int>(value.vector()) ^ sign));
}
FLEET_HD inline Mask low_bit(float shifted) {
  return Mask((std::bit_cast<std::uint32_t>(shifted) & 1U) != 0);
}
FLEET_HD inline float flip_by_second_bit(float value, float shifted, int add) {
  const std::uint32_t sign = ((std::bit_cast<std::uint32_t>(shifted) + add) & 2U) << 30;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ sign);
}

/// Sine and cosine within 2e-7 for |x| < 8192. Cody-Waite reduction by pi / 2, then minimax
/// polynomials on [-pi/4, pi/4] (coefficients: Cephes sinf, cosf). R: float or packs of it.
template <class R>
FLEET_HD void sincos(R x, R& sine, R& cosine) {
  const R shift(12582912.0F);
  const R shifted = fma(x, R(0.636619772F), shift);
  const R n = shifted - shift;
  R y = fma(n, R(-1.5703125F), x);
  y = fma(n, R(-4.83751296997070312e-4F), y);
  y = fma(n, R(-7.54978995489188e-8F), y);
  const R z = y * y;
  R s = fma(z, R(-1.9515295891e-4F), R(8.3321608736e-3F));
  s = fma(s, z, R(-1.6666654611e-1F));
  s = fma(s * z, y, y);
  R c = fma(z, R(2.443315711809948e-5F), R(-1.388731625493765e-3F));
  c = fma(c, z, R(4.166664568298827e-2F));
  c = fma(c * z, z, fma(z, R(-0.5F), R(1.0F)));
  const auto odd = low_bit(shifted);
  sine = flip_by_second_bit(select(odd, c, s), shifted, 0);
  cosine = flip_by_second_bit(select(odd, s, c), shifted, 1);
}
FLEET_HD inline void sincos(double x, double& sine, double& cosine) {
  sine = std::sin(x);
  cosine = std::cos(x);
}
template <int W>
FloatPack<W> sin(FloatPack<W> x) {
  FloatPack<W> s, c;
  sincos(x, s, c);
  return s;
}
template <int W>
FloatPack<W> cos(FloatPack<W> x) {
  FloatPack<W> s, c;
  sincos(x, s, c);
  return c;
}

/// exp(x) within 2 ulp for x in [-87, 88], clamped outside; NaN stays NaN.
template <int W>
FloatPack<W> exp(FloatPack<W> x) {
  using R = FloatPack<W>;
  using Int = typename VectorTypes<W>::Int;
  const R shift(12582912.0F);
  x = select(less(x, R(-87.0F)), R(-87.0F), x);
  x = select(less(R(88.0F), x), R(88.0F), x);
  const R shifted = fma(x, R(1.44269504F), shift);
  const R n = shifted - shift;
  const R r = fma(n, R(2.12194440e-4F), fma(n, R(-0.693359375F), x));
  R y(1.0F / 5040.0F);
  for (const float c : {1.0F / 720.0F, 1.0F / 120.0F, 1.0F / 24.0F, 1.0F / 6.0F, 0.5F, 1.0F, 1.0F}) {
    y = fma(y, r, R(c));
  }
  const Int scale = (reinterpret_cast<Int>(shifted.vector()) << 23) + 0x3F800000;
  return y * R(reinterpret_cast<typename R::Vector>(scale));
}

template <int W>
FloatPack<W> log1p(FloatPack<W> x) {
  return for_each_lane(x, [](float y) { return std::log1p(y); });
}

/// The angle of (x, y) in [-pi, pi] within 3e-7 (coefficients: Cephes atanf).
template <class R>
FLEET_HD R atan2_of_floats(R y, R x) {
  const R ax = abs(x);
  const R ay = abs(y);
  const R big = maximum(ax, ay);
  const R small = minimum(ax, ay);
  const R ratio = select(less(R(0.0F), big), small / big, R(0.0F));  // [0, 1]
  const auto steep = less(R(0.4142135624F), ratio);                  // tan(pi / 8)
  const R t = select(steep, (ratio - 1.0F) / (ratio + 1.0F), ratio);
  const R z = t * t;
  R p = fma(z, R(8.05374449538e-2F), R(-1.38776856032e-1F));
  p = fma(p, z, R(1.99777106478e-1F));
  p = fma(p, z, R(-3.33329491539e-1F));
  R angle = fma(p * z, t, t) + select(steep, R(0.7853981634F), R(0.0F));
  angle = select(less(ax, ay), R(1.5707963268F) - angle, angle);
  angle = select(less(x, R(0.0F)), R(3.1415926536F) - angle, angle);
  return select(less(y, R(0.0F)), -angle, angle);
}
template <int W>
FloatPack<W> atan2(FloatPack<W> y, FloatPack<W> x) {
  return atan2_of_floats(y, x);
}
FLEET_HD inline float atan2(float y, float x) { return atan2_of_floats(y, x); }
FLEET_HD inline double atan2(double y, double x) { return std::atan2(y, x); }

/// base^exponent, base >= 0: rare, one lane after the other.
template <int W>
FloatPack<W> power(FloatPack<W> base, float exponent) {
  return for_each_lane(base, [&](float y) { return std::pow(y, exponent); });
}
FLEET_HD inline double power(double base, double exponent) { return std::pow(base, exponent); }
FLEET_HD inline float power(float base, float exponent) { return std::pow(base, exponent); }

}  // namespace fleet::physics
