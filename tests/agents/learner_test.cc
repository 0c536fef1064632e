// Tests for agents/ppo/learner.h: one update against LibTorch's autograd in double.

#include "agents/ppo/learner.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "agents/ppo/gaussian.h"
#include "cuda/philox.h"

namespace fleet::agents {
namespace {

constexpr int kActorDim = 6;
constexpr int kCriticDim = 9;
constexpr int kActionDim = 3;

ObservationGroup group_of(const char* name, int dim) {
  return {.name = name, .terms = {{.name = "x", .dim = dim, .unit = "1", .frame = "none"}}};
}

/// Swaps neighbours and turns every third sign.
Mirror mirror_of(int dim) {
  Mirror mirror;
  for (int i = 0; i < dim; ++i) {
    mirror.source.push_back(i == dim - 1 && i % 2 == 0 ? i : i ^ 1);
    mirror.sign.push_back(i / 2 % 3 == 0 ? -1.0F : 1.0F);
  }
  return mirror;
}

envs::EnvSpec spec_of() {
  envs::EnvSpec spec;
  spec.num_envs = 50;
  spec.action_dim = kActionDim;
  spec.observations = {group_of("actor", kActorDim), group_of("critic", kCriticDim)};
  spec.action_bound.assign(kActionDim, 1.0F);
  spec.observation_mirror = {mirror_of(kActorDim), mirror_of(kCriticDim)};
  spec.action_mirror = mirror_of(kActionDim);
  return spec;
}

PpoConfig config_of(const std::string& activation, const std::string& symmetry) {
  PpoConfig config;
  config.num_steps = 8;
  config.num_epochs = 1;
  config.num_minibatches = 1;
  config.num_shards = 3;
  config.schedule = "constant";
  config.clip = 0.1;
  config.value_coef = 0.7;
  config.actor_hidden_dims = {20, 17};
  config.critic_hidden_dims = {33};
  config.activation = activation;
  config.symmetry = symmetry;
  config.max_grad_norm = 0.01;
  return config;
}

/// Everything that one update needs, filled with noise.
struct Case {
  PpoConfig config;
  envs::EnvSpec spec = spec_of();
  ThreadPool pool{2};
  ActorCritic model{config, spec};
  std::vector<Workspace> workspaces{2, Workspace(model)};
  Rollout rollout{spec, config.num_steps, 2};
  Learner learner{config, spec, model, rollout, workspaces, pool};
  AlignedVector<float> actor_before, critic_before;
  Random random{5, 0, 0, 0, 0};

  explicit Case(const PpoConfig& config_in) : config(config_in) {
    for (int step = 0; step <= rollout.num_steps; ++step) {
      for (const int group : {0, 1}) {
        const BatchView<float> view = rollout.observation(group, step);
        fill({view.data(), view.size()}, 2.0);
      }
    }
    model.actor_normaliser.update(rollout.observation(0, 0), pool);
    model.critic_normaliser.update(rollout.observation(1, 0), pool);
    fill(model.log_std(), 0.2);
    fill(rollout.log_std, 0.2);
    fill(rollout.mean, 0.3);
    fill(rollout.action, 0.7);
    fill(rollout.value, 0.3);
    fill(rollout.value_target, 0.3);
    fill(rollout.advantage, 1.0);
    model.restore();
    actor_before = model.actor.parameters;
    critic_before = model.critic.parameters;
    set_log_prob();
  }

  void fill(std::span<float> x, double scale) {
    std::ranges::generate(x, [&] { return static_cast<float>(scale * random.normal()); });
  }

