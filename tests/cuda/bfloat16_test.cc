// Tests for cuda/bfloat16.h, and for products in bfloat16 of cuda/gemm.h.

#include "cuda/bfloat16.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/gemm.h"
#include "cuda/philox.h"

namespace fleet::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

float rounded(float x) { return float_of(bfloat16_of(x)); }

float first_of(BfloatPair pair) { return float_of(static_cast<std::uint32_t>(pair) >> 16); }
float second_of(BfloatPair pair) { return float_of(static_cast<std::uint32_t>(pair) & 0xFFFF); }

std::vector<float> normals(int count, std::uint32_t stream) {
  Random random(1, stream, 0, 0, 0);
  std::vector<float> values(static_cast<std::size_t>(count));
  std::ranges::generate(values, [&] { return static_cast<float>(random.normal()); });
  return values;
}

TEST(Bfloat16Test, RoundsToTheNearestOfEightBits) {
  for (const float x : normals(2000, 1)) {
    int exponent = 0;
    const double mantissa = std::frexp(double{x}, &exponent);
    EXPECT_EQ(rounded(x), std::ldexp(std::nearbyint(std::ldexp(mantissa, 8)), exponent - 8));
  }
  EXPECT_EQ(rounded(1.0F + 0x1p-8F), 1.0F);  // ties go to even
  EXPECT_EQ(rounded(1.0F + 0x3p-8F), 1.0F + 0x1p-6F);
  EXPECT_EQ(rounded(std::numeric_limits<float>::max()), kInfinity);
}

