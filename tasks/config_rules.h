#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string>

// What the validate() of a task's config is written with. A NaN fails every comparison here.

namespace fleet::tasks {

struct Rule {
  bool holds;
  const char* problem;  ///< "key: expected ..."
};

/// The problem of the first rule that does not hold, or nothing.
inline std::string first_problem(std::initializer_list<Rule> rules) {
  const auto* const broken = std::ranges::find(rules, false, &Rule::holds);
  return broken == rules.end() ? std::string() : broken->problem;
}

inline bool is_width(double value) { return value >= 0.0 && std::isfinite(value); }
inline bool is_positive(double value) { return value > 0.0 && std::isfinite(value); }
inline bool is_probability(double value) { return value >= 0.0 && value <= 1.0; }
inline bool is_range(const std::array<double, 2>& range) {
  return std::isfinite(range[0]) && std::isfinite(range[1]) && range[0] <= range[1];
}

}  // namespace fleet::tasks
