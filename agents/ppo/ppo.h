#pragma once

#include <memory>
#include <vector>

#include "agents/agent.h"
#include "agents/ppo/actor_critic.h"
#include "agents/ppo/collector.h"
#include "agents/ppo/learner.h"
#include "agents/ppo/ppo_config.h"
#include "agents/ppo/rollout.h"
#include "cuda/thread_pool.h"

namespace fleet::agents {

/// Proximal policy optimisation on the host: collector, learner, and what they share.
///
/// The same seed gives the same parameter bits on any number of threads.
class Ppo final : public Agent {
 public:
  /// @throws std::invalid_argument if config.validate() or the spec finds fault
  Ppo(const PpoConfig& config, const envs::EnvSpec& spec);

  void start(envs::BatchEnv& env) override;
  IterationReport iterate(envs::BatchEnv& env) override;

  /// One caller at a time, and not during iterate().
  void act(BatchView<const float> observation, BatchView<float> action) const override;

  PolicyGraph graph() const override;

  Fields state() override;
  void restore() override { model_.restore(); }

  /// actor/<layer>.weight, actor/<layer>.bias, actor/log_std, normaliser/actor/mean, variance ...
  Fields policy() override;

  const ActorCritic& model() const { return model_; }

 private:
  PpoConfig config_;
  std::vector<float> action_bound_;  // (action_dim)
  mutable ThreadPool pool_;
  ActorCritic model_;
  mutable std::vector<Workspace> workspaces_;  // per thread
  Rollout rollout_;
  Collector collector_;
  Learner learner_;
};

std::unique_ptr<Agent> make_ppo(const PpoConfig& config, const envs::EnvSpec& spec);

}  // namespace fleet::agents
