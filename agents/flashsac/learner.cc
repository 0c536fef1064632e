#include "agents/flashsac/learner.h"

#include <algorithm>
#include <cmath>

#include "cuda/reduce.h"

namespace fleet::agents::flashsac {
namespace {

constexpr int kRowsOfTask = 32;

NetworkShape actor_shape(const FlashSacConfig& c, const Sizes& sizes) {
  const int out = 2 * sizes.action_dim;  // means, then raw logarithms of the standard deviations
  if (c.network == "mlp") {
    return NetworkShape::mlp(sizes.actor_dim, c.hidden_dims, out);
  }
  NetworkShape shape =
      NetworkShape::residual(sizes.actor_dim, c.actor_width, c.actor_blocks, out);
  shape.has_small_head = c.actor_head == "small";
  return shape;
}

NetworkShape critic_shape(const FlashSacConfig& c, const Sizes& sizes) {
  const int in = sizes.critic_dim + sizes.action_dim;
  const int out = c.critic == "mse" ? 1 : c.num_bins;
  return c.network == "mlp" ? NetworkShape::mlp(in, c.hidden_dims, out)
                            : NetworkShape::residual(in, c.critic_width, c.critic_blocks, out);
}

Precision precision_of(const FlashSacConfig& c) {
  return c.precision == "bfloat16" ? Precision::kBfloat16 : Precision::kFloat32;
}

double target_entropy(const FlashSacConfig& c, const Sizes& sizes) {
  return c.target_sigma > 0.0 ? sizes.action_dim * gaussian_entropy(c.target_sigma)
                              : -static_cast<double>(sizes.action_dim);
}

}  // namespace

template <typename T>
Learner<T>::Learner(const FlashSacConfig& config, const Sizes& sizes, ThreadPool& pool)
    : actor(actor_shape(config, sizes), 1, precision_of(config)),
      critic(critic_shape(config, sizes), config.num_critics, precision_of(config)),
      target(critic_shape(config, sizes), config.num_critics, precision_of(config)),
      log_temperature(std::log(config.initial_temperature)),
      config_(config),
      sizes_(sizes),
      batch_size_(config.batch_size),
      num_bins_(critic.shape().output_dim()),
      target_entropy_(target_entropy(config, sizes)),
      pool_(pool),
      atoms_(config.num_bins, -config.max_value, config.max_value),
      actor_pass_(actor.shape(), 1, 2 * config.batch_size, precision_of(config)),
      critic_pass_(critic.shape(), config.num_critics, 2 * config.batch_size,
                   precision_of(config)),
      members_(static_cast<std::size_t>(config.num_critics)) {
  const auto rows = static_cast<std::size_t>(batch_size_);
  const std::size_t components = rows * static_cast<std::size_t>(sizes.action_dim);
  for (AlignedVector<T>* all : {&batch.action, &batch.actor_noise, &batch.target_noise}) {
    all->resize(components);
  }
  for (AlignedVector<T>* all : {&batch.reward, &batch.discount, &log_prob_}) {
    all->resize(rows);
  }
  for (Member& member : members_) {
    member.probability.resize(rows * static_cast<std::size_t>(num_bins_));
    member.value.resize(rows);
  }
  samples_.resize(components, SquashedSample<T>(T{0}, T{0}, T{0}, {}));
  target_.resize(rows * static_cast<std::size_t>(num_bins_));
  row_loss_.resize(rows);
  row_clamped_.resize(rows);
  actor.initialise(config.seed, 0);
  critic.initialise(config.seed, 1);
  prepare(true);
}

template <typename T>
void Learner<T>::prepare(bool is_new) {
  if (is_new) {
    if (config_.projection && config_.network == "residual") {
      actor.project(pool_);
      critic.project(pool_);
    }
    target.parameters = critic.parameters;
    target.statistics = critic.statistics;
  }
  for (Network<T>* network : {&actor, &critic, &target}) {
    network->pack(pool_);
  }
}

template <typename T>
template <typename Body>
void Learner<T>::for_each_row(Body&& body) {
  pool_.parallel_for((batch_size_ + kRowsOfTask - 1) / kRowsOfTask, [&](int task, int /*thread*/) {
    const int last = std::min(batch_size_, (task + 1) * kRowsOfTask);
    for (int row = task * kRowsOfTask; row < last; ++row) {
      body(row);
    }
  });
}

template <typename T>
double Learner<T>::mean(const AlignedVector<double>& rows) const {
  return kernels::pairwise_sum(0, rows.size(), [&](std::size_t i) { return rows[i]; }) /
         static_cast<double>(rows.size());
}

template <typename T>
double Learner<T>::temperature() const {
  return std::exp(log_temperature);
}

template <typename T>
UpdateReport Learner<T>::update() {
  UpdateReport report;
  range_ = log_std_range();
  if (num_updates_ % config_.actor_period == 0) {
    update_actor(report);
    update_temperature(report);
  }
  update_critic(report);
  ++num_updates_;
  return report;
}

template <typename T>
void Learner<T>::step(Network<T>& network, double rate, std::int64_t& num_steps) {
  network.step(kernels::AdamStepOf<T>({}, rate, ++num_steps), pool_);
  if (config_.projection && config_.network == "residual") {
    network.project(pool_);
  }
  network.pack(pool_);
}

/// The actor learns on the batch's statistics of [obs; next obs]; the critics judge its actions
/// with their running statistics and stay as they are.
template <typename T>
void Learner<T>::update_actor(UpdateReport& report) {
  const RowRange both{0, 2 * batch_size_};
  const RowRange now{0, batch_size_};
  actor_pass_.forward(actor, Statistics::kBatch, both, now, pool_);
  for_each_row([&](int row) { sample(row, row, batch.actor_noise); });
  critic_pass_.forward(critic, Statistics::kRunning, now, now, pool_);
  for_each_row([&](int row) { differentiate_value(row); });
  critic_pass_.backward_to_input(critic, now, pool_);
  for_each_row([&](int row) { differentiate_policy(row); });
  actor_pass_.backward(actor, both, now, pool_);
  report.has_actor = true;
  report.actor_loss = mean(row_loss_);
  report.actor_grad_norm = actor.gradient_norm(pool_);
  report.entropy = -kernels::pairwise_sum(0, log_prob_.size(), [&](std::size_t i) {
    return log_prob_[i];
  }) / batch_size_;
  report.is_actor_skipped =
      !std::isfinite(report.actor_loss + report.actor_grad_norm + report.entropy);
  if (!report.is_actor_skipped) {
    actor_pass_.update_statistics(actor);
    step(actor, scheduled_actor_learning_rate(config_, actor_steps_, num_updates_), actor_steps_);
  }
}

template <typename T>
void Learner<T>::update_temperature(UpdateReport& report) {
  if (report.is_actor_skipped) {
    return;
  }
  report.temperature_loss = temperature() * (report.entropy - target_entropy_);
  const double gradient = report.temperature_loss;  // with respect to the logarithm
  const double rate = scheduled_learning_rate(config_, temperature_steps_);
  const kernels::AdamStepOf<double> adam({}, rate, ++temperature_steps_);
  adam.apply({&log_temperature, 1}, {&gradient, 1}, 1.0, {&temperature_moments_[0], 1},
             {&temperature_moments_[1], 1});
}

/// The target critics see the batch's statistics of [(obs, action); (next obs, next action)], as do
/// the critics that learn.
template <typename T>
void Learner<T>::update_critic(UpdateReport& report) {
  const RowRange both{0, 2 * batch_size_};
  const RowRange now{0, batch_size_};
  const RowRange next{batch_size_, 2 * batch_size_};
  actor_pass_.forward(actor, Statistics::kRunning, next, next, pool_);
  for_each_row([&](int row) {
    sample(batch_size_ + row, row, batch.target_noise);
    std::copy_n(batch.action.data() + row * sizes_.action_dim, sizes_.action_dim,
                critic_pass_.input(row) + sizes_.critic_dim);
  });
  critic_pass_.forward(target, Statistics::kBatch, both, next, pool_);
  for_each_row([&](int row) { find_target(row); });
  critic_pass_.forward(critic, Statistics::kBatch, both, now, pool_);
  for_each_row([&](int row) { differentiate_critic(row); });
  critic_pass_.backward(critic, both, now, pool_);
  report.critic_loss = mean(row_loss_);
  report.critic_grad_norm = critic.gradient_norm(pool_);
  report.clamped = mean(row_clamped_);
  report.is_critic_skipped = !std::isfinite(report.critic_loss + report.critic_grad_norm);
  if (!report.is_critic_skipped) {
    critic_pass_.update_statistics(critic);
    step(critic, scheduled_learning_rate(config_, critic_steps_), critic_steps_);
    target.follow(critic, static_cast<T>(config_.tau), pool_);
  }
}

template <typename T>
Fields Learner<T>::fields() {
  Fields fields;
  const auto append = [&](Fields more) { std::ranges::move(more, std::back_inserter(fields)); };
  append(critic.fields("critic/"));
  append(target.fields("target/"));
  append(actor.moment_fields("learner/actor/"));
  append(critic.moment_fields("learner/critic/"));
  fields.push_back(make_field("learner/log_temperature", {}, &log_temperature));
  fields.push_back(make_field("learner/temperature_moments", {2}, temperature_moments_));
  fields.push_back(make_field("learner/num_updates", {}, &num_updates_));
  fields.push_back(make_field("learner/actor_steps", {}, &actor_steps_));
  fields.push_back(make_field("learner/critic_steps", {}, &critic_steps_));
  fields.push_back(make_field("learner/temperature_steps", {}, &temperature_steps_));
  return fields;
}

template class Learner<float>;
template class Learner<double>;

}  // namespace fleet::agents::flashsac