  /// Near what the policy says now, so that ratios lie on both sides of the clip.
  void set_log_prob() {
    for (int sample = 0; sample < rollout.num_samples(); ++sample) {
      model.actor_normaliser.apply(rollout.sample_observation(0, sample),
                                   workspaces[0].actor.input(0));
      model.actor.mlp().forward(1, workspaces[0].actor);
      for (std::size_t j = 0; j < kActionDim; ++j) {
        workspaces[0].noise[j] =
            (rollout.row(rollout.action, 0, sample)[j] - workspaces[0].actor.output(0)[j]) /
            std::exp(model.log_std()[j]);
      }
      rollout.log_prob[static_cast<std::size_t>(sample)] = static_cast<float>(
          gaussian_log_prob(workspaces[0].noise, model.log_std()) + 0.1 * random.normal());
    }
  }
};

at::Tensor tensor_of(std::span<const float> x, std::vector<std::int64_t> shape) {
  const auto size = static_cast<std::int64_t>(x.size());
  return at::from_blob(const_cast<float*>(x.data()), {size}, at::kFloat)
      .to(at::kDouble)
      .view(shape);
}

at::Tensor input_of(Case& c, int group, bool mirror) {
  const auto dim = static_cast<std::int64_t>(group == 0 ? kActorDim : kCriticDim);
  const auto& normaliser = group == 0 ? c.model.actor_normaliser : c.model.critic_normaliser;
  const auto count = static_cast<std::size_t>(c.rollout.num_samples() * dim);
  at::Tensor x = tensor_of({c.rollout.observation(group, 0).data(), count}, {-1, dim});
  if (mirror) {
    const Mirror& m = c.spec.observation_mirror[static_cast<std::size_t>(group)];
    x = x.index_select(1, at::tensor(at::ArrayRef<int>(m.source)).to(at::kLong)) *
        tensor_of(m.sign, {1, dim});
  }
  return (x - tensor_of(normaliser.mean(), {1, dim})) * tensor_of(normaliser.scale(), {1, dim});
}

at::Tensor forward(const kernels::MlpShape& shape, const at::Tensor& parameters, at::Tensor x) {
  for (int layer = 0; layer < shape.num_layers(); ++layer) {
    const auto weight_at = static_cast<std::int64_t>(shape.weight_offset(layer));
    const auto bias_at = static_cast<std::int64_t>(shape.bias_offset(layer));
    const at::Tensor weight =
        parameters.slice(0, weight_at, bias_at).view({shape.out(layer), shape.in(layer)});
    const at::Tensor bias = parameters.slice(0, bias_at, bias_at + shape.out(layer));
    x = at::linear(x, weight, bias);
    if (layer + 1 < shape.num_layers()) {
      x = shape.activation == kernels::Activation::kElu    ? at::elu(x)
          : shape.activation == kernels::Activation::kTanh ? at::tanh(x)
                                                           : at::relu(x);
    }
  }
  return x;
}

/// Runs the body for the samples, and again for their mirror images if they are asked for.
template <typename Body>
at::Tensor over_images(const Case& c, const Body& body) {
  std::vector<at::Tensor> rows{body(false)};
  if (c.config.symmetry == "augment") {
    rows.push_back(body(true));
  }
  return at::cat(rows).mean();
}

struct ActorLoss {
  at::Tensor surrogate, entropy;
};

ActorLoss actor_loss(Case& c, const at::Tensor& parameters) {
  const kernels::MlpShape& shape = c.model.actor.mlp().shape();
  const at::Tensor log_std = parameters.slice(0, static_cast<std::int64_t>(shape.num_parameters()));
  at::Tensor advantage = tensor_of(c.rollout.advantage, {-1});
  advantage = (advantage - advantage.mean()) / (advantage.std(true) + 1e-8);
  const at::Tensor old = tensor_of(c.rollout.log_prob, {-1});
  const at::Tensor surrogate = over_images(c, [&](bool mirror) {
    at::Tensor action = tensor_of(c.rollout.action, {-1, kActionDim});
    if (mirror) {
      const Mirror& m = c.spec.action_mirror;
      action = action.index_select(1, at::tensor(at::ArrayRef<int>(m.source)).to(at::kLong)) *
               tensor_of(m.sign, {1, kActionDim});
    }
    const at::Tensor noise =
        (action - forward(shape, parameters, input_of(c, 0, mirror))) / log_std.exp();
    const at::Tensor log_prob = (-0.5 * noise * noise - log_std - 0.5 * kLogTwoPi).sum(1);
    const at::Tensor ratio = (log_prob - old).exp();
    return at::maximum(-advantage * ratio,
                       -advantage * ratio.clamp(1.0 - c.config.clip, 1.0 + c.config.clip));
  });
  return {.surrogate = surrogate, .entropy = (log_std + 0.5 * (1.0 + kLogTwoPi)).sum()};
}

at::Tensor value_loss(Case& c, const at::Tensor& parameters) {
  const at::Tensor target = tensor_of(c.rollout.value_target, {-1});
  const at::Tensor old = tensor_of(std::span<const float>(c.rollout.value)
                                       .first(static_cast<std::size_t>(c.rollout.num_samples())),
                                   {-1});
  return over_images(c, [&](bool mirror) {
    const at::Tensor value =
        forward(c.model.critic.mlp().shape(), parameters, input_of(c, 1, mirror)).squeeze(1);
    const at::Tensor near = old + (value - old).clamp(-c.config.clip, c.config.clip);
    const at::Tensor plain = (value - target).square();
    return c.config.clip_value_loss ? at::maximum(plain, (near - target).square()) : plain;
  });
}

void expect_gradient(std::span<const float> actual, const at::Tensor& loss,
                     const at::Tensor& parameters) {
  const at::Tensor expected = torch::autograd::grad({loss}, {parameters})[0].contiguous();
  const double scale = expected.norm().item<double>();
  for (std::size_t i = 0; i < actual.size(); ++i) {
    // Single precision against double, relative to the whole gradient.
    ASSERT_NEAR(actual[i], expected.const_data_ptr<double>()[i], 2e-6 * scale) << i;
  }
}

struct Variant {
  const char* activation;
  const char* symmetry;
  bool clip_value_loss;
};

class LearnerTest : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Variants, LearnerTest,
                         testing::Values(Variant{"elu", "none", true},
                                         Variant{"tanh", "augment", true},
                                         Variant{"relu", "augment", false}));

TEST_P(LearnerTest, LossesAndGradientsAreThoseOfAutograd) {
  PpoConfig config = config_of(GetParam().activation, GetParam().symmetry);
  config.clip_value_loss = GetParam().clip_value_loss;
  Case c(config);
  const LearningReport report = c.learner.learn([] { return false; });
  ASSERT_EQ(report.num_updates, 1);
  EXPECT_GT(report.clip_fraction, 0.05);
  EXPECT_LT(report.clip_fraction, 0.95);

  const at::Tensor actor = tensor_of(c.actor_before, {-1}).requires_grad_(true);
  const ActorLoss loss = actor_loss(c, actor);
  EXPECT_NEAR(report.surrogate, loss.surrogate.item<double>(), 1e-5);
  EXPECT_NEAR(report.entropy, loss.entropy.item<double>(), 1e-5);
  expect_gradient(c.model.actor.gradient, loss.surrogate - config.entropy_coef * loss.entropy,
                  actor);

  const at::Tensor critic = tensor_of(c.critic_before, {-1}).requires_grad_(true);
  const at::Tensor critic_loss = value_loss(c, critic);
  EXPECT_NEAR(report.value_loss, critic_loss.item<double>(), 1e-5);
  expect_gradient(c.model.critic.gradient, config.value_coef * critic_loss, critic);
}

/// Returns KL(old || new) = sum of ln(s_n / s_o) + (s_o^2 + (m_o - m_n)^2) / (2 s_n^2) - 1/2.
double gaussian_kl(std::span<const float> old_mean, std::span<const float> old_log_std,
                   std::span<const float> mean, std::span<const float> log_std) {
  double sum = 0.0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double old_std = std::exp(double{old_log_std[i]});
    const double std = std::exp(double{log_std[i]});
    const double distance = double{old_mean[i]} - double{mean[i]};
    sum += double{log_std[i]} - double{old_log_std[i]} +
           (old_std * old_std + distance * distance) / (2.0 * std * std) - 0.5;
  }
  return sum;
}

