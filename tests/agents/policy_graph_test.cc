// Each agent's graph() computes what act() does, followed by the clip to the bound.

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "agents/make_agent.h"
#include "cuda/graph_evaluator.h"
#include "cuda/philox.h"
#include "tests/support/point_mass_env.h"

namespace fleet::agents {
namespace {

constexpr int kEnvs = 8;
constexpr int kRows = 256;

AgentConfig ppo_config(const std::string& activation) {
  AgentConfig config;
  config.ppo.num_steps = 8;
  config.ppo.num_minibatches = 1;
  config.ppo.actor_hidden_dims = {20, 33};
  config.ppo.critic_hidden_dims = {8};
  config.ppo.activation = activation;
  config.set_run(3, 1, 1000, kEnvs);
  return config;
}

AgentConfig flashsac_config(const std::string& network) {
  AgentConfig config;
  config.name = "flashsac";
  FlashSacConfig& f = config.flashsac;
  f.num_steps = 20;
  f.min_buffer = 32;
  f.buffer_size = 1000;
  f.batch_size = 16;
  f.transitions_per_update = 8;
  f.network = network;
  f.actor_width = 24;
  f.critic_width = 16;
  f.hidden_dims = {20, 12};
  if (network == "mlp") {
    f.critic = "mse";
    f.projection = false;
  }
  config.set_run(3, 1, 1000, kEnvs);
  return config;
}

/// Rows of many sizes; the last ones have components that are not finite.
std::vector<float> observations(int dim) {
  std::vector<float> rows;
  for (int row = 0; row < kRows; ++row) {
    Random random(1, static_cast<std::uint32_t>(row), 0, 0, 0);
    const double size = std::pow(10.0, row % 3);
    for (int j = 0; j < dim; ++j) {
      rows.push_back(static_cast<float>(random.uniform(-size, size)));
    }
  }
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  rows[rows.size() - 1] = std::numeric_limits<float>::quiet_NaN();
  rows[rows.size() - static_cast<std::size_t>(dim) - 1] = kInfinity;
  rows[rows.size() - 2 * static_cast<std::size_t>(dim) - 1] = -kInfinity;
  return rows;
}

/// After some learning, so that statistics and weights are not those of the start.
void expect_graph_equals_act(const AgentConfig& config) {
  test::PointMassEnv env(kEnvs);
  const std::unique_ptr<Agent> agent = make_agent(config, env.spec());
  agent->start(env);
  for (int iteration = 0; iteration < 3; ++iteration) {
    agent->iterate(env);
  }
  const PolicyGraph graph = agent->graph();
  kernels::GraphEvaluator evaluator(graph);
  ASSERT_EQ(evaluator.input_dim(), 2);
  ASSERT_EQ(evaluator.output_dim(), 1);
  const std::vector<float> rows = observations(2);
  std::vector<float> expected(kRows, NAN);
  std::vector<float> found(kRows, NAN);
  const BatchView<const float> observation(rows.data(), kRows, 2);
  agent->act(observation, {expected.data(), kRows, 1});
  evaluator.evaluate(observation, BatchView<float>(found.data(), kRows, 1));
  const float bound = env.spec().action_bound[0];
  float largest = 0.0F;
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], std::clamp(expected[i], -bound, bound), 1e-6F) << "row " << i;
    largest = std::max(largest, std::abs(found[i]));
  }
  EXPECT_GT(largest, 0.01F) << "the policy does nothing";
}

TEST(PolicyGraphTest, PpoOfEachActivation) {
  for (const char* activation : {"elu", "tanh", "relu"}) {
    SCOPED_TRACE(activation);
    expect_graph_equals_act(ppo_config(activation));
  }
}

TEST(PolicyGraphTest, PpoWithClippedAndWithoutNormalisedObservations) {
  AgentConfig config = ppo_config("tanh");
  config.ppo.observation_clip = 1.5;
  expect_graph_equals_act(config);
  config.ppo.normalise_observations = false;
  config.ppo.observation_clip = 0.0;
  expect_graph_equals_act(config);
}

TEST(PolicyGraphTest, FlashSacAndSac) {
  expect_graph_equals_act(flashsac_config("residual"));
  expect_graph_equals_act(flashsac_config("mlp"));
}

}  // namespace
}  // namespace fleet::agents
