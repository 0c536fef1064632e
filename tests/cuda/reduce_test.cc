// Tests for cuda/reduce.h.

#include "cuda/reduce.h"

#include <vector>

#include <gtest/gtest.h>

#include "cuda/philox.h"

namespace fleet::kernels {
namespace {

std::vector<float> normals(std::size_t count, double offset) {
  Random random(1, 0, 0, 0, 0);
  std::vector<float> x(count);
  for (float& value : x) {
    value = static_cast<float>(offset + random.normal());
  }
  return x;
}

TEST(ReduceTest, SumsWholeNumbersExactlyAtEveryLength) {
  for (std::size_t count = 0; count < 1500; ++count) {
    std::vector<float> x(count);
    for (std::size_t i = 0; i < count; ++i) {
      x[i] = static_cast<float>(i);
    }
    const double expected = 0.5 * static_cast<double>(count) * (static_cast<double>(count) - 1.0);
    ASSERT_EQ(sum(x), count == 0 ? 0.0 : expected) << count;
  }
}

TEST(ReduceTest, MomentsAreRightFarFromZero) {
  const std::vector<float> x = normals(20001, 1000.0);
  double mean = 0.0;
  for (const float value : x) {
    mean += double{value} / static_cast<double>(x.size());
  }
  double variance = 0.0;
  for (const float value : x) {
    variance += (value - mean) * (value - mean) / static_cast<double>(x.size());
  }
  const Moments m = moments(x);
  EXPECT_NEAR(m.mean, mean, 1e-9);
  EXPECT_NEAR(m.variance, variance, 1e-9);
  EXPECT_NEAR(m.unbiased_variance(), variance * 20001.0 / 20000.0, 1e-9);
}

TEST(ReduceTest, FewSamplesHaveNoSpread) {
  EXPECT_EQ(moments(std::vector<float>{}).mean, 0.0);
  const Moments one = moments(std::vector<float>{3.0F});
  EXPECT_EQ(one.mean, 3.0);
  EXPECT_EQ(one.unbiased_variance(), 0.0);
}

// The order of additions is written out below for nine numbers whose sum depends on it.
TEST(ReduceTest, OrderIsFixed) {
  const std::vector<double> x{1e17, 1.0, -3.0, 5.0, -1e17, 7.0, 11.0, 13.0, 0.5};
  const double expected =
      (((x[0] + x[8]) + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]));
  EXPECT_EQ(pairwise_sum(0, x.size(), [&](std::size_t i) { return x[i]; }), expected);
}

}  // namespace
}  // namespace fleet::kernels