TEST(LearnerStepTest, TheKlOfTwoGaussiansByHand) {
  const std::vector<float> mean{0.0F, 1.0F};
  const std::vector<float> log_std{0.0F, std::log(2.0F)};
  EXPECT_NEAR(gaussian_kl(mean, log_std, mean, log_std), 0.0, 1e-12);
  // Means 1 apart: 1/2. Standard deviations 1 -> 2: ln 2 + 1/8 - 1/2.
  const std::vector<float> one{1.0F};
  const std::vector<float> zero{0.0F};
  const std::vector<float> log_two{std::log(2.0F)};
  EXPECT_NEAR(gaussian_kl(one, zero, zero, zero), 0.5, 1e-12);
  EXPECT_NEAR(gaussian_kl(zero, zero, zero, log_two), std::log(2.0) + 0.125 - 0.5, 1e-6);
}

TEST(LearnerStepTest, ReportsTheKlOfTheOriginalSamples) {
  Case c(config_of("elu", "augment"));
  const kernels::MlpShape shape = c.model.actor.mlp().shape();
  const at::Tensor actor = tensor_of(c.actor_before, {-1});
  const at::Tensor mean = forward(shape, actor, input_of(c, 0, false)).to(at::kFloat).contiguous();
  double kl = 0.0;
  for (int sample = 0; sample < c.rollout.num_samples(); ++sample) {
    kl += gaussian_kl(c.rollout.row(c.rollout.mean, 0, sample), c.rollout.log_std,
                      {mean.const_data_ptr<float>() + sample * kActionDim, kActionDim},
                      c.model.log_std()) /
          c.rollout.num_samples();
  }
  EXPECT_NEAR(c.learner.learn([] { return false; }).kl, kl, 1e-5 * kl);
}

