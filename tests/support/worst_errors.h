#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/physics/data.h"
#include "tests/support/physics_parity.h"

namespace fleet::testing {

/// The worst relative differences over many states, by the name of what differs.
class WorstErrors {
 public:
  template <class R>
  void add(const char* name, const double* expected, const physics::Array<R>& actual,
           std::int64_t count) {
    const std::vector<double> numbers(actual.begin(), actual.begin() + count);
    double& worst = worst_[name];
    const double error = relative_error(expected, numbers.data(), count);
    worst = error <= worst ? worst : error;  // a NaN counts
  }
  template <class R>
  void add(const char* name, const physics::Array<double>& expected,
           const physics::Array<R>& actual, std::size_t count) {
    add(name, expected.data(), actual, static_cast<std::int64_t>(count));
  }
  template <class R>
  void add(const char* name, const physics::Array<double>& expected,
           const physics::Array<R>& actual) {
    add(name, expected, actual, expected.size());
  }

  void expect_within(double tolerance) const {
    for (const auto& [name, error] : worst_) {
      EXPECT_LE(error, tolerance) << name;
    }
  }

  /// " qacc 1.2e-09 ...", of what differs by more than rounding.
  std::string text() const {
    std::string all;
    for (const auto& [name, error] : worst_) {
      std::array<char, 80> entry{};
      std::snprintf(entry.data(), entry.size(), " %s %.1e", name.c_str(), error);
      all += error > 1e-12 ? entry.data() : "";
    }
    return all;
  }

 private:
  std::map<std::string, double> worst_;
};

}  // namespace fleet::testing
