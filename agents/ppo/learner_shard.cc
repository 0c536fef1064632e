// The losses of PPO and their gradients, row by row; the layers' part is cuda/mlp.cc.

#include <algorithm>
#include <cmath>

#include "agents/mirror.h"
#include "agents/ppo/learner.h"

namespace fleet::agents {

using kernels::kChunkRows;

namespace {

/// Calls body(chunk of samples, mirror) for all chunks, the mirrored ones after the originals.
template <typename Body>
void for_each_chunk(std::span<const int> samples, bool augment, const Body& body) {
  for (const bool mirror : {false, true}) {
    if (mirror && !augment) {
      return;
    }
    for (std::size_t first = 0; first < samples.size(); first += kChunkRows) {
      const std::size_t count = std::min<std::size_t>(kChunkRows, samples.size() - first);
      body(samples.subspan(first, count), mirror);
    }
  }
}

constexpr int kAhead = 6;  // rows from a prefetch to the use

/// Asks for a row that is needed soon: samples lie all over the rollout, far beyond the caches.
void prefetch(std::span<const float> row) {
  constexpr std::size_t kLine = 16;  // floats
  for (std::size_t i = 0; i < row.size(); i += kLine) {
    __builtin_prefetch(row.data() + i);
  }
}

}  // namespace

void Learner::prefetch_sample(int sample) {
  prefetch(rollout_.row(rollout_.action, 0, sample));
  prefetch(rollout_.row(rollout_.mean, 0, sample));
  __builtin_prefetch(&rollout_.log_prob[static_cast<std::size_t>(sample)]);
  __builtin_prefetch(&rollout_.advantage[static_cast<std::size_t>(sample)]);
}

void Learner::load_inputs(int group, std::span<const int> samples, bool mirror,
                          const kernels::ObservationNormaliser& normaliser, Workspace& work,
                          kernels::MlpWorkspace& to) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i + static_cast<std::size_t>(kAhead) < samples.size()) {
      prefetch(rollout_.sample_observation(group, samples[i + static_cast<std::size_t>(kAhead)]));
    }
    load_input(group, samples[i], mirror, normaliser, work, to.input(static_cast<int>(i)));
  }
}

void Learner::load_input(int group, int sample, bool mirror,
                         const kernels::ObservationNormaliser& normaliser, Workspace& work,
                         float* input) {
  std::span<const float> row = rollout_.sample_observation(group, sample);
  if (mirror) {
    const std::span<float> image = std::span(work.mirrored).first(row.size());
    mirror_row(observation_mirror_[static_cast<std::size_t>(group)], row, image);
    row = image;
  }
  normaliser.apply(row, input);
}

std::span<const float> Learner::action_of(int sample, bool mirror, Workspace& work) {
  const std::span<const float> row = rollout_.row(rollout_.action, 0, sample);
  if (!mirror) {
    return row;
  }
  const std::span<float> image = std::span(work.mirrored).first(row.size());
  mirror_row(action_mirror_, row, image);
  return image;
}

void Learner::run_actor(const Minibatch& batch, std::span<const int> samples, Shard& shard,
                        Workspace& work) {
  std::ranges::fill(shard.gradient, 0.0F);
  std::ranges::fill(shard.log_std_gradient, 0.0);
  shard.loss = 0.0;
  shard.kl = 0.0;
  shard.num_clipped = 0.0;
  for_each_chunk(samples, augment_, [&](std::span<const int> chunk, bool mirror) {
    const int num_rows = static_cast<int>(chunk.size());
    load_inputs(model_.actor_group, chunk, mirror, model_.actor_normaliser, work, work.actor);
    model_.actor.mlp().forward(num_rows, work.actor);
    run_actor_rows(batch, chunk, mirror, shard, work);
    model_.actor.mlp().backward(num_rows, work.actor, shard.gradient);
  });
}

