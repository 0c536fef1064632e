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

  /// The same of callers.
  void value(const std::vector<BatchView<float>>& observation,
             std::span<float> value) const override;

  Fields state() override;
  void restore() override { model_.restore(); }

  /// actor/<layer>.weight, actor/<layer>.bias, actor/log_std, normaliser/actor/mean, variance ...
  Fields policy() override;

  /// critic/<layer>.weight, critic/<layer>.bias, normaliser/critic/mean, variance ...
  Fields critic() override;

  const ActorCritic& model() const { return model_; }

 private:
  /// Runs a network over rows, a chunk of them at a time, and calls finish(row, its output).
  template <typename Finish>
  void evaluate(const Network& network, const kernels::ObservationNormaliser& normaliser,
                kernels::MlpWorkspace Workspace::* work, BatchView<const float> observation,
                const Finish& finish) const;

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
