#pragma once

#include <array>
#include <cmath>

#include "cuda/config_rules.h"

// What the rules of a task's config are written with. A NaN fails every comparison here.

namespace fleet::tasks {

inline bool is_width(double value) { return value >= 0.0 && std::isfinite(value); }
inline bool is_positive(double value) { return value > 0.0 && std::isfinite(value); }
inline bool is_probability(double value) { return value >= 0.0 && value <= 1.0; }
inline bool is_range(const std::array<double, 2>& range) {
  return std::isfinite(range[0]) && std::isfinite(range[1]) && range[0] <= range[1];
}

}  // namespace fleet::tasks