void Learner::run_actor_rows(const Minibatch& batch, std::span<const int> samples, bool mirror,
                             Shard& shard, Workspace& work) {
  const std::size_t dim = inverse_std_.size();
  const double clip = config_.clip;
  const int num_rows = static_cast<int>(samples.size());
  for (int i = 0; i < num_rows; ++i) {
    const int sample = samples[static_cast<std::size_t>(i)];
    const auto at = static_cast<std::size_t>(sample);
    if (i + kAhead < num_rows) {
      prefetch_sample(samples[static_cast<std::size_t>(i + kAhead)]);
    }
    const std::span<const float> action = action_of(sample, mirror, work);
    const std::span<const float> old_mean = rollout_.row(rollout_.mean, 0, sample);
    const float* mean = work.actor.output(i);
    double squares = 0.0;
    double kl = 0.0;
    for (std::size_t j = 0; j < dim; ++j) {
      const double inverse_std = inverse_std_[j];
      const double noise = (double{action[j]} - double{mean[j]}) * inverse_std;
      const double shift = (double{old_mean[j]} - double{mean[j]}) * inverse_std;
      work.noise[j] = static_cast<float>(noise);
      squares += noise * noise;
      kl += shift * shift;
    }
    const double log_prob = -0.5 * squares - batch.log_normaliser;
    const double ratio = std::exp(log_prob - double{rollout_.log_prob[at]});
    const double advantage =
        (double{rollout_.advantage[at]} - batch.advantage_mean) * batch.advantage_scale;
    const double plain = -advantage * ratio;
    const double clipped = -advantage * std::clamp(ratio, 1.0 - clip, 1.0 + clip);
    const bool is_free = plain >= clipped;
    shard.loss += is_free ? plain : clipped;
    shard.num_clipped += std::abs(ratio - 1.0) > clip ? 1.0 : 0.0;
    shard.kl += mirror ? 0.0 : batch.kl_offset + 0.5 * kl;

    // d loss / d log_prob, then by the chain rule: d log_prob / d mean = noise / std, and
    // d log_prob / d log_std = noise^2 - 1.
    const double slope = is_free ? plain * batch.scale : 0.0;
    float* gradient = work.actor.output_gradient(i);
    for (std::size_t j = 0; j < dim; ++j) {
      const double noise = work.noise[j];
      gradient[j] = static_cast<float>(slope * noise * double{inverse_std_[j]});
      shard.log_std_gradient[j] += slope * (noise * noise - 1.0);
    }
  }
}

void Learner::run_critic(const Minibatch& batch, std::span<const int> samples, Shard& shard,
                         Workspace& work) {
  std::ranges::fill(shard.gradient, 0.0F);
  shard.loss = 0.0;
  for_each_chunk(samples, augment_, [&](std::span<const int> chunk, bool mirror) {
    const int num_rows = static_cast<int>(chunk.size());
    load_inputs(model_.critic_group, chunk, mirror, model_.critic_normaliser, work, work.critic);
    model_.critic.mlp().forward(num_rows, work.critic);
    run_critic_rows(batch, chunk, shard, work);
    model_.critic.mlp().backward(num_rows, work.critic, shard.gradient);
  });
}

void Learner::run_critic_rows(const Minibatch& batch, std::span<const int> samples, Shard& shard,
                              Workspace& work) {
  for (int i = 0; i < static_cast<int>(samples.size()); ++i) {
    const auto at = static_cast<std::size_t>(samples[static_cast<std::size_t>(i)]);
    const double value = *work.critic.output(i);
    const double target = rollout_.value_target[at];
    const double old_value = rollout_.value[at];
    const double near = old_value + std::clamp(value - old_value, -config_.clip, config_.clip);
    const double error = value - target;
    const double near_error = near - target;
    const bool is_free = !config_.clip_value_loss || error * error >= near_error * near_error;
    // Inside the clip range both errors are one; outside it the clipped one has no slope.
    shard.loss += is_free ? error * error : near_error * near_error;
    *work.critic.output_gradient(i) =
        static_cast<float>(is_free ? 2.0 * error * config_.value_coef * batch.scale : 0.0);
  }
}

}  // namespace fleet::agents