TEST(Bfloat16Test, KeepsInfinityAndNanAndTakesDenormalsForZero) {
  EXPECT_EQ(rounded(-kInfinity), -kInfinity);
  EXPECT_TRUE(std::isnan(rounded(kNan)));
  EXPECT_TRUE(std::isnan(rounded(std::bit_cast<float>(0x7F80'0001))));  // upper half: infinity
  EXPECT_EQ(rounded(0x1p-126F), 0x1p-126F);
  EXPECT_EQ(rounded(0x1.8p-127F), 0.0F);
  EXPECT_TRUE(std::signbit(rounded(-0x1.8p-127F)));
}

std::vector<float> with_specials(int count) {
  std::vector<float> values = normals(count, 2);
  const float specials[] = {0.0F, -0.0F, kInfinity, 0x1p-127F, -0x1p-130F, 3.4e38F, 1.0F + 0x1p-8F};
  for (std::size_t i = 0; i < values.size(); i += 11) {
    values[i] = specials[i / 11 % std::size(specials)];
  }
  return values;
}

void expect_pairs(bool of_rows, int num_rows, int width) {
  constexpr auto kUntouched = BfloatPair{0xABCD'1234};
  const int stride = width + 3;
  const int to_stride = width + 5;
  const std::vector<float> from = with_specials(num_rows * stride);
  std::vector<BfloatPair> to(static_cast<std::size_t>((num_rows + 1) * to_stride), kUntouched);
  (of_rows ? pair_rows : pair_columns)(from.data(), stride, num_rows, width, to.data(), to_stride);
  const auto at = [&](int i, int j) {
    return i < num_rows && j < width ? rounded(from[static_cast<std::size_t>(i * stride + j)])
                                     : 0.0F;
  };
  const int to_rows = of_rows ? (num_rows + 1) / 2 : num_rows;
  const int to_width = of_rows ? width : (width + 1) / 2;
  for (int i = 0; i <= num_rows; ++i) {
    for (int j = 0; j < to_stride; ++j) {
      const BfloatPair pair = to[static_cast<std::size_t>(i * to_stride + j)];
      if (i >= to_rows || j >= to_width) {
        ASSERT_EQ(pair, kUntouched) << i << ' ' << j;
        continue;
      }
      ASSERT_EQ(first_of(pair), of_rows ? at(2 * i, j) : at(i, 2 * j));
      ASSERT_EQ(second_of(pair), of_rows ? at(2 * i + 1, j) : at(i, 2 * j + 1));
    }
  }
}

TEST(Bfloat16Test, PairsHoldNeighboursAndZerosAtTheEdge) {
  for (const int num_rows : {1, 2, 5, 8}) {
    for (const int width : {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 96}) {
      expect_pairs(true, num_rows, width);
      expect_pairs(false, num_rows, width);
    }
  }
}

/// A product whose operands are `a` (m, k), or (k, m) if transposed, and `b` (k, n).
struct Product {
  int m = 0, n = 0, k = 0;
  bool is_transposed = false;
  std::vector<float> a, b, bias;

  float a_at(int i, int p) const {
    return a[static_cast<std::size_t>(is_transposed ? p * m + i : i * k + p)];
  }
  float b_at(int p, int j) const { return b[static_cast<std::size_t>(p * n + j)]; }

  std::vector<float> compute(std::vector<float> c, bool accumulate) const {
    std::vector<BfloatPair> pairs(static_cast<std::size_t>((k + 1) / 2 * n));
    pair_rows(b.data(), n, k, n, pairs.data(), n);
    gemm({.m = m,
          .n = n,
          .k = k,
          .a = a.data(),
          .a_row_stride = is_transposed ? 1 : k,
          .a_k_stride = is_transposed ? m : 1,
          .b_stride = n,
          .c = c.data(),
          .c_stride = n,
          .bias = bias.empty() ? nullptr : bias.data(),
          .accumulate = accumulate,
          .b_pairs = pairs.data()});
    return c;
  }
};

Product random_product(int m, int n, int k, bool is_transposed) {
  return {.m = m,
          .n = n,
          .k = k,
          .is_transposed = is_transposed,
          .a = normals(m * k, 3),
          .b = normals(k * n, 4),
          .bias = normals(n, 5)};
}

TEST(GemmBfloat16Test, MatchesALoopOfFusedMultiplyAddsOfRoundedNumbersBitForBit) {
  for (const auto& [m, n, k] : {std::array{1, 16, 1},
                                {5, 48, 7},
                                {6, 64, 29},
                                {13, 112, 300},
                                {100, 80, 257},
                                {97, 16, 512}}) {
    for (const bool is_transposed : {false, true}) {
      const Product product = random_product(m, n, k, is_transposed);
      const std::vector<float> start = normals(m * n, 6);
      for (const bool accumulate : {false, true}) {
        const std::vector<float> c = product.compute(start, accumulate);
        for (int i = 0; i < m; ++i) {
          for (int j = 0; j < n; ++j) {
            const auto at = static_cast<std::size_t>(i * n + j);
            float sum = accumulate ? start[at] : product.bias[static_cast<std::size_t>(j)];
            for (int p = 0; p < k; ++p) {
              sum = std::fma(rounded(product.a_at(i, p)), rounded(product.b_at(p, j)), sum);
            }
            ASSERT_EQ(c[at], sum) << m << ' ' << n << ' ' << k << ": " << i << ' ' << j;
          }
        }
      }
    }
  }
}

TEST(GemmBfloat16Test, DiffersFromTheExactProductByTheRoundingOfItsOperands) {
  constexpr double kRounding = 0x1p-8;  // of an operand: half of the last of eight bits, at most
  const Product product = random_product(20, 64, 333, false);
  const std::vector<float> c = product.compute(std::vector<float>(20 * 64), false);
  double worst = 0.0;
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 64; ++j) {
      double exact = double{product.bias[static_cast<std::size_t>(j)]};
      double magnitude = std::abs(exact);
      for (int p = 0; p < 333; ++p) {
        const double term = double{product.a_at(i, p)} * double{product.b_at(p, j)};
        exact += term;
        magnitude += std::abs(term);
      }
      const double bound = 2.0 * kRounding + kRounding * kRounding + 334 * 0x1p-24;
      const double error =
          std::abs(double{c[static_cast<std::size_t>(i * 64 + j)]} - exact) / magnitude;
      ASSERT_LE(error, bound);
      worst = std::max(worst, error);
    }
  }
  EXPECT_GT(worst, 1e-5) << "nothing was rounded";
}

TEST(GemmBfloat16Test, WhatIsTooSmallForANormalNumberIsZero) {
  const auto one = [](float a, float b, float start) {
    Product product{.m = 1, .n = 16, .k = 1, .a = {a}, .b = std::vector<float>(16, b), .bias = {}};
    return product.compute(std::vector<float>(16, start), true)[3];
  };
  EXPECT_EQ(one(0x1p-127F, 0x1p100F, 0.0F), 0.0F);                       // an operand
  EXPECT_EQ(one(0x1p-70F, 0x1p-60F, 0.0F), 0.0F);                        // a product
  EXPECT_EQ(one(0.0F, 0.0F, 0x1p-130F), 0.0F);                           // what it starts from
  EXPECT_EQ(one(-0x1p-64F, 0x1p-63F, 0x1p-126F), 0.0F);                  // a sum
  EXPECT_EQ(one(0x1p-65F, 0x1p-65F, 0x1p-126F), 0x1p-126F + 0x1p-130F);  // within a normal sum
}

TEST(GemmBfloat16Test, NanAndInfinityReachTheResult) {
  Product product = random_product(2, 16, 3, false);
  product.a[1] = kNan;
  product.a[3] = kInfinity;
  product.b[0] = 1.0F;
  const std::vector<float> c = product.compute(std::vector<float>(32), false);
  EXPECT_TRUE(std::isnan(c[5]));
  EXPECT_EQ(c[16], kInfinity);
}

}  // namespace
}  // namespace fleet::kernels
