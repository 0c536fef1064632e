// Tests for the small parts of agents/ppo/: configuration, formulas, initial weights.

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/initialise.h"
#include "agents/ppo/gaussian.h"
#include "agents/ppo/learning_rate.h"
#include "agents/mirror.h"
#include "agents/ppo/ppo_config.h"
#include "cuda/philox.h"
#include "cuda/reduce.h"

namespace fleet::agents {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(PpoConfigTest, DefaultsAreValid) { EXPECT_EQ(PpoConfig{}.validate(), ""); }

TEST(PpoConfigTest, NamesTheFieldThatIsWrong) {
  PpoConfig config;
  config.schedule = "cosine";
  EXPECT_THAT(config.validate(), HasSubstr("schedule"));
  config = {};
  config.gamma = std::nan("");
  EXPECT_THAT(config.validate(), HasSubstr("gamma"));
  config = {};
  config.critic_hidden_dims = {64, 0};
  EXPECT_THAT(config.validate(), HasSubstr("critic_hidden_dims"));
}

TEST(GaussianTest, LogProbAndEntropyByHand) {
  const std::vector<float> log_std{0.0F, std::log(2.0F)};
  const std::vector<float> noise{1.0F, -2.0F};
  EXPECT_NEAR(gaussian_log_prob(noise, log_std), -2.5 - std::log(2.0) - kLogTwoPi, 1e-6);
  EXPECT_NEAR(gaussian_entropy(log_std), 1.0 + kLogTwoPi + std::log(2.0), 1e-6);
}

TEST(LearningRateTest, AdaptsWithinItsBounds) {
  const auto adapt = [](double rate, double kl) {
    return adapt_learning_rate(rate, kl, 0.01, 1e-5, 1e-2);
  };
  EXPECT_DOUBLE_EQ(adapt(1e-3, 0.021), 1e-3 / 1.5);
  EXPECT_DOUBLE_EQ(adapt(1e-3, 0.004), 1e-3 * 1.5);
  EXPECT_DOUBLE_EQ(adapt(1e-3, 0.01), 1e-3);
  EXPECT_DOUBLE_EQ(adapt(1e-3, 0.0), 1e-3);
  EXPECT_DOUBLE_EQ(adapt(1.2e-5, 1.0), 1e-5);
  EXPECT_DOUBLE_EQ(adapt(9e-3, 0.001), 1e-2);
  EXPECT_DOUBLE_EQ(adapt(1e-3, std::nan("")), 1e-3);
}

TEST(LearningRateTest, LinearScheduleEndsWithTheConfiguredRun) {
  EXPECT_DOUBLE_EQ(linear_learning_rate(2.0, 0, 10), 2.0);
  EXPECT_DOUBLE_EQ(linear_learning_rate(2.0, 5, 10), 1.0);
  EXPECT_DOUBLE_EQ(linear_learning_rate(2.0, 12, 10), 0.0);
}

TEST(MirrorTest, PermutesAndTurnsSigns) {
  const std::vector<float> in{1.0F, 2.0F, 3.0F};
  std::vector<float> out(3);
  mirror_row({.source = {1, 0, 2}, .sign = {1.0F, -1.0F, 1.0F}}, in, out);
  EXPECT_THAT(out, ElementsAre(2.0F, -1.0F, 3.0F));
}

TEST(InitialiseTest, UniformIsThatOfTorchLinear) {
  const kernels::MlpShape shape{.widths = {100, 64, 3}};
  std::vector<float> parameters(shape.num_parameters());
  initialise_uniform(shape, 1, 0, parameters);
  const auto first = kernels::moments(std::span<const float>(parameters).first(6400));
  EXPECT_NEAR(first.mean, 0.0, 0.003);
  EXPECT_NEAR(first.variance, 0.01 / 3.0, 2e-4);  // of a uniform number in +-0.1
  for (std::size_t i = 0; i < shape.weight_offset(1); ++i) {
    EXPECT_LE(std::abs(parameters[i]), 0.1F);
  }
}

TEST(InitialiseTest, OrthogonalWeightsAreOrthogonal) {
  const kernels::MlpShape shape{.widths = {5, 8, 3}};
  std::vector<float> parameters(shape.num_parameters());
  initialise_orthogonal(shape, 1, 0, 0.01, parameters);
  const auto weight = [&](int row, int column) {  // of the first layer: (8, 5)
    return double{parameters[static_cast<std::size_t>(row * 5 + column)]};
  };
  for (int a = 0; a < 5; ++a) {
    for (int b = 0; b < 5; ++b) {
      double dot = 0.0;
      for (int row = 0; row < 8; ++row) {
        dot += weight(row, a) * weight(row, b);
      }
      EXPECT_NEAR(dot, a == b ? 2.0 : 0.0, 1e-6);
    }
  }
  double norm = 0.0;
  for (std::size_t i = 0; i < 8; ++i) {
    norm += std::pow(parameters[shape.weight_offset(1) + i], 2);
  }
  EXPECT_NEAR(norm, 1e-4, 1e-9);
  EXPECT_EQ(parameters[shape.bias_offset(0)], 0.0F);
}

}  // namespace
}  // namespace fleet::agents