TEST(LearnerStepTest, ClipsTheGradientsOfActorAndCriticSeparately) {
  Case c(config_of("elu", "none"));
  c.learner.learn([] { return false; });
  for (const Network* network : {&c.model.actor, &c.model.critic}) {
    const double norm = std::sqrt(kernels::sum_of_squares(network->gradient));
    ASSERT_GT(norm, c.config.max_grad_norm);
    for (std::size_t i = 0; i < network->gradient.size(); ++i) {  // the first moment after a step
      ASSERT_NEAR(network->mean[i],
                  0.1 * double{network->gradient[i]} * c.config.max_grad_norm / norm, 1e-7);
    }
  }
}

TEST(LearnerStepTest, LearningRateFollowsTheKl) {
  PpoConfig config = config_of("elu", "none");
  config.schedule = "adaptive";
  Case far(config);  // the noise of Case is far from the policy
  far.learner.learn([] { return false; });
  EXPECT_DOUBLE_EQ(far.learner.learning_rate(), config.learning_rate / 1.5);
  config.desired_kl = 1e6;
  Case near(config);
  near.learner.learn([] { return false; });
  EXPECT_DOUBLE_EQ(near.learner.learning_rate(), config.learning_rate * 1.5);
}

TEST(LearnerStepTest, MinibatchAdvantagesAreNormalisedOnRequest) {
  PpoConfig config = config_of("elu", "none");
  const double whole = Case(config).learner.learn([] { return false; }).surrogate;
  config.normalise_advantage_per_minibatch = true;  // one minibatch: the same samples
  EXPECT_NEAR(Case(config).learner.learn([] { return false; }).surrogate, whole, 1e-12);
  config.num_minibatches = 5;
  EXPECT_NE(Case(config).learner.learn([] { return false; }).surrogate, whole);
}

}  // namespace
}  // namespace fleet::agents
