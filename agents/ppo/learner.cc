#include "agents/ppo/learner.h"

#include <algorithm>
#include <cmath>

#include "agents/mirror.h"
#include "agents/ppo/gaussian.h"
#include "agents/ppo/learning_rate.h"
#include "cuda/philox.h"
#include "cuda/require.h"

namespace fleet::agents {
namespace {

constexpr int kRowsOfTask = 32;  // parameter rows whose gradients one task adds up

/// Whether a minibatch takes one thread less than about 0.1 ms.
bool is_small(const PpoConfig& config, const ActorCritic& model, const Rollout& rollout) {
  constexpr double kFewOperations = 2e7;
  const auto num_parameters =
      static_cast<double>(model.actor.parameters.size() + model.critic.parameters.size());
  const double num_samples = rollout.num_samples() / config.num_minibatches;
  return 6.0 * num_parameters * num_samples < kFewOperations;
}

}  // namespace

Learner::Learner(const PpoConfig& config, const envs::EnvSpec& spec, ActorCritic& model,
                 Rollout& rollout, std::vector<Workspace>& workspaces, ThreadPool& pool)
    : config_(config),
      augment_(config.symmetry == "augment" && !spec.observation_mirror.empty()),
      observation_mirror_(spec.observation_mirror),
      action_mirror_(spec.action_mirror),
      model_(model),
      rollout_(rollout),
      workspaces_(workspaces),
      pool_(is_small(config, model, rollout) ? serial_ : pool),
      inverse_std_(static_cast<std::size_t>(rollout.action_dim)),
      learning_rate_(config.learning_rate) {
  permutation_.reserve(rollout.samples.size());
  if (augment_) {
    require_mirrors(spec, {model.actor_group, model.critic_group});
  }
  for (int i = 0; i < config.num_shards; ++i) {
    actor_shards_.push_back({.gradient = AlignedVector<float>(model.actor.mlp().gradient_size()),
                             .log_std_gradient = std::vector<double>(inverse_std_.size())});
    critic_shards_.push_back(
        {.gradient = AlignedVector<float>(model.critic.mlp().gradient_size())});
  }
}

LearningReport Learner::learn(const Stop& stop) {
  if (config_.schedule == "linear") {
    learning_rate_ =
        linear_learning_rate(config_.learning_rate, static_cast<double>(num_iterations_),
                             static_cast<double>(config_.num_iterations));
  }
  limit_std();
  rollout_advantage_ = moments_of(rollout_.advantage);
  LearningReport report;
  // Rows that decide at times only may be fewer than minibatches.
  const auto num_minibatches = static_cast<int>(std::min<std::size_t>(
      static_cast<std::size_t>(config_.num_minibatches), rollout_.samples.size()));
  const std::size_t size =
      num_minibatches > 0 ? rollout_.samples.size() / static_cast<std::size_t>(num_minibatches) : 0;
  for (int epoch = 0; epoch < config_.num_epochs; ++epoch) {
    if (epoch == 0 || !config_.reuse_permutation) {
      shuffle(static_cast<std::uint32_t>(epoch));
    }
    for (int minibatch = 0; minibatch < num_minibatches; ++minibatch) {
      if (stop()) {
        report.is_complete = false;
        return report;
      }
      update(std::span<const int>(permutation_)
                 .subspan(static_cast<std::size_t>(minibatch) * size, size),
             report);
    }
  }
  ++num_iterations_;
  const auto num_updates = static_cast<double>(std::max<std::int64_t>(1, report.num_updates));
  for (double* mean : {&report.value_loss, &report.surrogate, &report.entropy, &report.kl,
                       &report.clip_fraction, &report.actor_grad_norm, &report.critic_grad_norm}) {
    *mean /= num_updates;
  }
  const kernels::Moments target = moments_of(rollout_.value_target);
  const kernels::Moments residual = moments_of(rollout_.advantage);  // target - value
  report.explained_variance =
      target.variance > 0.0 ? 1.0 - residual.variance / target.variance : 0.0;
  return report;
}

double Learner::progress() const {
  return static_cast<double>(num_iterations_) / static_cast<double>(config_.num_iterations);
}

double Learner::entropy_coef() const {
  return progress() < config_.entropy_end ? config_.entropy_coef : 0.0;
}

void Learner::limit_std() {
  if (config_.final_max_std > 0.0) {
    const double share = std::min(1.0, progress());
    model_.limit_std(config_.max_std + (config_.final_max_std - config_.max_std) * share);
  }
}

void Learner::shuffle(std::uint32_t epoch) {
  permutation_.assign(rollout_.samples.begin(), rollout_.samples.end());
  Random random(config_.seed, 0, epoch, static_cast<std::uint32_t>(num_iterations_),
                static_cast<std::uint32_t>(Purpose::kShuffle));
  for (int last = static_cast<int>(permutation_.size()) - 1; last > 0; --last) {
    std::swap(permutation_[static_cast<std::size_t>(last)],
              permutation_[static_cast<std::size_t>(random.index(last + 1))]);
  }
}

kernels::Moments Learner::moments_of(std::span<const float> field) const {
  const std::vector<int>& samples = rollout_.samples;
  return kernels::moments(
      samples.size(), [&](std::size_t i) { return field[static_cast<std::size_t>(samples[i])]; });
}

int Learner::num_shards(std::size_t num_samples) const {
  const auto num_chunks = static_cast<int>((num_samples + kernels::kChunkRows - 1) /
                                           static_cast<std::size_t>(kernels::kChunkRows));
  return std::clamp(num_chunks, 1, config_.num_shards);
}

void Learner::update(std::span<const int> samples, LearningReport& report) {
  const Minibatch batch = prepare(samples);
  const int shards = num_shards(samples.size());
  const std::size_t size = samples.size();
  pool_.parallel_for(2 * shards, [&](int task, int thread) {
    const auto index = static_cast<std::size_t>(task / 2);
    const std::size_t first = size * index / static_cast<std::size_t>(shards);
    const std::size_t last = size * (index + 1) / static_cast<std::size_t>(shards);
    Workspace& work = workspaces_[static_cast<std::size_t>(thread)];
    if (task % 2 == 0) {
      run_actor(batch, samples.subspan(first, last - first), actor_shards_[index], work);
    } else {
      run_critic(batch, samples.subspan(first, last - first), critic_shards_[index], work);
    }
  });
  double surrogate = 0.0;
  double value_loss = 0.0;
  double kl = 0.0;
  double num_clipped = 0.0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(shards); ++i) {
    surrogate += actor_shards_[i].loss * batch.scale;
    value_loss += critic_shards_[i].loss * batch.scale;
    kl += actor_shards_[i].kl / static_cast<double>(size);
    num_clipped += actor_shards_[i].num_clipped * batch.scale;
  }
  sum_gradients(actor_shards_, model_.actor, shards);
  sum_gradients(critic_shards_, model_.critic, shards);
  finish_log_std_gradient(shards);
  const double actor_norm = std::sqrt(kernels::sum_of_squares(model_.actor.gradient));
  const double critic_norm = std::sqrt(kernels::sum_of_squares(model_.critic.gradient));
  if (!std::isfinite(surrogate + value_loss + kl + actor_norm + critic_norm)) {
    ++report.num_skipped;
    return;
  }
  if (config_.schedule == "adaptive") {
    learning_rate_ = adapt_learning_rate(learning_rate_, kl, config_.desired_kl,
                                         config_.min_learning_rate, config_.max_learning_rate);
  }
  report.surrogate += surrogate;
  report.value_loss += value_loss;
  report.kl += kl;
  report.clip_fraction += num_clipped;
  report.entropy += gaussian_entropy(model_.log_std());
  report.actor_grad_norm += actor_norm;
  report.critic_grad_norm += critic_norm;
  ++report.num_updates;
  ++num_adam_steps_;
  const kernels::AdamStep adam({.epsilon = config_.adam_epsilon}, learning_rate_, num_adam_steps_);
  step(model_.actor, actor_norm, adam);
  step(model_.critic, critic_norm, adam);
  model_.clamp_log_std();
  model_.actor.load();
  model_.critic.load();
}

