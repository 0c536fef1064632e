#include "cuda/philox.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fleet {
namespace {

using Block = std::array<std::uint32_t, 4>;

constexpr int kNumDraws = 100'000;

Random stream() { return {2026, 3, 1, 4, static_cast<std::uint32_t>(Purpose::kPolicy)}; }

template <typename Draw>
std::vector<double> draws(Draw&& draw) {
  Random random = stream();
  std::vector<double> values(kNumDraws);
  std::ranges::generate(values, [&] { return draw(random); });
  return values;
}

/// The mean of (x - centre)^power.
double moment(const std::vector<double>& values, double centre, int power) {
  return std::accumulate(values.begin(), values.end(), 0.0,
                         [&](double sum, double x) { return sum + std::pow(x - centre, power); }) /
         static_cast<double>(values.size());
}

/// Five standard deviations of the mean of kNumDraws numbers whose variance is `variance`: the seed
/// is fixed, and one in two million would fail.
double five_sigma(double variance) { return 5.0 * std::sqrt(variance / kNumDraws); }

TEST(PhiloxTest, KnownAnswersOfRandom123) {
  // kat_vectors of Random123 1.14, philox4x32 with 10 rounds.
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomTest, BitsAreTheWordsOfOneBlockAfterAnother) {
  Random random(0x0123456789abcdef, 5, 6, 7, 8);
  for (std::uint32_t block = 0; block < 3; ++block) {
    for (const std::uint32_t word :
         philox({5, 6, 7, 0x08000000 + block}, {0x89abcdef, 0x01234567})) {
      EXPECT_EQ(random.bits(), word);
    }
  }
}

TEST(RandomTest, EverySeedEnvEpisodeStepAndPurposeHasAStreamOfItsOwn) {
  std::set<Block> blocks;
  std::size_t num_streams = 0;
  for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL, 1ULL << 32, 2ULL << 32}) {
    for (std::uint32_t at = 0; at < 81; ++at) {
      const std::uint32_t evaluation = at % 2 * static_cast<std::uint32_t>(Purpose::kEvaluation);
      for (std::uint32_t purpose = 1; purpose <= 12; ++purpose) {
        Random random(seed, at % 3, at / 3 % 3, at / 9, purpose + evaluation);
        blocks.insert({random.bits(), random.bits(), random.bits(), random.bits()});
        ++num_streams;
      }
    }
  }
  EXPECT_EQ(blocks.size(), num_streams);
}

TEST(RandomTest, UniformNumbersFillTheirInterval) {
  const std::vector<double> unit = draws([](Random& random) { return random.uniform(); });
  EXPECT_GE(*std::ranges::min_element(unit), 0.0);
  EXPECT_LT(*std::ranges::max_element(unit), 1.0);
  EXPECT_NEAR(moment(unit, 0.0, 1), 0.5, five_sigma(1.0 / 12.0));
  EXPECT_NEAR(moment(unit, 0.5, 2), 1.0 / 12.0, five_sigma(1.0 / 180.0));

  const std::vector<double> wide = draws([](Random& random) { return random.uniform(-3.0, 5.0); });
  EXPECT_GE(*std::ranges::min_element(wide), -3.0);
  EXPECT_LE(*std::ranges::max_element(wide), 5.0);
  EXPECT_NEAR(moment(wide, 0.0, 1), 1.0, five_sigma(64.0 / 12.0));
}

TEST(RandomTest, IndicesAreEquallyLikely) {
  // Chi-square with n - 1 degrees of freedom; one seed in 10 000 would exceed the bound.
  for (const auto& [n, bound] : {std::pair{2, 15.14}, {3, 18.42}, {6, 25.74}, {7, 27.86}}) {
    std::vector<int> counts(static_cast<std::size_t>(n));
    Random random = stream();
    for (int draw = 0; draw < kNumDraws; ++draw) {
      const int index = random.index(n);
      ASSERT_TRUE(index >= 0 && index < n) << index;
      ++counts[static_cast<std::size_t>(index)];
    }
    const double expected = static_cast<double>(kNumDraws) / n;
    double chi_square = 0.0;
    for (const int count : counts) {
      chi_square += (count - expected) * (count - expected) / expected;
    }
    EXPECT_LT(chi_square, bound) << n;
  }
}

TEST(RandomTest, NormalNumbersHaveTheMomentsOfTheNormalDistribution) {
  const std::vector<double> values = draws([](Random& random) { return random.normal(); });
  EXPECT_TRUE(std::ranges::all_of(values, [](double x) { return std::isfinite(x); }));
  EXPECT_NEAR(moment(values, 0.0, 1), 0.0, five_sigma(1.0));
  EXPECT_NEAR(moment(values, 0.0, 2), 1.0, five_sigma(2.0));
  EXPECT_NEAR(moment(values, 0.0, 3), 0.0, five_sigma(15.0));
  EXPECT_NEAR(moment(values, 0.0, 4), 3.0, five_sigma(96.0));
}

}  // namespace
}  // namespace fleet
