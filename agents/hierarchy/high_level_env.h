#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "agents/hierarchy/skill_set.h"
#include "agents/hierarchy/tactics.h"
#include "envs/batch_env.h"
#include "envs/env_buffers.h"

namespace fleet::agents {

/// A match as the high levels of its teams meet it, semi-Markov: a row is a team, whose decisions
/// frozen skills carry out. A step is a control step, and pays a team the mean of its players.
class HighLevelEnv final : public envs::BatchEnv {
 public:
  HighLevelEnv(std::unique_ptr<envs::BatchEnv> match, std::unique_ptr<Tactics> tactics,
               SkillSet skills);

  const envs::EnvSpec& spec() const override { return spec_; }
  void reset(std::uint64_t seed, const envs::StepBuffers& out) override;
  void step(BatchView<const float> action, const envs::StepBuffers& out) override;
  /// States, unrounded copies and dumps are those of the match.
  void reset_to(std::uint64_t seed, BatchView<const double> qpos, BatchView<const double> qvel,
                const envs::StepBuffers& out) override;
  void record(const envs::UnroundedBuffers& buffers) override { match_->record(buffers); }
  void randomise_episode_clocks() override { match_->randomise_episode_clocks(); }
  Fields state() override;
  void restore() override { match_->restore(); }
  Fields models() override { return match_->models(); }
  void restore_models() override { match_->restore_models(); }
  envs::Statistics take_statistics() override { return match_->take_statistics(); }
  Fields divergence_dump() override { return match_->divergence_dump(); }
  int nq() const override { return match_->nq(); }
  int nv() const override { return match_->nv(); }

 private:
  void begin(const envs::StepBuffers& out);
  void hand_over(const envs::StepBuffers& out);
  void show_due(const envs::StepBuffers& out) const;
  BatchView<const float> players_of(BatchView<const float> rows, int team) const {
    return rows.rows(team * tactics_->team_size(), tactics_->team_size());
  }

  std::unique_ptr<envs::BatchEnv> match_;
  std::unique_ptr<Tactics> tactics_;
  SkillSet skills_;
  envs::EnvSpec spec_;
  envs::EnvBuffers buffers_;           // of the match
  std::vector<std::uint8_t> decides_;  // (num_rows) now
  std::vector<int> skill_;             // (the match's rows)
  std::vector<float> shown_;           // (the match's rows, skills_.max_dim())
};

/// What the high levels of a match's teams are: HighLevelEnv's spec.
envs::EnvSpec high_level_spec(const envs::EnvSpec& match, const Tactics& tactics);

}  // namespace fleet::agents