Learner::Minibatch Learner::prepare(std::span<const int> samples) {
  Minibatch batch{.samples = samples,
                  .scale = 1.0 / static_cast<double>(samples.size() * (augment_ ? 2 : 1))};
  const kernels::Moments advantage =
      config_.normalise_advantage_per_minibatch
          ? kernels::moments(samples.size(),
                             [&](std::size_t i) {
                               return rollout_.advantage[static_cast<std::size_t>(samples[i])];
                             })
          : rollout_advantage_;
  batch.advantage_mean = advantage.mean;
  batch.advantage_scale = 1.0 / (std::sqrt(advantage.unbiased_variance()) + 1e-8);
  const std::span<const float> log_std = model_.log_std();
  for (std::size_t j = 0; j < log_std.size(); ++j) {
    const double change = double{log_std[j]} - double{rollout_.log_std[j]};
    inverse_std_[j] = static_cast<float>(std::exp(-double{log_std[j]}));
    batch.log_normaliser += double{log_std[j]} + 0.5 * kLogTwoPi;
    batch.kl_offset += change - 0.5 + 0.5 * std::exp(-2.0 * change);
  }
  return batch;
}

void Learner::sum_gradients(const std::vector<Shard>& shards, Network& network, int num_shards) {
  const std::span<const kernels::Mlp::Row> rows = network.mlp().rows();
  const int num_rows = static_cast<int>(rows.size());
  pool_.parallel_for((num_rows + kRowsOfTask - 1) / kRowsOfTask, [&](int task, int /*thread*/) {
    const int last = std::min(num_rows, (task + 1) * kRowsOfTask);
    for (int index = task * kRowsOfTask; index < last; ++index) {
      const kernels::Mlp::Row& row = rows[static_cast<std::size_t>(index)];
      float* to = network.gradient.data() + row.parameter;
      std::fill_n(to, row.size, 0.0F);
      for (int shard = 0; shard < num_shards; ++shard) {
        const float* from = shards[static_cast<std::size_t>(shard)].gradient.data() + row.gradient;
        for (int i = 0; i < row.size; ++i) {
          to[i] += from[i];
        }
      }
    }
  });
}

