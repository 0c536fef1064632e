#pragma once

#include <cstdint>
#include <vector>

#include "agents/flashsac/flashsac_config.h"
#include "agents/flashsac/network.h"
#include "agents/flashsac/pass.h"
#include "agents/flashsac/schedule.h"
#include "agents/flashsac/squashed_gaussian.h"
#include "cuda/categorical.h"

namespace fleet::agents::flashsac {

struct Sizes {
  int actor_dim = 0;   ///< of what the actor observes
  int critic_dim = 0;  ///< of what the critic observes, without the action
  int action_dim = 0;
};

/// What one update found; actor and temperature only when their turn it was.
struct UpdateReport {
  bool has_actor = false;
  bool is_actor_skipped = false;  ///< something was not finite: nothing of it was learnt
  bool is_critic_skipped = false;
  double actor_loss = 0.0, actor_grad_norm = 0.0;
  double entropy = 0.0;  ///< of the policy, before the actor's step
  double temperature_loss = 0.0;
  double critic_loss = 0.0, critic_grad_norm = 0.0;
  double clamped = 0.0;  ///< share of the target's mass that left the support
};

/// The batch that an update learns from, to be filled before it. Observations are written into the
/// rows that the networks read.
template <typename T>
struct Batch {
  AlignedVector<T> action;        // (batch_size, action_dim)
  AlignedVector<T> reward;        // (batch_size) scaled, summed over the steps of the window
  AlignedVector<T> discount;      // (batch_size) of what follows; 0 where the task was over
  AlignedVector<T> actor_noise;   // (batch_size, action_dim) standard normal
  AlignedVector<T> target_noise;  // (batch_size, action_dim)
};

/// Actor, critics, target critics and temperature, and their update: the order of its lines is the
/// algorithm. T is float in training; double checks it.
///
/// Sizes are fixed and nothing is allocated. Sums run in a fixed order: the result has the same
/// bits on any number of threads.
template <typename T>
class Learner {
 public:
  Learner(const FlashSacConfig& config, const Sizes& sizes, ThreadPool& pool);

  /// Projects (if switched on) and packs the parameters as they are. @param is_new all three
  /// networks, as after construction; else nothing is projected
  void prepare(bool is_new);

  Batch<T> batch;
  T* observation(int row, bool is_next) {
    return critic_pass_.input(is_next ? batch_size_ + row : row);
  }
  T* actor_observation(int row, bool is_next) {
    return actor_pass_.input(is_next ? batch_size_ + row : row);
  }

  UpdateReport update();

  double temperature() const;
  std::int64_t num_updates() const { return num_updates_; }
  double learning_rate() const { return scheduled_learning_rate(config_, critic_steps_); }
  /// Where the policy's log std may lie at this time of the run.
  LogStdRange log_std_range() const { return scheduled_log_std_range(config_, num_updates_); }

  /// What a critic's output says of the return: the mean over the bins, or the output itself.
  /// @param output a row of the critic's  @param probability as many numbers, overwritten
  T expected_return(const T* output, std::span<T> probability) const;

  Network<T> actor, critic, target;
  double log_temperature;

  Fields fields();

 private:
  struct Member {
    AlignedVector<T> probability;  // (batch_size, bins)
    AlignedVector<T> value;        // (batch_size)
  };

  void update_actor(UpdateReport& report);
  void update_temperature(UpdateReport& report);
  void update_critic(UpdateReport& report);
  void step(Network<T>& network, double rate, std::int64_t& num_steps);
  void sample(int row, int batch_row, const AlignedVector<T>& noise);
  void evaluate(int member, int row, int batch_row);
  void differentiate_value(int batch_row);
  void differentiate_policy(int batch_row);
  void find_target(int batch_row);
  void differentiate_critic(int batch_row);
  double mean(const AlignedVector<double>& rows) const;
  std::span<T> bins(AlignedVector<T>& rows, int row) {
    return {rows.data() + row * num_bins_, static_cast<std::size_t>(num_bins_)};
  }
  template <typename Body>
  void for_each_row(Body&& body);

  FlashSacConfig config_;
  Sizes sizes_;
  int batch_size_;
  int num_bins_;  // 1: the critic's output is the value itself
  double target_entropy_;
  LogStdRange range_;  // of this update
  ThreadPool& pool_;
  kernels::Atoms<T> atoms_;
  Pass<T> actor_pass_, critic_pass_;
  std::vector<Member> members_;
  std::vector<SquashedSample<T>> samples_;        // (batch_size, action_dim)
  AlignedVector<T> log_prob_;                     // (batch_size)
  AlignedVector<T> target_;                       // (batch_size, bins)
  AlignedVector<double> row_loss_, row_clamped_;  // (batch_size)
  double temperature_moments_[2] = {};
  std::int64_t num_updates_ = 0;
  std::int64_t actor_steps_ = 0, critic_steps_ = 0, temperature_steps_ = 0;
};

extern template class Learner<float>;
extern template class Learner<double>;

}  // namespace fleet::agents::flashsac
