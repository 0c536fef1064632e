// Tests for cuda/adam.h.

#include "cuda/adam.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace fleet::kernels {
namespace {

TEST(AdamTest, FollowsTheAlgorithmOfThePaper) {
  std::vector<float> parameter{1.0F};
  std::vector<float> mean{0.0F};
  std::vector<float> square{0.0F};
  double x = 1.0;
  double m = 0.0;
  double v = 0.0;
  for (int step = 1; step <= 50; ++step) {
    const double g = 2.0 * x + std::sin(step);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    x -= 1e-2 * (m / (1.0 - std::pow(0.9, step))) /
         (std::sqrt(v / (1.0 - std::pow(0.999, step))) + 1e-5);
    const float gradient = 4.0F * static_cast<float>(2.0 * double{parameter[0]} + std::sin(step));
    AdamStep({.epsilon = 1e-5}, 1e-2, step).apply(parameter, {&gradient, 1}, 0.25F, mean, square);
    ASSERT_NEAR(parameter[0], x, 1e-5) << step;
  }
}

}  // namespace
}  // namespace fleet::kernels