void Learner::finish_log_std_gradient(int num_shards) {
  const std::span<float> gradient = model_.actor.extra_gradient();
  for (std::size_t j = 0; j < gradient.size(); ++j) {
    double sum = -entropy_coef();  // the entropy rises by 1 with each log_std
    for (int shard = 0; shard < num_shards; ++shard) {
      sum += actor_shards_[static_cast<std::size_t>(shard)].log_std_gradient[j];
    }
    gradient[j] = static_cast<float>(sum);
  }
}

void Learner::step(Network& network, double grad_norm, const kernels::AdamStep& adam) {
  constexpr int kPiece = 8192;  // parameters of one task
  const auto scale = static_cast<float>(std::min(1.0, config_.max_grad_norm / (grad_norm + 1e-6)));
  const int size = static_cast<int>(network.parameters.size());
  pool_.parallel_for((size + kPiece - 1) / kPiece, [&](int task, int /*thread*/) {
    const auto first = static_cast<std::size_t>(task * kPiece);
    const auto count = static_cast<std::size_t>(std::min(kPiece, size - task * kPiece));
    adam.apply(std::span(network.parameters).subspan(first, count),
               std::span<const float>(network.gradient).subspan(first, count), scale,
               std::span(network.mean).subspan(first, count),
               std::span(network.square).subspan(first, count));
  });
}

Fields Learner::fields() {
  Fields fields = model_.actor.moment_fields("actor/");
  for (Field& field : model_.critic.moment_fields("critic/")) {
    fields.push_back(std::move(field));
  }
  fields.push_back(make_field("learning_rate", {}, &learning_rate_));
  fields.push_back(make_field("num_adam_steps", {}, &num_adam_steps_));
  fields.push_back(make_field("num_iterations", {}, &num_iterations_));
  return fields;
}

}  // namespace fleet::agents
