#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "cuda/field.h"
#include "cuda/philox.h"

namespace fleet::agents::flashsac {

/// Standard normal noise that all rows hold for the same number of steps, drawn anew from a zeta
/// law: P(n) proportional to n^-2, n = 1 ... max_repeat.
///
/// The noise itself is a function of the seed, the row and how often it was renewed: only counters
/// are state.
class Exploration {
 public:
  /// @param first_row global index of row 0
  Exploration(std::uint64_t seed, int first_row, int max_repeat);

  /// Goes on to the next env step.
  void advance();

  /// Uniform in [-1, 1], of the present step.
  void draw_uniform(int row, std::span<float> action) const;
  /// The noise that is held.
  void draw_normal(int row, std::span<float> noise) const;

  Fields fields(const std::string& prefix);

 private:
  enum Kind : std::uint32_t { kNormal, kUniform, kRepeat };
  Random random(int row, Kind kind, std::uint64_t count) const;
  std::int64_t draw_repeat() const;

  std::uint64_t seed_;
  int first_row_, max_repeat_;
  std::uint64_t num_steps_ = 0;
  std::uint64_t num_renewals_ = 0;
  std::int64_t num_left_ = 0;  // steps that the noise is still held
};

}  // namespace fleet::agents::flashsac
