#pragma once

#include <algorithm>
#include <cmath>

#include "cuda/host_device.h"

// The words that formulas are written in, for one number; packs of numbers bring overloads
// (physics/pack.h). A formula in these words runs for one world or for many: no branches, choices
// are select(mask, a, b).

namespace fleet {

/// The answer to a comparison. Does not convert to bool: elsewhere it holds one answer per world.
class Mask {
 public:
  FLEET_HD explicit Mask(bool value) : value_(value) {}
  FLEET_HD friend Mask operator&(Mask a, Mask b) { return Mask(a.value_ && b.value_); }
  FLEET_HD friend Mask operator|(Mask a, Mask b) { return Mask(a.value_ || b.value_); }
  FLEET_HD friend Mask operator!(Mask a) { return Mask(!a.value_); }
  /// For code that runs one world at a time (backends, events), never for terms.
  FLEET_HD bool scalar() const { return value_; }

 private:
  bool value_;
};

/// Whether the answer is yes in any world, or in all.
FLEET_HD inline bool any(Mask mask) { return mask.scalar(); }
FLEET_HD inline bool all(Mask mask) { return mask.scalar(); }

FLEET_HD inline Mask less(double a, double b) { return Mask(a < b); }
FLEET_HD inline Mask less(float a, float b) { return Mask(a < b); }
FLEET_HD inline Mask less_equal(double a, double b) { return Mask(a <= b); }
FLEET_HD inline Mask less_equal(float a, float b) { return Mask(a <= b); }
FLEET_HD inline double select(Mask mask, double a, double b) { return mask.scalar() ? a : b; }
FLEET_HD inline float select(Mask mask, float a, float b) { return mask.scalar() ? a : b; }
FLEET_HD inline double clamp(double x, double low, double high) {
  return x < low ? low : (high < x ? high : x);
}
FLEET_HD inline float clamp(float x, float low, float high) {
  return x < low ? low : (high < x ? high : x);
}
FLEET_HD inline double squared(double x) { return x * x; }
FLEET_HD inline float squared(float x) { return x * x; }

// The same spelling for numbers and packs, found here or by argument.
FLEET_HD inline double fma(double a, double b, double c) { return std::fma(a, b, c); }
FLEET_HD inline float fma(float a, float b, float c) { return std::fma(a, b, c); }
FLEET_HD inline double minimum(double a, double b) { return b < a ? b : a; }
FLEET_HD inline float minimum(float a, float b) { return b < a ? b : a; }
FLEET_HD inline double maximum(double a, double b) { return a < b ? b : a; }
FLEET_HD inline float maximum(float a, float b) { return a < b ? b : a; }

}  // namespace fleet
