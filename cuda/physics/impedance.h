#pragma once

#include <algorithm>
#include <cmath>

#include "cuda/physics/vec.h"

// How stiff a constraint is: MuJoCo's solref and solimp (its manual, "Computation", Parameters).

namespace fleet::physics {

/// d(r), the impedance at violation r = pos - margin.
template <class R>
FLEET_HD R impedance(const ScalarOf<R>* solimp, R violation) {
  using T = ScalarOf<R>;
  const auto bounded = [](T x) { return clamp(x, T(0.0001), T(0.9999)); };
  const T first = bounded(solimp[0]);
  const T last = bounded(solimp[1]);
  const T width = maximum(T(0), solimp[2]);
  if (first == last || width <= T(1e-15)) {
    return R(T(0.5) * (first + last));
  }
  const T middle = bounded(solimp[3]);
  const T exponent = maximum(T(1), solimp[4]);
  const R x = minimum(abs(violation) / R(width), R(1.0));
  R y = x;
  if (exponent == T(2)) {
    const R rest = R(1.0) - x;
    y = select(less_equal(x, R(middle)), x * x / R(middle),
               R(1.0) - rest * rest / R(T(1) - middle));
  } else if (exponent != T(1)) {
    const R below = power(x, exponent) / R(std::pow(middle, exponent - 1));
    const R above = R(1.0) - power(R(1.0) - x, exponent) / R(std::pow(T(1) - middle, exponent - 1));
    y = select(less_equal(x, R(middle)), below, above);
  }
  return fma(y, R(last - first), R(first));
}

/// Stiffness and damping of the reference acceleration aref = -B vel - K d(r) r.
template <class T>
struct Reference {
  T K, B;
};

/// @param solimp_last solimp[1]  @param least the smallest time constant allowed, in s (refsafe)
template <class T>
FLEET_HD Reference<T> reference(const T* solref, T solimp_last, T least) {
  const T dmax = clamp(solimp_last, T(0.0001), T(0.9999));
  T time_constant = solref[0];
  T damping_ratio = solref[1];
  if ((time_constant > 0) != (damping_ratio > 0)) {
    time_constant = T(0.02);  // mixed formats mean MuJoCo's default
    damping_ratio = T(1);
  }
  if (time_constant > 0) {
    time_constant = maximum(time_constant, least);
    const T root = dmax * time_constant * damping_ratio;
    return {T(1) / maximum(T(1e-15), root * root), T(2) / maximum(T(1e-15), dmax * time_constant)};
  }
  return {-time_constant / maximum(T(1e-15), dmax * dmax),
          -damping_ratio / maximum(T(1e-15), dmax)};
}

/// The regulariser R of a row whose inverse inertia is about `diag`.
template <class R>
FLEET_HD R regulariser(R imp, R diag) {
  return maximum(R(1e-15), (R(1.0) - imp) / imp * diag);
}

}  // namespace fleet::physics
