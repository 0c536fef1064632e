// Tests for cuda/gae.h.

#include "cuda/gae.h"

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fleet::kernels {
namespace {

using Flags = std::vector<std::uint8_t>;
using ::testing::ElementsAre;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// The advantages of one env in which every step earns 1 and the critic always says 10.
///
/// With gamma = lambda = 1/2, which floats hold exactly, each step that goes on has
///   td_error = 1 + 5 - 10 = -4     and     advantage = td_error + next_advantage / 4.
std::vector<float> advantages(const Flags& terminated, const Flags& truncated, int num_players,
                              std::vector<float> next_value) {
  const int num_rows = num_players;
  const int num_steps = static_cast<int>(truncated.size());
  const std::vector<float> reward(terminated.size(), 1.0F);
  const std::vector<float> value(terminated.size(), 10.0F);
  next_value.resize(terminated.size(), 10.0F);
  std::vector<float> advantage(terminated.size(), kNan);
  std::vector<float> value_target = advantage;  // NaN: what compute_gae leaves out shows
  const auto rows = [=](auto& values) { return BatchView(values.data(), num_steps, num_rows); };
  compute_gae({.gamma = 0.5F, .lambda = 0.5F},
              {.reward = rows(reward),
               .value = rows(value),
               .next_value = rows(std::as_const(next_value)),
               .terminated = rows(terminated),
               .truncated = BatchView(truncated.data(), num_steps, 1)},
              {.advantage = rows(advantage), .value_target = rows(value_target)});
  for (std::size_t i = 0; i < advantage.size(); ++i) {
    EXPECT_EQ(value_target[i], advantage[i] + 10.0F);
  }
  return advantage;
}

std::vector<float> advantages(const Flags& terminated, const Flags& truncated) {
  return advantages(terminated, truncated, 1, {});
}

TEST(GaeTest, SumsDiscountedTdErrors) {
  EXPECT_THAT(advantages({0, 0, 0}, {0, 0, 0}), ElementsAre(-5.25F, -5.0F, -4.0F));
}

TEST(GaeTest, TerminationDropsTheFuture) {
  EXPECT_THAT(advantages({1, 0}, {0, 0}), ElementsAre(1.0F - 10.0F, -4.0F));
}

TEST(GaeTest, TruncationKeepsTheCriticButNotTheNextEpisode) {
  EXPECT_THAT(advantages({0, 0}, {1, 0}), ElementsAre(-4.0F, -4.0F));
}

TEST(GaeTest, TruncatedStepIsWorthTheValueOfItsFinalObservation) {
  EXPECT_THAT(advantages({0, 0}, {1, 0}, 1, {30.0F}), ElementsAre(1.0F + 15.0F - 10.0F, -4.0F));
}

TEST(GaeTest, TerminationWinsOverTruncation) {
  EXPECT_THAT(advantages({1, 0}, {1, 0}), ElementsAre(-9.0F, -4.0F));
}

TEST(GaeTest, NextValueOfATerminatedStepIsNotRead) {
  EXPECT_THAT(advantages({1, 0}, {0, 0}, 1, {kNan}), ElementsAre(-9.0F, -4.0F));
}

TEST(GaeTest, TruncationIsPerEnvAndTerminationPerPlayer) {
  EXPECT_THAT(advantages({1, 0, 0, 0}, {0, 0}, 2, {}), ElementsAre(-9.0F, -5.0F, -4.0F, -4.0F));
  EXPECT_THAT(advantages({0, 0, 0, 0}, {1, 0}, 2, {}), ElementsAre(-4.0F, -4.0F, -4.0F, -4.0F));
}

TEST(GaeTest, RefusesOtherShapes) {
  std::vector<float> number(6);
  Flags flag(6);
  const BatchView<float> rows(number.data(), 2, 3);
  const BatchView<const std::uint8_t> flags(flag.data(), 2, 3);
  EXPECT_THROW(compute_gae({},
                           {.reward = rows,
                            .value = rows,
                            .next_value = rows,
                            .terminated = flags,
                            .truncated = BatchView<const std::uint8_t>(flag.data(), 2, 2)},
                           {.advantage = rows, .value_target = rows}),
               std::invalid_argument);
}

}  // namespace
}  // namespace fleet::kernels
