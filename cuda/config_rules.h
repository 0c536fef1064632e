#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

// What the validate() of a config is written with.

namespace fleet {

/// What must hold of a config. Comparisons are written so that a NaN fails them.
struct Rule {
  bool holds;
  const char* problem;  ///< "key must be ..."
};

/// The problem of the first rule that does not hold, or nothing.
inline std::string first_problem(std::initializer_list<Rule> rules) {
  const auto* const broken = std::ranges::find(rules, false, &Rule::holds);
  return broken == rules.end() ? std::string() : broken->problem;
}

inline bool is_one_of(std::string_view value, std::initializer_list<std::string_view> choices) {
  return std::ranges::find(choices, value) != choices.end();
}

}  // namespace fleet
