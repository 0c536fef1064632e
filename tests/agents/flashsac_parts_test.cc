// Tests for the parts of agents/flashsac/: replay, windows, exploration, passes of other shapes
// than the recorded ones.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "agents/flashsac/exploration.h"
#include "agents/flashsac/learner.h"
#include "agents/flashsac/pass.h"
#include "agents/flashsac/replay.h"
#include "agents/flashsac/schedule.h"
#include "agents/flashsac/window.h"
#include "cuda/categorical.h"

namespace fleet::agents::flashsac {
namespace {

constexpr int kRows = 2;

/// One env step of two rows: observation = step, what follows = step + 0.5.
void take_step(Window& window, Replay& replay, int step, float reward, int terminated_row,
               int truncated_row) {
  StepRecord& s = window.next();
  std::ranges::fill(s.actor_observation, static_cast<float>(step));
  std::ranges::fill(s.critic_observation, static_cast<float>(step));
  std::ranges::fill(s.next_actor_observation, static_cast<float>(step) + 0.5F);
  std::ranges::fill(s.next_critic_observation, static_cast<float>(step) + 0.5F);
  std::ranges::fill(s.action, 0.1F * static_cast<float>(step));
  std::ranges::fill(s.reward, reward);
  for (int row = 0; row < kRows; ++row) {
    s.terminated[static_cast<std::size_t>(row)] = row == terminated_row ? 1 : 0;
    s.truncated[static_cast<std::size_t>(row)] = row == truncated_row ? 1 : 0;
  }
  window.finish_step(replay);
}

struct Seen {
  float observation, next, reward, discount;
};

Seen read(const Replay& replay, std::int64_t index) {
  const std::span<const float> row = replay.at(index);
  const TransitionShape& shape = replay.shape();
  const auto at = [&](int offset) { return row[static_cast<std::size_t>(offset)]; };
  return {at(shape.observation), at(shape.next_observation), at(shape.reward), at(shape.discount)};
}

TEST(FlashSacWindowTest, EndsWithItsEpisodeAndBootstrapsFromItsLastObservation) {
  const TransitionShape shape(1, 0, 1);
  for (const bool exact : {true, false}) {
    Replay replay(shape, 100, {});
    Window window({.n_step = 3, .gamma = 0.5, .exact_discount = exact}, shape, kRows);
    take_step(window, replay, 0, 1.0F, -1, -1);
    take_step(window, replay, 1, 2.0F, /*terminated_row=*/0, /*truncated_row=*/1);
    EXPECT_EQ(replay.size(), 0);
    take_step(window, replay, 2, 4.0F, -1, -1);
    take_step(window, replay, 3, 8.0F, -1, -1);
    take_step(window, replay, 4, 16.0F, -1, -1);
    ASSERT_EQ(replay.size(), 6);
    const float cut = exact ? 0.25F : 0.125F;
    const Seen terminated = read(replay, 0);  // rows of step 0: the episodes end at step 1
    EXPECT_EQ(terminated.next, 1.5F);
    EXPECT_EQ(terminated.reward, 2.0F);
    EXPECT_EQ(terminated.discount, 0.0F);
    const Seen truncated = read(replay, 1);
    EXPECT_EQ(truncated.next, 1.5F);
    EXPECT_EQ(truncated.reward, 2.0F);
    EXPECT_EQ(truncated.discount, cut);
    EXPECT_EQ(read(replay, 3).discount, exact ? 0.5F : 0.125F);  // step 1, cut after one step
    const Seen whole = read(replay, 4);                          // step 2
    EXPECT_EQ(whole.observation, 2.0F);
    EXPECT_EQ(whole.next, 4.5F);
    EXPECT_EQ(whole.reward, 4.0F + 4.0F + 4.0F);
    EXPECT_EQ(whole.discount, 0.125F);
  }
}

TEST(FlashSacReplayTest, KeepsTheNewest) {
  Replay replay(TransitionShape(1, 0, 1), 5, {});
  for (int i = 0; i < 12; ++i) {
    std::ranges::fill(replay.push(), static_cast<float>(i));
  }
  EXPECT_EQ(replay.size(), 5);
  EXPECT_EQ(replay.at(0)[0], 7.0F);
  EXPECT_EQ(replay.at(4)[0], 11.0F);
}

/// Frequencies of ages in 20 equal classes, oldest last.
std::array<double, 20> age_frequencies(const SamplerConfig& config) {
  constexpr int kSize = 2000;
  constexpr int kDraws = 200'000;
  Replay replay(TransitionShape(1, 0, 1), kSize, config);
  for (int i = 0; i < kSize + 300; ++i) {
    std::ranges::fill(replay.push(), static_cast<float>(i));
  }
  std::array<double, 20> share{};
  for (int i = 0; i < kDraws; ++i) {
    Random random(5, static_cast<std::uint32_t>(i), 0, 0, 0);
    const int age = kSize + 299 - static_cast<int>(replay.draw(random)[0]);
    share[static_cast<std::size_t>(age / 100)] += 1.0 / kDraws;
  }
  return share;
}

TEST(FlashSacReplayTest, DrawsUniformly) {
  for (const double share : age_frequencies({})) {
    EXPECT_NEAR(share, 0.05, 0.0025);  // five standard deviations
  }
}

TEST(FlashSacReplayTest, DrawsByAge) {
  // 4 rows a step: 500 steps are kept, the weight reaches its least after 0.9 * 400.
  const auto share = age_frequencies({.by_age = true, .horizon = 400.0, .num_rows = 4});
  std::array<double, 20> weight{};
  double total = 0.0;
  for (int age = 0; age < 2000; ++age) {
    const double w = std::max(0.1, 1.0 - (age + 0.5) / 4.0 / 400.0);
    weight[static_cast<std::size_t>(age / 100)] += w;
    total += w;
  }
  for (std::size_t i = 0; i < share.size(); ++i) {
    EXPECT_NEAR(share[i], weight[i] / total, 0.004) << i;
  }
}

TEST(FlashSacExplorationTest, NoiseIsHeldByAZetaLawInAllRowsAtOnce) {
  Exploration exploration(3, 0, 16);
  std::array<double, 17> count{};
  std::array<float, 2> noise[2], last[2] = {{}, {}};
  int held = 0;
  int num_holds = 0;
  for (int step = 0; step < 200'000; ++step) {
    exploration.advance();
    for (int row = 0; row < 2; ++row) {
      exploration.draw_normal(row, noise[row]);
    }
    EXPECT_NE(noise[0], noise[1]);
    const bool is_new = noise[0] != last[0];
    EXPECT_EQ(is_new, noise[1] != last[1]);
    if (is_new && held > 0) {
      ASSERT_LE(held, 16);
      count[static_cast<std::size_t>(held)] += 1.0;
      ++num_holds;
      held = 0;
    }
    ++held;
    std::ranges::copy(noise, last);
  }
  double chi_square = 0.0;
  double normaliser = 0.0;
  for (int n = 1; n <= 16; ++n) {
    normaliser += 1.0 / (n * n);
  }
  for (int n = 1; n <= 16; ++n) {
    const double expected = num_holds / (n * n * normaliser);
    chi_square += std::pow(count[static_cast<std::size_t>(n)] - expected, 2) / expected;
  }
  EXPECT_LT(chi_square, 37.7);  // 15 degrees of freedom, 0.1 %
}

TEST(FlashSacCategoricalTest, ProjectionKeepsTheMassAndSharesItBetweenNeighbours) {
  const kernels::Atoms<double> atoms(101, -5.0, 5.0);
  std::vector<double> probability(101), target(101);
  probability[60] = 1.0;  // z = 1
  kernels::project<double>(probability, 0.37, 0.99, -0.2, atoms, target);
  EXPECT_NEAR(target[65], 0.42, 1e-9);
  EXPECT_NEAR(target[66], 0.58, 1e-9);
  kernels::project<double>(probability, 0.37, 0.0, -0.2, atoms, target);
  EXPECT_NEAR(target[53], 0.3, 1e-9);
  EXPECT_NEAR(target[54], 0.7, 1e-9);
  EXPECT_EQ(kernels::project<double>(probability, 9.0, 0.99, 0.0, atoms, target), 1.0);
  EXPECT_EQ(target[100], 1.0);
}

TEST(FlashSacScheduleTest, FollowsTheCosineToTheRunsEnd) {
  FlashSacConfig config;
  config.num_updates = 97'658;
  EXPECT_NEAR(scheduled_learning_rate(config, 0), 3e-4, 1e-12);
  EXPECT_NEAR(scheduled_learning_rate(config, 48'829), 2.25e-4, 1e-12);
  EXPECT_NEAR(scheduled_learning_rate(config, 97'658), 1.5e-4, 1e-12);
  EXPECT_NEAR(scheduled_learning_rate(config, 1'000'000), 1.5e-4, 1e-12);
}

TEST(FlashSacScheduleTest, ActorHasTheCriticsRateUntilItIsGivenItsOwn) {
  FlashSacConfig config;
  config.num_updates = 1000;
  EXPECT_EQ(scheduled_actor_learning_rate(config, 250, 500), scheduled_learning_rate(config, 250));
  config.actor_learning_rate = 1e-5;
  config.final_actor_learning_rate = 9e-5;
  EXPECT_NEAR(scheduled_actor_learning_rate(config, 0, 0), 1e-5, 1e-15);
  EXPECT_NEAR(scheduled_actor_learning_rate(config, 250, 500), 5e-5, 1e-15);
  EXPECT_NEAR(scheduled_actor_learning_rate(config, 500, 1000), 9e-5, 1e-15);
}

TEST(FlashSacScheduleTest, NoiseSinksByTheDropAndStaysThere) {
  FlashSacConfig config;
  config.num_updates = 1000;
  config.min_log_std = -3.0;
  config.max_log_std = -1.0;
  EXPECT_EQ(scheduled_log_std_range(config, 700).low, -3.0);
  config.log_std_drop = 2.0;
  for (const auto& [update, drop] : {std::pair{0, 0.0}, {500, 1.0}, {1000, 2.0}, {5000, 2.0}}) {
    EXPECT_NEAR(scheduled_log_std_range(config, update).low, -3.0 - drop, 1e-12);
    EXPECT_NEAR(scheduled_log_std_range(config, update).high, -1.0 - drop, 1e-12);
  }
}

TEST(FlashSacEntropyTest, TargetEntropyIsThatOfTheWidth) {
  EXPECT_NEAR(6 * gaussian_entropy(0.15), -2.869089, 1e-6);
  EXPECT_NEAR(37 * gaussian_entropy(0.15), -17.692714, 1e-6);
}

/// The sum over outputs of fixed weights times them: a loss whose gradient is asked for.
double weighted_output(Pass<double>& pass, const Network<double>& network, Statistics statistics,
                       int num_rows, ThreadPool& pool) {
  pass.forward(network, statistics, {0, num_rows}, {0, num_rows}, pool);
  double sum = 0.0;
  for (int member = 0; member < network.num_members(); ++member) {
    for (int row = 0; row < num_rows; ++row) {
      for (int j = 0; j < network.shape().output_dim(); ++j) {
        sum += std::sin(1.0 + member + 3.0 * row + 7.0 * j) * pass.output(member, row)[j];
      }
    }
  }
  return sum;
}

void set_output_gradient(Pass<double>& pass, const Network<double>& network, int num_rows) {
  for (int member = 0; member < network.num_members(); ++member) {
    for (int row = 0; row < num_rows; ++row) {
      for (int j = 0; j < network.shape().output_dim(); ++j) {
        pass.output_gradient(member, row)[j] = std::sin(1.0 + member + 3.0 * row + 7.0 * j);
      }
    }
  }
}

class FlashSacPassTest : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr int kNumRows = 100;  // more than a chunk

  FlashSacPassTest()
      : network_(GetParam() == "mlp"
                     ? NetworkShape::mlp(5, {12, 18}, 3)
                     : NetworkShape::residual(5, 12, GetParam() == "deep" ? 2 : 0, 3),
                 2),
        pass_(network_.shape(), 2, kNumRows) {
    network_.initialise(4, 0);
    Random random(1, 0, 0, 0, 0);
    for (int row = 0; row < kNumRows; ++row) {
      std::generate_n(pass_.input(row), 5, [&] { return random.normal(); });
    }
    network_.pack(pool_);
  }

  double slope(double& x, Statistics statistics) {
    constexpr double kStep = 1e-6;
    const double before = x;
    double side[2];
    for (const int s : {0, 1}) {
      x = before + (s == 0 ? -kStep : kStep);
      network_.pack(pool_);
      side[s] = weighted_output(pass_, network_, statistics, kNumRows, pool_);
    }
    x = before;
    network_.pack(pool_);
    return (side[1] - side[0]) / (2.0 * kStep);
  }

  ThreadPool pool_{2};
  Network<double> network_;
  Pass<double> pass_;
};

TEST_P(FlashSacPassTest, GradientsAreThoseOfFiniteDifferences) {
  weighted_output(pass_, network_, Statistics::kBatch, kNumRows, pool_);
  set_output_gradient(pass_, network_, kNumRows);
  pass_.backward(network_, {0, kNumRows}, {0, kNumRows}, pool_);
  const AlignedVector<double> gradient = network_.gradient;
  for (const ArrayShape& array : network_.shape().arrays()) {
    for (int member = 0; member < (array.is_statistic ? 0 : 2); ++member) {
      const std::size_t at = static_cast<std::size_t>(member) * network_.shape().num_parameters +
                             array.offset + (array.shape.size() > 1 ? array.row_stride + 1 : 2);
      const double expected = slope(network_.parameters[at], Statistics::kBatch);
      EXPECT_NEAR(gradient[at], expected, 1e-6 * (1.0 + std::abs(expected))) << array.name;
    }
  }
}

TEST_P(FlashSacPassTest, InputGradientsAreThoseOfFiniteDifferences) {
  weighted_output(pass_, network_, Statistics::kRunning, kNumRows, pool_);
  set_output_gradient(pass_, network_, kNumRows);
  pass_.backward_to_input(network_, {0, kNumRows}, pool_);
  for (const int row : {0, 57, 99}) {
    double found[5] = {};
    for (int j = 0; j < 5; ++j) {
      found[j] = pass_.input_gradient(0, row)[j] + pass_.input_gradient(1, row)[j];
    }
    for (int j = 0; j < 5; ++j) {
      const double expected = slope(pass_.input(row)[j], Statistics::kRunning);
      EXPECT_NEAR(found[j], expected, 1e-6 * (1.0 + std::abs(expected)));
    }
    weighted_output(pass_, network_, Statistics::kRunning, kNumRows, pool_);
    set_output_gradient(pass_, network_, kNumRows);
    pass_.backward_to_input(network_, {0, kNumRows}, pool_);
  }
}

/// What a pass of floats finds: outputs, the gradient of the parameters, that of the input.
struct Found {
  std::vector<float> output, gradient, input_gradient;
};

Found run_pass(const NetworkShape& shape, Precision precision) {
  constexpr int kNumRows = 201;  // chunks, and one row without another
  ThreadPool pool(2);
  Network<float> network(shape, 2, precision);
  network.initialise(4, 0);
  network.pack(pool);
  Pass<float> pass(shape, 2, kNumRows, precision);
  Random random(1, 0, 0, 0, 0);
  const auto normal = [&] { return static_cast<float>(random.normal()); };
  for (int row = 0; row < kNumRows; ++row) {
    std::generate_n(pass.input(row), shape.input_dim(), normal);
  }
  const auto fill = [&] {
    Random other(2, 0, 0, 0, 0);
    for (int row = 0; row < 2 * kNumRows; ++row) {
      std::generate_n(pass.output_gradient(row % 2, row / 2), shape.output_dim(),
                      [&] { return static_cast<float>(other.normal()); });
    }
  };
  constexpr RowRange kAll{0, kNumRows};
  Found found;
  pass.forward(network, Statistics::kBatch, kAll, kAll, pool);
  for (int row = 0; row < kNumRows; ++row) {
    const float* const output = pass.output(1, row);
    found.output.insert(found.output.end(), output, output + shape.output_dim());
  }
  fill();
  pass.backward(network, kAll, kAll, pool);
  found.gradient.assign(network.gradient.begin(), network.gradient.end());
  pass.forward(network, Statistics::kRunning, kAll, kAll, pool);
  fill();
  pass.backward_to_input(network, kAll, pool);
  for (int row = 0; row < kNumRows; ++row) {
    const float* const gradient = pass.input_gradient(1, row);
    found.input_gradient.insert(found.input_gradient.end(), gradient,
                                gradient + shape.input_dim());
  }
  return found;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double products[3] = {};
  for (std::size_t i = 0; i < a.size(); ++i) {
    products[0] += double{a[i]} * double{b[i]};
    products[1] += double{a[i]} * double{a[i]};
    products[2] += double{b[i]} * double{b[i]};
  }
  return products[0] / std::sqrt(products[1] * products[2]);
}

void expect_close(const std::vector<float>& a, const std::vector<float>& b, double least) {
  EXPECT_NE(a, b);
  EXPECT_GT(cosine(a, b), least);
}

TEST(FlashSacPrecisionTest, GradientsInBfloat16PointWhereThoseOfFloatsDo) {
  const auto expect_found = [](const NetworkShape& shape, double least) {
    const Found exact = run_pass(shape, Precision::kFloat32);
    const Found rounded = run_pass(shape, Precision::kBfloat16);
    expect_close(exact.output, rounded.output, 0.9999);
    expect_close(exact.gradient, rounded.gradient, least);
    expect_close(exact.input_gradient, rounded.input_gradient, least);
  };
  expect_found(NetworkShape::residual(21, 20, 0, 7), 0.9999);  // without a ReLU
  // Some ReLUs pass in one precision alone, and rows whose gradients are noise do not outvote that.
  expect_found(NetworkShape::residual(21, 20, 2, 7), 0.99);
  expect_found(NetworkShape::mlp(5, {37, 18}, 3), 0.99);
}

/// The gradients of an update of random transitions: of the actor's and of the critics' losses.
std::array<std::vector<float>, 2> gradients_of_update(const std::string& precision) {
  FlashSacConfig config;
  config.batch_size = 201;
  config.actor_width = 20;
  config.critic_width = 40;
  config.precision = precision;
  ThreadPool pool(2);
  Learner<float> learner(config, {.actor_dim = 7, .critic_dim = 9, .action_dim = 3}, pool);
  Random random(3, 0, 0, 0, 0);
  const auto normal = [&] { return static_cast<float>(random.normal()); };
  for (int row = 0; row < config.batch_size; ++row) {
    for (const bool is_next : {false, true}) {
      std::generate_n(learner.observation(row, is_next), 9, normal);
      std::generate_n(learner.actor_observation(row, is_next), 7, normal);
    }
  }
  for (AlignedVector<float>* all : {&learner.batch.action, &learner.batch.reward,
                                    &learner.batch.actor_noise, &learner.batch.target_noise}) {
    std::ranges::generate(*all, normal);
  }
  learner.update();
  return {std::vector<float>(learner.actor.gradient.begin(), learner.actor.gradient.end()),
          std::vector<float>(learner.critic.gradient.begin(), learner.critic.gradient.end())};
}

TEST(FlashSacPrecisionTest, AnUpdateInBfloat16LearnsInTheSameDirection) {
  const auto exact = gradients_of_update("float32");
  const auto rounded = gradients_of_update("bfloat16");
  expect_close(exact[0], rounded[0], 0.99);  // through the critics, there and back
  expect_close(exact[1], rounded[1], 0.998);
}

TEST(FlashSacPrecisionTest, APassRefusesANetworkThatIsNotPackedForIt) {
  ThreadPool pool(1);
  const NetworkShape shape = NetworkShape::mlp(5, {12}, 3);
  Network<float> network(shape, 1);
  Pass<float> pass(shape, 1, 4, Precision::kBfloat16);
  EXPECT_THROW(pass.forward(network, Statistics::kRunning, {0, 4}, {0, 4}, pool),
               std::invalid_argument);
  EXPECT_THROW(Network<double>(shape, 1, Precision::kBfloat16), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Shapes, FlashSacPassTest, ::testing::Values("mlp", "deep", "flat"));

}  // namespace
}  // namespace fleet::agents::flashsac
