#pragma once

#include <memory>

#include "agents/agent.h"
#include "agents/flashsac/collector.h"
#include "agents/flashsac/flashsac_config.h"
#include "agents/flashsac/learner.h"

namespace fleet::agents {

/// FlashSAC and SAC on the host: collector, replay, learner.
///
/// The same seed gives the same parameter bits on any number of threads.
class FlashSac final : public Agent {
 public:
  /// @throws std::invalid_argument if config.validate() or the spec finds fault
  FlashSac(const FlashSacConfig& config, const envs::EnvSpec& spec);

  void start(envs::BatchEnv& env) override;
  IterationReport iterate(envs::BatchEnv& env) override;

  /// One caller at a time, and not during iterate().
  void act(BatchView<const float> observation, BatchView<float> action) const override;

  PolicyGraph graph() const override;

  /// critic/E/<layer>.weight, ... and what rewards are divided by.
  Fields critic() override;
  void value(const std::vector<BatchView<float>>& observation,
             std::span<float> value) const override;

  /// It stops between env steps, and saves how far it came.
  bool keeps_its_place() const override { return true; }

  Fields state() override;
  void restore() override { learner_.prepare(false); }
  Fields sizes() override { return replay_.sizes("replay/"); }

  /// actor/<layer>.weight, actor/<layer>.norm.scale, ... : see README.md
  Fields policy() override { return learner_.actor.fields("actor/"); }

  const flashsac::Learner<float>& learner() const { return learner_; }
  const flashsac::Replay& replay() const { return replay_; }

 private:
  /// Sums over the updates of the iteration under way.
  struct Sums {
    double critic_loss = 0.0, critic_grad_norm = 0.0, clamped = 0.0, num_critic = 0.0;
    double actor_loss = 0.0, actor_grad_norm = 0.0, entropy = 0.0, num_actor = 0.0;

    void add(const flashsac::UpdateReport& report);
  };

  void load_batch();
  void learn();
  float agreed_return(const flashsac::Pass<float>& pass, int row) const;
  IterationReport describe() const;

  FlashSacConfig config_;
  int num_rows_;
  int critic_group_;  // of observations: what the critics see
  bool augment_;
  Mirror actor_mirror_, critic_mirror_, action_mirror_;
  mutable ThreadPool pool_;
  flashsac::Learner<float> learner_;
  flashsac::Replay replay_;
  mutable flashsac::Policy policy_;
  flashsac::Collector collector_;
  int step_ = 0;              // of the iteration under way
  Sums sums_;                 // of the same
  std::int64_t num_new_ = 0;  // transitions that no update has been made for yet
  std::int64_t num_skipped_ = 0;
};

std::unique_ptr<Agent> make_flashsac(const FlashSacConfig& config, const envs::EnvSpec& spec);

}  // namespace fleet::agents
