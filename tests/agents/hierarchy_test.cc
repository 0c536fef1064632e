// Tests for agents/hierarchy/: a high level that decides at times, over frozen skills.

#include <algorithm>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/hierarchy/high_level.h"
#include "agents/hierarchy/high_level_env.h"
#include "agents/hierarchy/skill_team.h"
#include "agents/make_agent.h"
#include "envs/env_buffers.h"
#include "tests/support/constant_agent.h"
#include "tests/support/duel_env.h"
#include "tests/support/fields.h"

namespace fleet::agents {
namespace {

using test::ConstantAgent;
using test::DuelEnv;
using ::testing::Each;
using ::testing::ElementsAre;

constexpr float kDown = -0.25F, kUp = 0.5F;  // what the two skills do

/// A team of a duel decides in the first and the third step of a game which skill its players use.
class DuelTactics final : public Tactics {
 public:
  int team_size() const override { return DuelEnv::kTeam; }
  const ObservationGroup& observation() const override { return observation_; }
  const std::vector<std::string>& action_names() const override { return names_; }
  void see(BatchView<const float> rows, std::span<float> out) const override {
    out[0] = rows(0, 0) + 100.0F;
  }
  void find_due(BatchView<const float> rows, std::span<std::uint8_t> decides) override {
    plan_.resize(decides.size());
    for (std::size_t team = 0; team < decides.size(); ++team) {
      const float step = rows(static_cast<int>(team) * DuelEnv::kTeam, 0);
      decides[team] = step == 0.0F || step == 2.0F ? 1 : 0;
    }
  }
  void decide(int team, BatchView<const float> /*rows*/, std::span<const float> action) override {
    plan_[static_cast<std::size_t>(team)] = action[0];
  }
  void order(BatchView<const float> rows, std::span<int> skill,
             BatchView<float> shown) const override {
    for (int row = 0; row < rows.num_rows(); ++row) {
      const auto k = static_cast<std::size_t>(row);
      skill[k] = plan_[k / DuelEnv::kTeam] > 0.0F ? 1 : 0;
      std::ranges::copy(rows.row(row), shown.row(row).begin());
    }
  }
  Fields state() override {
    return {make_field("plan", {static_cast<std::int64_t>(plan_.size())}, plan_.data())};
  }

 private:
  ObservationGroup observation_{
      .name = "actor",
      .noisy = false,
      .terms = {{.name = "step", .dim = 1, .unit = "1", .frame = "none"}}};
  std::vector<std::string> names_{"up"};
  std::vector<float> plan_;  // by team
};

SkillSet skills() {
  std::vector<std::unique_ptr<Agent>> agents;
  agents.push_back(std::make_unique<ConstantAgent>(kDown));
  agents.push_back(std::make_unique<ConstantAgent>(kUp));
  return {std::move(agents), {2, 2}};
}

struct HighDuel {
  explicit HighDuel(int num_envs) {
    auto owned = std::make_unique<DuelEnv>(num_envs);
    match = owned.get();
    env =
        std::make_unique<HighLevelEnv>(std::move(owned), std::make_unique<DuelTactics>(), skills());
    buffers = std::make_unique<envs::EnvBuffers>(env->spec());
    env->reset(3, buffers->views);
  }
  /// One step; the actions of both teams of all envs.
  void step(float first, float second) {
    for (std::size_t row = 0; row < buffers->action.size(); ++row) {
      buffers->action[row] = row % 2 == 0 ? first : second;
    }
    env->step(buffers->action_view(), buffers->views);
  }

