#pragma once

#include <cstdint>
#include <vector>

#include "agents/flashsac/exploration.h"
#include "agents/flashsac/flashsac_config.h"
#include "agents/flashsac/pass.h"
#include "agents/flashsac/replay.h"
#include "agents/flashsac/reward_scale.h"
#include "agents/flashsac/squashed_gaussian.h"
#include "agents/flashsac/window.h"
#include "envs/batch_env.h"

namespace fleet::agents::flashsac {

/// The actor's network at work: actions for observations, in chunks of rows.
class Policy {
 public:
  Policy(const FlashSacConfig& config, const envs::EnvSpec& spec, const Network<float>& actor);

  /// The deterministic action, in the task's units.
  void act(BatchView<const float> observation, BatchView<float> action, ThreadPool& pool);

  /// @param act called for each row with the actor's output (means, then raw log stds)
  template <typename Act>
  void evaluate(BatchView<const float> observation, ThreadPool& pool, const Act& act);

  LogStdRange log_std_range;
  std::vector<float> bound;  // (action_dim) the task's action is bound * u: the task's, scaled

 private:
  const Network<float>& actor_;
  Pass<float> pass_;
};

/// Steps the envs with an exploring policy and keeps what happened. Allocates nothing.
class Collector {
 public:
  Collector(const FlashSacConfig& config, const envs::EnvSpec& spec, Policy& policy, Replay& replay,
            ThreadPool& pool);

  /// The observation group that the critic sees; 0: what the actor sees.
  static int critic_group(const FlashSacConfig& config, const envs::EnvSpec& spec);

  void start(envs::BatchEnv& env);
  /// One env step of all envs.
  void step(envs::BatchEnv& env);

  double reward_divisor() const { return reward_scale_.divisor(); }
  /// Whether there is enough to learn from.
  bool is_warm() const { return replay_.size() >= config_.min_buffer; }

  /// Of all steps so far: rewards that were not finite (they count as 0), transitions left out.
  std::int64_t num_bad_rewards() const { return num_bad_rewards_; }
  std::int64_t num_bad_transitions() const { return num_bad_transitions_; }

  Fields fields();
  /// Those of fields() that reward_divisor() needs.
  Fields reward_statistics() { return reward_scale_.statistics("reward_scale/"); }

 private:
  struct Group {
    AlignedVector<float> observation;        // (num_rows, dim) to act on next
    AlignedVector<float> final_observation;  // (num_rows, dim) of groups that nobody looks at
    int dim = 0;
  };

  void act(StepRecord& record);
  void mend_rewards(StepRecord& record);

  FlashSacConfig config_;
  int num_rows_, num_players_, action_dim_;
  int critic_group_;  // 0: it sees what the actor sees
  Policy& policy_;
  Replay& replay_;
  ThreadPool& pool_;
  Window window_;
  RewardScale reward_scale_;
  Exploration exploration_;
  std::vector<Group> groups_;
  AlignedVector<float> action_;             // (num_rows, action_dim) the task's
  AlignedVector<float> noise_;              // (num_rows, action_dim)
  std::vector<std::uint8_t> truncated_;     // (num_envs)
  std::vector<std::uint8_t> episode_ends_;  // (num_rows)
  envs::StepBuffers buffers_;
  std::int64_t num_bad_rewards_ = 0;
  std::int64_t num_bad_transitions_ = 0;
};

}  // namespace fleet::agents::flashsac
