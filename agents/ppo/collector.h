#pragma once

#include <cstdint>
#include <vector>

#include "agents/agent.h"
#include "agents/ppo/actor_critic.h"
#include "agents/ppo/rollout.h"
#include "cuda/normaliser.h"
#include "cuda/thread_pool.h"

namespace fleet::agents {

/// Fills a rollout with what the policy meets, and its advantages. Allocates nothing after the
/// first rollout.
class Collector {
 public:
  Collector(const PpoConfig& config, ActorCritic& model, Rollout& rollout,
            std::vector<Workspace>& workspaces, ThreadPool& pool);

  void start(envs::BatchEnv& env);
  /// @returns false if `stop`, asked after each step, ended it
  bool collect(envs::BatchEnv& env, const Stop& stop);

  /// Lets the normalisers learn from the rollout, now that acting and learning both saw it under
  /// the same statistics. Only the first rollout is normalised by statistics that grow with it.
  void finish_iteration();

  /// Rewards that were not finite, of all steps so far; they count as 0.
  std::int64_t num_bad_rewards() const { return num_bad_rewards_; }

  Fields fields();

 private:
  void act(int step);  // rows that are asked: action, mean, log_prob, value
  bool is_first_rollout() const;
  void act_rows(int step, std::span<const int> rows, Workspace& work);
  void learn_statistics(int step);
  void learn_statistics(int step, int group, kernels::ObservationNormaliser& normaliser);
  void evaluate_last();           // V of what follows the last step
  void evaluate_final(int step);  // V(final observation) of truncated rows
  void mend_rewards(int step);
  void compute_advantages();
  void compute_option_advantages();

  PpoConfig config_;
  ActorCritic& model_;
  Rollout& rollout_;
  std::vector<Workspace>& workspaces_;  // per thread
  ThreadPool& pool_;
  kernels::ReturnNormaliser return_normaliser_;
  std::vector<std::uint8_t> episode_ends_;  // (num_rows)
  std::vector<int> truncated_rows_;         // (<= num_rows)
  std::vector<int> acting_rows_;            // (<= num_rows)
  std::vector<float> seen_;                 // of rows that decide at a step
  std::vector<float> std_;                  // (action_dim)
  std::uint64_t num_policy_steps_ = 0;      // the counter of the exploration noise
  std::int64_t num_bad_rewards_ = 0;
};

}  // namespace fleet::agents
