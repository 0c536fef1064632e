#include "agents/ppo/ppo.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "cuda/require.h"

namespace fleet::agents {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point first, Clock::time_point second) {
  return std::chrono::duration<double>(second - first).count();
}

const PpoConfig& checked(const PpoConfig& config, const envs::EnvSpec& spec) {
  const std::string problem = config.validate();
  require(problem.empty(), "ppo: " + problem);
  require(spec.num_envs > 0 && spec.num_players > 0 && spec.action_dim > 0, "the env is empty");
  require(static_cast<int>(spec.action_bound.size()) == spec.action_dim,
          "action_bound has another size than the action");
  const std::int64_t num_samples = std::int64_t{config.num_steps} * spec.num_rows();
  if (num_samples > std::numeric_limits<int>::max()) {
    throw std::runtime_error("ppo.num_steps: expected fewer; " + std::to_string(num_samples) +
                             " samples of an iteration are more than can be counted");
  }
  if (config.num_minibatches > num_samples) {
    throw std::runtime_error("ppo.num_minibatches: expected at most " +
                             std::to_string(num_samples) + ", the samples of an iteration");
  }
  return config;
}

void append(Fields& fields, Fields more, const std::string& prefix) {
  for (Field& field : more) {
    field.name = prefix + field.name;
    fields.push_back(std::move(field));
  }
}

double mean_std(std::span<const float> log_std) {
  double sum = 0.0;
  for (const float x : log_std) {
    sum += std::exp(double{x});
  }
  return sum / static_cast<double>(log_std.size());
}

}  // namespace

Ppo::Ppo(const PpoConfig& config, const envs::EnvSpec& spec)
    : config_(checked(config, spec)),
      action_bound_(spec.action_bound),
      pool_(config.num_threads),
      model_(config, spec),
      workspaces_(static_cast<std::size_t>(pool_.num_threads()), Workspace(model_)),
      rollout_(spec, config.num_steps, model_.critic_group + 1),
      collector_(config, model_, rollout_, workspaces_, pool_),
      learner_(config, spec, model_, rollout_, workspaces_, pool_) {}

void Ppo::start(envs::BatchEnv& env) {
  require(env.spec().num_rows() == rollout_.num_rows, "the env has another number of rows");
  collector_.start(env);
}

IterationReport Ppo::iterate(envs::BatchEnv& env) {
  require(env.spec().num_rows() == rollout_.num_rows, "the env has another number of rows");
  const auto begin = Clock::now();
  if (!collector_.collect(env, stop())) {
    return {.is_complete = false, .scalars = {}};
  }
  const auto collected = Clock::now();
  const LearningReport learning = learner_.learn(stop());
  if (!learning.is_complete) {
    return {.is_complete = false, .scalars = {}};
  }
  collector_.finish_iteration();
  rollout_.carry_over();
  return {.env_steps = std::int64_t{rollout_.num_steps} * rollout_.num_envs,
          .collection_time = seconds_between(begin, collected),
          .learning_time = seconds_between(collected, Clock::now()),
          .scalars = {
              {"Loss/value", learning.value_loss},
              {"Loss/surrogate", learning.surrogate},
              {"Loss/entropy", learning.entropy},
              {"Policy/kl", learning.kl},
              {"Loss/learning_rate", learner_.learning_rate()},
              {"Policy/ratio_clip_fraction", learning.clip_fraction},
              {"Policy/skipped_updates", static_cast<double>(learning.num_skipped)},
              {"Policy/actor_grad_norm", learning.actor_grad_norm},
              {"Policy/critic_grad_norm", learning.critic_grad_norm},
              {"Policy/mean_std", mean_std(model_.log_std())},
              {"Policy/explained_variance", learning.explained_variance},
              {"Policy/bad_observations",
               static_cast<double>(model_.actor_normaliser.statistics().num_skipped())},
              {"Policy/bad_rewards", static_cast<double>(collector_.num_bad_rewards())},
          }};
}

template <typename Finish>
void Ppo::evaluate(const Network& network, const kernels::ObservationNormaliser& normaliser,
                   kernels::MlpWorkspace Workspace::* work, BatchView<const float> observation,
                   const Finish& finish) const {
  constexpr int kRows = kernels::kChunkRows;
  const int total = observation.num_rows();
  pool_.parallel_for((total + kRows - 1) / kRows, [&](int chunk, int thread) {
    kernels::MlpWorkspace& own = workspaces_[static_cast<std::size_t>(thread)].*work;
    const int first = chunk * kRows;
    const int num_rows = std::min(kRows, total - first);
    for (int i = 0; i < num_rows; ++i) {
      normaliser.apply(observation.row(first + i), own.input(i));
    }
    network.mlp().forward(num_rows, own);
    for (int i = 0; i < num_rows; ++i) {
      finish(first + i, own.output(i));
    }
  });
}

void Ppo::act(BatchView<const float> observation, BatchView<float> action) const {
  const kernels::MlpShape& shape = model_.actor.mlp().shape();
  require_shape("observation", observation, action.num_rows(), shape.input_dim());
  require_shape("action", action, observation.num_rows(), shape.output_dim());
  const auto finish = [&](int i, const float* mean) {
    const std::span<float> row = action.row(i);
    for (std::size_t j = 0; j < row.size(); ++j) {
      row[j] = std::isfinite(mean[j]) ? mean[j] : 0.0F;
    }
  };
  evaluate(model_.actor, model_.actor_normaliser, &Workspace::actor, observation, finish);
}

void Ppo::value(const std::vector<BatchView<float>>& observation, std::span<float> value) const {
  const BatchView<float> seen = observation.at(static_cast<std::size_t>(model_.critic_group));
  require_shape("observation", seen, static_cast<int>(value.size()),
                model_.critic.mlp().shape().input_dim());
  const auto finish = [&](int i, const float* output) {
    value[static_cast<std::size_t>(i)] = std::isfinite(*output) ? *output : 0.0F;
  };
  evaluate(model_.critic, model_.critic_normaliser, &Workspace::critic, seen, finish);
}

Fields Ppo::policy() {
  Fields fields = model_.actor.parameter_fields("actor/");
  fields.push_back(make_field("actor/log_std", {model_.action_dim()}, model_.log_std().data()));
  if (config_.normalise_observations) {
    append(fields, model_.actor_normaliser.fields("normaliser/actor/"), "");
  }
  return fields;
}

Fields Ppo::critic() {
  Fields fields = model_.critic.parameter_fields("critic/");
  if (config_.normalise_observations) {
    append(fields, model_.critic_normaliser.fields("normaliser/critic/"), "");
  }
  return fields;
}

Fields Ppo::state() {
  Fields fields = policy();
  append(fields, critic(), "");
  append(fields, learner_.fields(), "learner/");
  append(fields, collector_.fields(), "collector/");
  append(fields, rollout_.fields(), "rollout/");
  return fields;
}

std::unique_ptr<Agent> make_ppo(const PpoConfig& config, const envs::EnvSpec& spec) {
  return std::make_unique<Ppo>(config, spec);
}

}  // namespace fleet::agents
