// Tests for cuda/running_statistics.h and cuda/normaliser.h.

#include "cuda/normaliser.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/philox.h"
#include "cuda/reduce.h"

namespace fleet::kernels {
namespace {

constexpr int kRows = 1000;  // more than one block, and no multiple of it
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> batch(std::uint32_t step) {
  Random random(1, 0, 0, step, 0);
  std::vector<float> x(static_cast<std::size_t>(kRows * 3));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto column = static_cast<double>(i % 3);
    x[i] = static_cast<float>(100.0 * column + (column + 1.0) * random.normal());
  }
  return x;
}

BatchView<const float> view(const std::vector<float>& x) {
  return {x.data(), static_cast<int>(x.size()) / 3, 3};
}

TEST(RunningStatisticsTest, EqualThoseOfAllRowsTogether) {
  ThreadPool pool(2);
  RunningStatistics statistics(3);
  std::vector<float> all;
  for (std::uint32_t step = 0; step < 5; ++step) {
    const std::vector<float> x = batch(step);
    statistics.update(view(x), pool);
    all.insert(all.end(), x.begin(), x.end());
  }
  for (std::size_t column = 0; column < 3; ++column) {
    const Moments m =
        moments(all.size() / 3, [&](std::size_t row) { return all[row * 3 + column]; });
    // The little of N(0, 1) seen at the start weighs 1e-4 / 5000.
    EXPECT_NEAR(statistics.mean()[column], m.mean, 1e-5);
    EXPECT_NEAR(statistics.variance()[column], m.variance, 2e-3);
  }
}

TEST(RunningStatisticsTest, DoNotDependOnThreads) {
  std::vector<std::vector<double>> results;
  for (const int num_threads : {1, 2, 3}) {
    ThreadPool pool(num_threads);
    RunningStatistics statistics(3);
    statistics.update(view(batch(0)), pool);
    statistics.update(view(batch(1)), pool);
    results.emplace_back(statistics.mean().begin(), statistics.mean().end());
    results.back().insert(results.back().end(), statistics.variance().begin(),
                          statistics.variance().end());
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(RunningStatisticsTest, LeaveOutRowsThatAreNotFinite) {
  ThreadPool pool(1);
  RunningStatistics sound(3);
  RunningStatistics spoilt(3);
  const std::vector<float> x = batch(0);
  std::vector<float> with_bad_rows{kNan, 1.0F, 1.0F, 1.0F, -kInfinity, 1.0F};
  with_bad_rows.insert(with_bad_rows.end(), x.begin(), x.end());
  sound.update(view(x), pool);
  spoilt.update(view(with_bad_rows), pool);
  EXPECT_EQ(spoilt.num_skipped(), 2);
  for (std::size_t column = 0; column < 3; ++column) {  // other blocks: rounding only
    EXPECT_NEAR(spoilt.mean()[column], sound.mean()[column], 1e-9);
    EXPECT_NEAR(spoilt.variance()[column], sound.variance()[column], 1e-9);
  }
}

TEST(ObservationNormaliserTest, IsTheFormulaOfRslRl) {
  ThreadPool pool(1);
  ObservationNormaliser normaliser(3, {});
  normaliser.update(view(batch(0)), pool);
  const std::vector<float> row{1.0F, 90.0F, 210.0F};
  std::vector<float> out(3);
  normaliser.apply(row, out.data());
  for (std::size_t i = 0; i < 3; ++i) {
    const double mean = normaliser.statistics().mean()[i];
    const double std = std::sqrt(normaliser.statistics().variance()[i]);
    EXPECT_NEAR(out[i], (row[i] - mean) / (std + 0.01), 1e-5);
  }
}

TEST(ObservationNormaliserTest, NothingButFiniteNumbersComesOut) {
  const ObservationNormaliser normaliser(3, {.enabled = false});
  std::vector<float> out(3);
  normaliser.apply(std::vector<float>{kNan, kInfinity, 2.5F}, out.data());
  EXPECT_THAT(out, testing::ElementsAre(0.0F, 0.0F, 2.5F));
}

TEST(ObservationNormaliserTest, Clips) {
  const ObservationNormaliser normaliser(3, {.epsilon = 1e-8, .clip = 10.0});
  std::vector<float> out(3);
  normaliser.apply(std::vector<float>{11.0F, -1e30F, 9.0F}, out.data());
  EXPECT_THAT(out, testing::ElementsAre(10.0F, -10.0F, testing::FloatNear(9.0F, 1e-5F)));
}

/// Gymnasium's NormalizeReward in its own words, for a count that starts at 1e-4.
TEST(ReturnNormaliserTest, DividesByTheSpreadOfTheDiscountedReturn) {
  ThreadPool pool(1);
  ReturnNormaliser normaliser(2, {.gamma = 0.9});
  const std::vector<std::vector<float>> rewards{{1.0F, 3.0F}, {2.0F, -1.0F}, {0.5F, 4.0F}};
  const std::vector<std::vector<std::uint8_t>> ends{{0, 0}, {1, 0}, {0, 0}};
  double running[2] = {};
  double mean = 0.0;
  double variance = 1.0;
  double count = 1e-4;
  for (std::size_t step = 0; step < rewards.size(); ++step) {
    for (std::size_t env = 0; env < 2; ++env) {
      running[env] = running[env] * 0.9 + double{rewards[step][env]};
    }
    const double batch_mean = (running[0] + running[1]) / 2.0;
    const double batch_variance =
        std::pow(running[0] - batch_mean, 2) / 2.0 + std::pow(running[1] - batch_mean, 2) / 2.0;
    const double delta = batch_mean - mean;
    const double total = count + 2.0;
    mean += delta * 2.0 / total;
    variance =
        (variance * count + batch_variance * 2.0 + delta * delta * count * 2.0 / total) / total;
    count = total;
    std::vector<float> scaled = rewards[step];
    normaliser.normalise(scaled, ends[step], pool);
    for (std::size_t env = 0; env < 2; ++env) {
      const double expected = rewards[step][env] / std::sqrt(variance + 1e-8);
      EXPECT_NEAR(scaled[env], std::clamp(expected, -10.0, 10.0), 1e-5);
      running[env] = ends[step][env] != 0 ? 0.0 : running[env];
    }
  }
}

}  // namespace
}  // namespace fleet::kernels
