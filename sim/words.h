#pragma once

#include <algorithm>

// The words that task formulas are written in, for one world. Packs of worlds bring overloads.

namespace fleet::sim {

/// The answer to a comparison in task code. Does not convert to bool: on other backends it holds one
/// answer per world, so a choice is written select(mask, a, b).
class Mask {
 public:
  explicit Mask(bool value) : value_(value) {}
  friend Mask operator&(Mask a, Mask b) { return Mask(a.value_ && b.value_); }
  friend Mask operator|(Mask a, Mask b) { return Mask(a.value_ || b.value_); }
  friend Mask operator!(Mask a) { return Mask(!a.value_); }
  /// For code that runs one world at a time (backends, events), never for terms.
  bool scalar() const { return value_; }

 private:
  bool value_;
};

inline Mask less(double a, double b) { return Mask(a < b); }
inline Mask less_equal(double a, double b) { return Mask(a <= b); }
inline double select(Mask mask, double a, double b) { return mask.scalar() ? a : b; }
inline double clamp(double x, double low, double high) { return std::clamp(x, low, high); }
inline double squared(double x) { return x * x; }

}  // namespace fleet::sim
