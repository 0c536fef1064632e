#pragma once

#include <algorithm>
#include <cmath>

namespace fleet::view {

/// How simulated time follows the user's: paused, slowed down, sped up.
class Clock {
 public:
  static constexpr int kSlowest = -5;  ///< 1/32
  static constexpr int kFastest = 3;   ///< 8

  bool is_paused = false;

  int exponent() const { return exponent_; }
  double speed() const { return std::ldexp(1.0, exponent_); }
  void set_exponent(int exponent) { exponent_ = std::clamp(exponent, kSlowest, kFastest); }

  /// @param dt s of the user's that passed  @param period s of a control step
  /// @returns how many control steps are due; what is left of a step counts next time
  int steps_due(double dt, double period) {
    if (is_paused) {
      return 0;
    }
    owed_ += dt * speed();
    const double steps = std::floor(owed_ / period);
    owed_ -= steps * period;
    return static_cast<int>(steps);
  }

 private:
  int exponent_ = 0;
  double owed_ = 0.0;  // s, simulated
};

}  // namespace fleet::view
