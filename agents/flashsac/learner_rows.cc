// What Learner does to one row of a batch; see learner.h.

#include <algorithm>
#include <functional>

#include "agents/flashsac/learner.h"

namespace fleet::agents::flashsac {

/// Draws the action of one row of the actor's pass and shows it to the critics.
/// @param batch_row of the batch, whose noise it is
template <typename T>
void Learner<T>::sample(int row, int batch_row, const AlignedVector<T>& noise) {
  const int dim = sizes_.action_dim;
  const T* const output = actor_pass_.output(0, row);
  T* const action = critic_pass_.input(row) + sizes_.critic_dim;
  T log_prob{0};
  for (int j = 0; j < dim; ++j) {
    const auto at = static_cast<std::size_t>(batch_row * dim + j);
    samples_[at] = SquashedSample<T>(output[j], output[dim + j], noise[at], range_);
    action[j] = samples_[at].action;
    log_prob += samples_[at].log_prob;
  }
  log_prob_[static_cast<std::size_t>(batch_row)] = log_prob;
}

template <typename T>
T Learner<T>::expected_return(const T* output, std::span<T> probability) const {
  if (num_bins_ == 1) {
    return output[0];
  }
  kernels::softmax<T>({output, probability.size()}, probability);
  return kernels::expectation<T>(probability, atoms_);
}

/// Reads one row of a critic's output: probabilities, if it has bins, and the value.
template <typename T>
void Learner<T>::evaluate(int member, int row, int batch_row) {
  Member& m = members_[static_cast<std::size_t>(member)];
  m.value[static_cast<std::size_t>(batch_row)] =
      expected_return(critic_pass_.output(member, row), bins(m.probability, batch_row));
}

/// The loss temperature * log_prob - value, and what it asks of the critics' outputs.
template <typename T>
void Learner<T>::differentiate_value(int batch_row) {
  const auto row = static_cast<std::size_t>(batch_row);
  const int num_members = static_cast<int>(members_.size());
  for (int member = 0; member < num_members; ++member) {
    evaluate(member, batch_row, batch_row);
  }
  const bool is_mean = config_.twin == "mean";
  T value = is_mean ? T{0} : members_[0].value[row];
  for (const Member& m : members_) {
    value = is_mean ? value + m.value[row] / static_cast<T>(num_members)
                    : (m.value[row] < value ? m.value[row] : value);
  }
  int num_ties = 0;
  for (const Member& m : members_) {
    num_ties += is_mean || m.value[row] == value ? 1 : 0;
  }
  for (int member = 0; member < num_members; ++member) {
    Member& m = members_[static_cast<std::size_t>(member)];
    const bool counts = is_mean || m.value[row] == value;
    const T slope = counts ? T{-1} / static_cast<T>(num_ties * batch_size_) : T{0};
    T* const gradient = critic_pass_.output_gradient(member, batch_row);
    const std::span<const T> probability = bins(m.probability, batch_row);
    gradient[0] = slope;
    for (std::size_t k = 0; k < probability.size() && num_bins_ > 1; ++k) {
      gradient[k] = slope * probability[k] * (atoms_.value[k] - m.value[row]);
    }
  }
  row_loss_[row] = temperature() * static_cast<double>(log_prob_[row]) - static_cast<double>(value);
}

/// What the loss asks of the actor's output, through its density and through the critics' input,
/// and what the penalty of its means adds to both.
template <typename T>
void Learner<T>::differentiate_policy(int batch_row) {
  const int dim = sizes_.action_dim;
  const T weight = static_cast<T>(temperature() / batch_size_);
  const auto row = static_cast<std::size_t>(batch_row);
  const T pull = static_cast<T>(config_.mean_penalty / batch_size_);
  const T* const output = actor_pass_.output(0, batch_row);
  T* const gradient = actor_pass_.output_gradient(0, batch_row);
  for (int j = 0; j < dim; ++j) {
    T slope{0};
    for (int member = 0; member < static_cast<int>(members_.size()); ++member) {
      slope += critic_pass_.input_gradient(member, batch_row)[sizes_.critic_dim + j];
    }
    const auto at = static_cast<std::size_t>(batch_row * dim + j);
    const auto [mean, raw] = samples_[at].gradient(weight, slope, batch.actor_noise[at], range_);
    gradient[j] = mean + pull * output[j];
    gradient[dim + j] = raw;
    row_loss_[row] += 0.5 * config_.mean_penalty * static_cast<double>(output[j] * output[j]);
  }
}

/// The distribution (or value) that the critics are to predict, from the target critics' view of
/// the next action: the whole distribution of the critic that promises less, or the mean of all.
template <typename T>
void Learner<T>::find_target(int batch_row) {
  const auto row = static_cast<std::size_t>(batch_row);
  const int num_members = static_cast<int>(members_.size());
  std::size_t least = 0;
  for (int member = 0; member < num_members; ++member) {
    evaluate(member, batch_size_ + batch_row, batch_row);
    const auto at = static_cast<std::size_t>(member);
    least = members_[at].value[row] < members_[least].value[row] ? at : least;
  }
  const T cost = static_cast<T>(temperature()) * log_prob_[row];
  Member& chosen = members_[least];
  if (config_.twin == "mean") {
    for (std::size_t member = 0; member < members_.size(); ++member) {
      if (member == least) {
        continue;
      }
      chosen.value[row] += members_[member].value[row];
      const std::span<T> sum = bins(chosen.probability, batch_row);
      const std::span<const T> more = bins(members_[member].probability, batch_row);
      std::transform(sum.begin(), sum.end(), more.begin(), sum.begin(), std::plus<T>());
    }
    chosen.value[row] /= static_cast<T>(num_members);
    for (T& p : bins(chosen.probability, batch_row)) {
      p /= static_cast<T>(num_members);
    }
  }
  const std::span<T> wanted = bins(target_, batch_row);
  row_clamped_[row] = 0.0;
  if (num_bins_ > 1) {
    row_clamped_[row] = static_cast<double>(
        kernels::project<T>(bins(chosen.probability, batch_row), batch.reward[row],
                            batch.discount[row], cost, atoms_, wanted));
  } else {
    wanted[0] = batch.reward[row] + batch.discount[row] * (chosen.value[row] - cost);
  }
}

/// Cross-entropy with the target's distribution, or half the squared error: mean over the critics.
template <typename T>
void Learner<T>::differentiate_critic(int batch_row) {
  const int num_members = static_cast<int>(members_.size());
  const std::span<const T> wanted = bins(target_, batch_row);
  const T scale = T{1} / static_cast<T>(num_members * batch_size_);
  double loss = 0.0;
  for (int member = 0; member < num_members; ++member) {
    const T* const output = critic_pass_.output(member, batch_row);
    T* const gradient = critic_pass_.output_gradient(member, batch_row);
    if (num_bins_ == 1) {
      const T error = output[0] - wanted[0];
      gradient[0] = scale * error;
      loss += 0.5 * static_cast<double>(error) * static_cast<double>(error);
      continue;
    }
    const std::span<T> probability =
        bins(members_[static_cast<std::size_t>(member)].probability, batch_row);
    const T log_sum = kernels::softmax<T>({output, probability.size()}, probability);
    T mass{0};
    T cross_entropy{0};
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      mass += wanted[k];
      cross_entropy += wanted[k] * (log_sum - output[k]);
    }
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      gradient[k] = scale * (mass * probability[k] - wanted[k]);
    }
    loss += static_cast<double>(cross_entropy);
  }
  row_loss_[static_cast<std::size_t>(batch_row)] = loss / num_members;
}

template class Learner<float>;
template class Learner<double>;

}  // namespace fleet::agents::flashsac
