#pragma once

#include <cstdint>
#include <vector>

#include "agents/agent.h"
#include "agents/ppo/actor_critic.h"
#include "agents/ppo/rollout.h"
#include "cuda/adam.h"
#include "cuda/reduce.h"
#include "cuda/thread_pool.h"

// A minibatch is cut into shards, a number that does not depend on threads. Each shard of each
// network runs forward and backward on one thread into a gradient of its own; gradients and losses
// are then added in the order of the shards. So any number of threads gives the same bits.

namespace fleet::agents {

/// Means over the updates of one iteration, apart from the counts.
struct LearningReport {
  double value_loss = 0.0;
  double surrogate = 0.0;
  double entropy = 0.0;
  double kl = 0.0;
  double clip_fraction = 0.0;  ///< of samples whose ratio was clipped
  double actor_grad_norm = 0.0;
  double critic_grad_norm = 0.0;
  double explained_variance = 0.0;  ///< of the value targets by the values at rollout time
  std::int64_t num_updates = 0;
  std::int64_t num_skipped = 0;  ///< updates left out because something was not finite
  bool is_complete = true;       ///< false: stopped half way
};

/// PPO's update: some epochs of minibatch steps on one rollout.
class Learner {
 public:
  Learner(const PpoConfig& config, const envs::EnvSpec& spec, ActorCritic& model, Rollout& rollout,
          std::vector<Workspace>& workspaces, ThreadPool& pool);

  /// @param stop asked before each minibatch
  LearningReport learn(const Stop& stop);

  double learning_rate() const { return learning_rate_; }
  std::int64_t num_iterations() const { return num_iterations_; }
  Fields fields();

 private:
  /// What all shards of a minibatch share.
  struct Minibatch {
    std::span<const int> samples;
    double scale = 1.0;  // 1 / number of rows, mirrored ones included
    double advantage_mean = 0.0;
    double advantage_scale = 1.0;  // 1 / (std + 1e-8)
    double log_normaliser = 0.0;   // sum of log_std + action_dim / 2 ln 2 pi
    double kl_offset = 0.0;        // sum of ln(s_n / s_o) - 1/2 + s_o^2 / (2 s_n^2)
  };

  /// One network's share of one shard; actor and critic use what concerns them.
  struct Shard {
    AlignedVector<float> gradient;           // (mlp gradient_size)
    std::vector<double> log_std_gradient{};  // (action_dim)
    double loss = 0.0;                       // sum over rows
    double kl = 0.0;
    double num_clipped = 0.0;
  };

  double progress() const;      // share of the run that is done
  double entropy_coef() const;  // of the iteration under way
  void limit_std();
  void shuffle(std::uint32_t epoch);
  kernels::Moments moments_of(std::span<const float> field) const;  // over the rollout's samples
  void update(std::span<const int> samples, LearningReport& report);
  Minibatch prepare(std::span<const int> samples);
  void run_actor(const Minibatch& batch, std::span<const int> samples, Shard& shard,
                 Workspace& work);
  void run_actor_rows(const Minibatch& batch, std::span<const int> samples, bool mirror,
                      Shard& shard, Workspace& work);
  void run_critic(const Minibatch& batch, std::span<const int> samples, Shard& shard,
                  Workspace& work);
  void run_critic_rows(const Minibatch& batch, std::span<const int> samples, Shard& shard,
                       Workspace& work);
  void prefetch_sample(int sample);
  void load_inputs(int group, std::span<const int> samples, bool mirror,
                   const kernels::ObservationNormaliser& normaliser, Workspace& work,
                   kernels::MlpWorkspace& to);
  void load_input(int group, int sample, bool mirror,
                  const kernels::ObservationNormaliser& normaliser, Workspace& work, float* input);
  std::span<const float> action_of(int sample, bool mirror, Workspace& work);
  void sum_gradients(const std::vector<Shard>& shards, Network& network, int num_shards);
  void finish_log_std_gradient(int num_shards);
  void step(Network& network, double grad_norm, const kernels::AdamStep& adam);
  int num_shards(std::size_t num_samples) const;

  PpoConfig config_;
  bool augment_ = false;
  std::vector<Mirror> observation_mirror_;
  Mirror action_mirror_;
  ActorCritic& model_;
  Rollout& rollout_;
  std::vector<Workspace>& workspaces_;  // per thread
  ThreadPool serial_{1};
  ThreadPool& pool_;  // serial_ where waking threads would cost more than they do
  kernels::Moments rollout_advantage_;
  std::vector<Shard> actor_shards_;
  std::vector<Shard> critic_shards_;
  std::vector<int> permutation_;    // of the rollout's samples
  std::vector<float> inverse_std_;  // (action_dim)
  double learning_rate_;
  std::int64_t num_adam_steps_ = 0;
  std::int64_t num_iterations_ = 0;
};

}  // namespace fleet::agents