  DuelEnv* match;
  std::unique_ptr<HighLevelEnv> env;
  std::unique_ptr<envs::EnvBuffers> buffers;
};

TEST(HighLevelEnvTest, ADecisionHoldsUntilTheNextIsAskedFor) {
  HighDuel duel(1);
  EXPECT_THAT(duel.buffers->decides, Each(1));
  duel.step(1.0F, -1.0F);
  EXPECT_THAT(duel.match->last_action, ElementsAre(kUp, kUp, kDown, kDown));
  EXPECT_THAT(duel.buffers->decides, Each(0));
  duel.step(-1.0F, 1.0F);  // not asked for
  EXPECT_THAT(duel.match->last_action, ElementsAre(kUp, kUp, kDown, kDown));
  EXPECT_THAT(duel.buffers->decides, Each(1));
  duel.step(-1.0F, 1.0F);
  EXPECT_THAT(duel.match->last_action, ElementsAre(kDown, kDown, kUp, kUp));
  EXPECT_THAT(duel.buffers->decides, Each(0));
}

TEST(HighLevelEnvTest, ARowIsATeamThatIsPaidTheMeanOfItsPlayers) {
  HighDuel duel(3);
  EXPECT_EQ(duel.env->spec().num_rows(), 6);
  EXPECT_EQ(duel.env->spec().num_teams, 2);
  for (int step = 1; step <= DuelEnv::kSteps; ++step) {
    const float half = step <= 2 ? 100.0F : 102.0F;  // shown when its decision was due
    EXPECT_EQ(duel.buffers->views.observation[0](4, 0), half);
    duel.step(1.0F, -1.0F);
    const bool ends = step == DuelEnv::kSteps;
    EXPECT_THAT(duel.buffers->terminated, Each(ends ? 1 : 0));
    EXPECT_EQ(duel.buffers->reward[4], ends ? 1.0F : 0.0F);
    EXPECT_EQ(duel.buffers->reward[5], ends ? -1.0F : 0.0F);
    EXPECT_EQ(duel.buffers->views.metrics(4, 3), 2.0F);  // "own_hits" of team 0: the env's number
    EXPECT_EQ(duel.buffers->views.metrics(5, 3), 0.0F);
    EXPECT_EQ(duel.buffers->views.final_observation[0](4, 0),
              ends ? 100.0F : 0.0F);  // it tells of no end
  }
  EXPECT_THAT(duel.buffers->decides, Each(1));
}

/// Decides by the step that it sees: up in the first half of a game, down in the second.
class StepPolicy final : public Agent {
 public:
  void start(envs::BatchEnv& /*env*/) override {}
  IterationReport iterate(envs::BatchEnv& /*env*/) override { return {}; }
  void act(BatchView<const float> observation, BatchView<float> action) const override {
    for (int row = 0; row < action.num_rows(); ++row) {
      action(row, 0) = observation(row, 0) < 102.0F ? 1.0F : -1.0F;
    }
  }
  PolicyGraph graph() const override { return {}; }
  Fields state() override { return {}; }
  void restore() override {}
  Fields policy() override { return {}; }
};

TEST(HighLevelTest, ATeamPlaysAsItDidInItsTraining) {
  HighDuel training(2);
  DuelEnv match(2);
  const SkillTeam team(
      std::make_unique<HighLevel>(std::make_unique<DuelTactics>(), std::make_unique<StepPolicy>()),
      skills());
  const StepPolicy policy;
  envs::EnvBuffers buffers(match.spec());
  match.reset(3, buffers.views);
  for (int step = 0; step < 3 * DuelEnv::kSteps; ++step) {
    policy.act(training.buffers->views.observation[0], training.buffers->action_view());
    training.env->step(training.buffers->action_view(), training.buffers->views);
    team.act(buffers.views.observation[0], buffers.action_view());
    match.step(buffers.action_view(), buffers.views);
    EXPECT_EQ(match.last_action, training.match->last_action) << step;
    EXPECT_THAT(match.last_action, Each(step % DuelEnv::kSteps < 2 ? kUp : kDown));
  }
}

AgentConfig small_ppo() {
  AgentConfig config;
  config.ppo.num_steps = 7;  // not a multiple of an option's steps
  config.ppo.num_minibatches = 2;
  config.ppo.num_threads = 1;
  config.ppo.actor_hidden_dims = config.ppo.critic_hidden_dims = {8};
  return config;
}

TEST(HighLevelPpoTest, AResumeInTheMiddleOfOptionsGoesOnBitForBit) {
  const auto fields_of = [](HighDuel& duel, Agent& agent) {
    Fields fields = agent.state();
    std::ranges::move(duel.env->state(), std::back_inserter(fields));
    return fields;
  };
  HighDuel duel(5);
  const auto agent = make_agent(small_ppo(), duel.env->spec());
  agent->start(*duel.env);
  agent->iterate(*duel.env);
  const test::SavedFields saved = test::save(fields_of(duel, *agent));
  agent->iterate(*duel.env);
  agent->iterate(*duel.env);
  HighDuel other(5);
  const auto resumed = make_agent(small_ppo(), other.env->spec());
  test::load(saved, fields_of(other, *resumed));
  resumed->restore();
  other.env->restore();
  resumed->iterate(*other.env);
  resumed->iterate(*other.env);
  EXPECT_TRUE(test::save(fields_of(duel, *agent)) == test::save(fields_of(other, *resumed)));
}

TEST(HighLevelPpoTest, LearnsWhichDecisionWins) {
  HighDuel duel(64);
  AgentConfig config = small_ppo();
  config.ppo.num_steps = 16;
  const auto agent = make_agent(config, duel.env->spec());
  agent->start(*duel.env);
  for (int iteration = 0; iteration < 60; ++iteration) {
    agent->iterate(*duel.env);
  }
  const std::vector<float> seen{100.0F, 102.0F};
  std::vector<float> action(2);
  agent->act({seen.data(), 2, 1}, {action.data(), 2, 1});
  EXPECT_GT(action[0], 0.0F);
  EXPECT_GT(action[1], 0.0F);
}

TEST(HighLevelPpoTest, WhatCannotLearnAtTimesIsRefused) {
  const HighDuel duel(2);
  AgentConfig config = small_ppo();
  config.name = "flashsac";
  EXPECT_THROW(make_agent(config, duel.env->spec()), std::runtime_error);
  config = small_ppo();
  config.self_play.opponents = Opponents::kPopulation;
  EXPECT_THROW(make_agent(config, duel.env->spec()), std::runtime_error);
}

}  // namespace
}  // namespace fleet::agents
