#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "agents/agent.h"
#include "agents/self_play/opponent_env.h"
#include "agents/self_play/self_play_config.h"
#include "envs/batch_env.h"

namespace fleet::agents {

/// A learner of any kind that plays against itself: as it is, or against generations of itself.
///
/// To who trains it, it is an agent of the whole match; a generation is a copy of the policy, part
/// of state().
class SelfPlay final : public Agent {
 public:
  /// How its parts are built. A generation only acts.
  struct Makers {
    std::function<std::unique_ptr<Agent>(const envs::EnvSpec&)> learner;
    std::function<std::unique_ptr<Agent>(const envs::EnvSpec&)> generation;
  };

  /// @throws std::runtime_error if the task has no second team
  SelfPlay(const SelfPlayConfig& config, const envs::EnvSpec& match, Makers makers);

  void start(envs::BatchEnv& match) override;
  IterationReport iterate(envs::BatchEnv& match) override;
  bool keeps_its_place() const override { return learner_->keeps_its_place(); }
  void act(BatchView<const float> observation, BatchView<float> action) const override {
    learner_->act(observation, action);
  }
  PolicyGraph graph() const override { return learner_->graph(); }
  Fields critic() override { return learner_->critic(); }
  void value(const std::vector<BatchView<float>>& observation,
             std::span<float> value) const override {
    learner_->value(observation, value);
  }
  Fields state() override;
  void restore() override;
  Fields sizes() override;
  Fields policy() override { return learner_->policy(); }
  int num_generations() const override { return static_cast<int>(generations_.size()); }
  Agent& generation(int index) override { return *generations_[static_cast<std::size_t>(index)]; }

 private:
  envs::BatchEnv& arena(envs::BatchEnv& match);
  void add_generation();
  void show_opponents();
  void describe(IterationReport& report);

  SelfPlayConfig config_;
  envs::EnvSpec one_match_;  // of a single env
  Makers makers_;
  std::unique_ptr<Agent> learner_;
  // Against a population alone.
  std::optional<OpponentEnv> opponents_;
  std::unique_ptr<Agent> present_;  // the learner as it was when the iteration began
  std::vector<std::unique_ptr<Agent>> generations_;  // oldest first
  std::int64_t num_iterations_ = 0;
  std::int64_t num_generations_ = 0;  // as saved; generations_ follows
};

}  // namespace fleet::agents
