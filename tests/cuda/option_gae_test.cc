// Tests for cuda/option_gae.h.

#include "cuda/option_gae.h"

#include <cstdint>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/philox.h"

namespace fleet::kernels {
namespace {

using Flags = std::vector<std::uint8_t>;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// One row of a rollout. Values stand where the row decides; elsewhere NaN, which must not be read.
struct Row {
  std::vector<float> reward;
  std::vector<float> value;  // one more
  Flags decides;             // one more
  Flags terminated = Flags(reward.size());
  Flags truncated = Flags(reward.size());
  std::vector<float> final_value = std::vector<float>(reward.size(), kNan);
  float open_reward = 0.0F;
  float open_discount = 1.0F;

  Flags is_over = Flags(reward.size(), 9);
  std::vector<float> advantage = std::vector<float>(reward.size(), kNan);
  std::vector<float> value_target = std::vector<float>(reward.size(), kNan);

  Row& compute(GaeConfig config) {
    const int steps = static_cast<int>(reward.size());
    const auto in = [](const auto& x, int rows) { return BatchView(x.data(), rows, 1); };
    compute_option_gae(config,
                       {.reward = in(std::as_const(reward), steps),
                        .value = in(std::as_const(value), steps + 1),
                        .final_value = in(std::as_const(final_value), steps),
                        .terminated = in(std::as_const(terminated), steps),
                        .truncated = in(std::as_const(truncated), steps),
                        .decides = in(std::as_const(decides), steps + 1)},
                       {.reward = {&open_reward, 1}, .discount = {&open_discount, 1}},
                       {.is_over = {is_over.data(), steps, 1},
                        .advantage = {advantage.data(), steps, 1},
                        .value_target = {value_target.data(), steps, 1}});
    return *this;
  }
};

constexpr GaeConfig kHalves{.gamma = 0.5F, .lambda = 0.5F};

// By hand, gamma = lambda = 1/2. Decisions at steps 0, 3 and 5, then the episode terminates:
//
//   step       0    1    2    3    4    5    6
//   reward     4    2    8    6    4    1    2 (terminates)
//   value      3    .    .    8    .    4    .
//
//   option at 5: 2 steps, R = 1 + 2/2 = 2,             nothing follows: A = 2 - 4 = -2
//   option at 3: 2 steps, R = 6 + 4/2 = 8, + 4/4 = 9,  delta = 9 - 8 = 1,
//                A = 1 + (1/4)(1/2)(-2) = 0.75
//   option at 0: 3 steps, R = 4 + 2/2 + 8/4 = 7, + 8/8 = 8,  delta = 8 - 3 = 5,
//                A = 5 + (1/8)(1/2)(0.75) = 5.046875
Row by_hand() {
  return {.reward = {4, 2, 8, 6, 4, 1, 2},
          .value = {3, kNan, kNan, 8, kNan, 4, kNan, 100},
          .decides = {1, 0, 0, 1, 0, 1, 0, 1},
          .terminated = {0, 0, 0, 0, 0, 0, 1}};
}

TEST(OptionGaeTest, AgreesWithSumsByHand) {
  const Row row = by_hand().compute(kHalves);
  EXPECT_THAT(row.is_over, ElementsAre(1, 0, 0, 1, 0, 1, 0));
  EXPECT_EQ(row.advantage[5], -2.0F);
  EXPECT_EQ(row.advantage[3], 0.75F);
  EXPECT_EQ(row.advantage[0], 5.046875F);
  EXPECT_EQ(row.value_target[0], 8.046875F);
  EXPECT_TRUE(row.advantage[1] !=
              row.advantage[1]);  // where nothing was decided, nothing is written
  EXPECT_EQ(row.open_reward, 0.0F);
  EXPECT_EQ(row.open_discount, 1.0F);
}

TEST(OptionGaeTest, ARolloutCutAnywhereGivesTheSameOptions) {
  // Where the second part begins, the first has only the critic of a decision to go by: options
  // that reach over the cut are learnt from the second part, and only those before it lose what
  // follows.
  for (int cut = 1; cut < 7; ++cut) {
    const Row whole = by_hand();
    Row first{.reward = {whole.reward.begin(), whole.reward.begin() + cut},
              .value = {whole.value.begin(), whole.value.begin() + cut + 1},
              .decides = {whole.decides.begin(), whole.decides.begin() + cut + 1}};
    first.compute({.gamma = 0.5F, .lambda = 0.0F});
    Row second{.reward = {whole.reward.begin() + cut, whole.reward.end()},
               .value = {whole.value.begin() + cut, whole.value.end()},
               .decides = {whole.decides.begin() + cut, whole.decides.end()},
               .terminated = {whole.terminated.begin() + cut, whole.terminated.end()}};
    const bool goes_on = second.decides[0] == 0;
    std::vector<float> learnt;
    for (std::size_t t = 0; t < first.reward.size(); ++t) {
      if (first.is_over[t] != 0) {
        learnt.push_back(first.advantage[t]);
      } else if (first.decides[t] != 0) {
        ASSERT_TRUE(goes_on);
        second.decides[0] = 1;
        second.value[0] = first.value[t];
      }
    }
    second.open_reward = first.open_reward;
    second.open_discount = first.open_discount;
    second.compute({.gamma = 0.5F, .lambda = 0.0F});
    for (std::size_t t = 0; t < second.reward.size(); ++t) {
      if (second.is_over[t] != 0) {
        learnt.push_back(second.advantage[t]);
      }
    }
    EXPECT_THAT(learnt, ElementsAre(5.0F, 1.0F, -2.0F)) << "cut at " << cut;
  }
}

TEST(OptionGaeTest, AnOptionMayOutlastSeveralRollouts) {
  Row row{.reward = {4}, .value = {3, kNan}, .decides = {1, 0}};
  row.compute(kHalves);
  EXPECT_EQ(row.is_over[0], 0);
  for (const float reward : {2.0F, 8.0F}) {
    row.reward[0] = reward;
    row.decides[1] = reward == 8.0F ? 1 : 0;
    row.value[1] = row.decides[1] != 0 ? 8.0F : kNan;
    row.compute(kHalves);
  }
  EXPECT_EQ(row.is_over[0], 1);
  EXPECT_EQ(row.advantage[0], 5.0F);  // 4 + 2/2 + 8/4 + 8/8 - 3
  EXPECT_EQ(row.open_reward, 0.0F);
  EXPECT_EQ(row.open_discount, 1.0F);
}

TEST(OptionGaeTest, TruncationIsWorthTheFinalValue) {
  Row row{.reward = {1, 1},
          .value = {0, kNan, 100},
          .decides = {1, 0, 1},
          .truncated = {0, 1},
          .final_value = {kNan, 8}};
  row.compute(kHalves);
  EXPECT_EQ(row.advantage[0], 1.0F + 0.5F + 2.0F);
}

TEST(OptionGaeTest, WithADecisionAtEveryStepItIsOrdinaryGae) {
  constexpr int kSteps = 40;
  constexpr int kRows = 6;
  constexpr int kEnvs = 3;
  Random random(1, 2, 3, 4, 5);
  const auto numbers = [&](int rows) {
    std::vector<float> x(static_cast<std::size_t>(rows * kRows));
    for (float& v : x) {
      v = static_cast<float>(random.normal());
    }
    return x;
  };
  const std::vector<float> reward = numbers(kSteps);
  const std::vector<float> value = numbers(kSteps + 1);
  const std::vector<float> final_value = numbers(kSteps);
  Flags terminated(kSteps * kRows);
  Flags truncated(kSteps * kEnvs);
  for (auto& flag : terminated) {
    flag = random.bernoulli(0.1) ? 1 : 0;
  }
  for (auto& flag : truncated) {
    flag = random.bernoulli(0.1) ? 1 : 0;
  }
  std::vector<float> next_value(value.begin() + kRows, value.end());
  for (int step = 0; step < kSteps; ++step) {
    for (int row = 0; row < kRows; ++row) {
      if (truncated[static_cast<std::size_t>(step * kEnvs + row / 2)] != 0) {
        const auto at = static_cast<std::size_t>(step * kRows + row);
        next_value[at] = final_value[at];
      }
    }
  }
  const GaeConfig config{.gamma = 0.95F, .lambda = 0.9F};
  const auto view = [](auto& x, int columns) {
    return BatchView(x.data(), static_cast<int>(x.size()) / columns, columns);
  };
  std::vector<float> expected(reward.size());
  std::vector<float> found(reward.size(), kNan);
  std::vector<float> target(reward.size());
  compute_gae(config,
              {.reward = view(reward, kRows),
               .value = BatchView(value.data(), kSteps, kRows),
               .next_value = view(std::as_const(next_value), kRows),
               .terminated = view(std::as_const(terminated), kRows),
               .truncated = view(std::as_const(truncated), kEnvs)},
              {.advantage = view(expected, kRows), .value_target = view(target, kRows)});
  const Flags always((kSteps + 1) * kRows, 1);
  Flags is_over(reward.size());
  std::vector<float> open_reward(kRows);
  std::vector<float> open_discount(kRows, 1.0F);
  compute_option_gae(config,
                     {.reward = view(reward, kRows),
                      .value = view(value, kRows),
                      .final_value = view(final_value, kRows),
                      .terminated = view(std::as_const(terminated), kRows),
                      .truncated = view(std::as_const(truncated), kEnvs),
                      .decides = view(always, kRows)},
                     {.reward = open_reward, .discount = open_discount},
                     {.is_over = view(is_over, kRows),
                      .advantage = view(found, kRows),
                      .value_target = view(target, kRows)});
  EXPECT_THAT(is_over, Each(1));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_THAT(found[i], FloatNear(expected[i], 2e-6F)) << i;  // sums in another order
  }
}

}  // namespace
}  // namespace fleet::kernels
