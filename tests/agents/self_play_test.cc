// Tests for agents/self_play/: who plays against whom, and what a learner sees of it.

#include "agents/self_play/self_play.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agents/make_agent.h"
#include "agents/self_play/leading_columns.h"
#include "agents/self_play/sides_actor.h"
#include "envs/env_buffers.h"
#include "tests/support/constant_agent.h"
#include "tests/support/duel_env.h"
#include "tests/support/fields.h"
#include "tests/support/point_mass_env.h"

namespace fleet::agents {
namespace {

using test::ConstantAgent;
using test::DuelEnv;
using ::testing::ElementsAre;

/// An OpponentEnv over a match, with opponents that always do the same.
struct Duel {
  Duel(int num_envs, double present, const std::vector<float>& actions)
      : match(num_envs), env(match.spec(), present) {
    std::vector<const Agent*> opponents;
    for (const float action : actions) {
      opponents.push_back(agents.emplace_back(std::make_unique<ConstantAgent>(action)).get());
    }
    env.attach(match);
    env.set_opponents(opponents);
    buffers = std::make_unique<envs::EnvBuffers>(env.spec());
    env.reset(3, buffers->views);
  }
  void step(float action) {
    std::ranges::fill(buffers->action, action);
    env.step(buffers->action_view(), buffers->views);
  }

  DuelEnv match;
  OpponentEnv env;
  std::vector<std::unique_ptr<Agent>> agents;
  std::unique_ptr<envs::EnvBuffers> buffers;
};

TEST(OpponentEnvTest, TheLearnerIsTheFirstTeam) {
  Duel duel(2, 1.0, {0.25F});
  EXPECT_EQ(duel.env.spec().num_players, 2);
  EXPECT_EQ(duel.env.spec().num_rows(), 4);
  for (int row = 0; row < 4; ++row) {
    duel.buffers->action[static_cast<std::size_t>(row)] = static_cast<float>(row);
  }
  duel.env.step(duel.buffers->action_view(), duel.buffers->views);
  EXPECT_THAT(duel.match.last_action, ElementsAre(0, 1, 0.25F, 0.25F, 2, 3, 0.25F, 0.25F));
  for (int row = 0; row < 4; ++row) {
    EXPECT_EQ(duel.buffers->views.observation[0](row, 1), static_cast<float>(row % 2));
  }
}

TEST(OpponentEnvTest, TheLearnerGetsItsOwnTeamsRewardsAndFlags) {
  Duel duel(3, 1.0, {0.25F});
  for (int step = 1; step <= DuelEnv::kSteps; ++step) {
    duel.step(0.5F);
    const bool ends = step == DuelEnv::kSteps;
    EXPECT_THAT(duel.buffers->reward, ::testing::Each(ends ? 1.0F : 0.0F));
    EXPECT_THAT(duel.buffers->terminated, ::testing::Each(ends ? 1 : 0));
    EXPECT_EQ(duel.buffers->views.metrics(4, 0), ends ? 1.0F : 0.0F);  // "won"
  }
}

/// How many of the envs' opponents the match has just seen, by their action.
int count_of(const DuelEnv& match, float action) {
  int count = 0;
  for (std::size_t row = DuelEnv::kTeam; row < match.last_action.size(); row += DuelEnv::kPlayers) {
    count += match.last_action[row] == action ? 1 : 0;
  }
  return count;
}

TEST(OpponentEnvTest, AnOpponentStaysForAnEpisodeAndEachComesAsOftenAsItShould) {
  constexpr int kEnvs = 1000;
  constexpr int kGames = 20;
  Duel duel(kEnvs, 0.4, {0.1F, 0.2F, 0.3F, 0.4F});
  std::array<double, 4> share{};
  for (int game = 0; game < kGames; ++game) {
    std::vector<float> first;
    for (int step = 0; step < DuelEnv::kSteps; ++step) {
      duel.step(0.0F);
      first = step == 0 ? duel.match.last_action : first;
      EXPECT_EQ(duel.match.last_action, first);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      share[k] += count_of(duel.match, 0.1F * static_cast<float>(k + 1)) / double{kEnvs * kGames};
    }
  }
  const double tolerance = 5.0 * std::sqrt(0.25 / (kEnvs * kGames));  // five standard errors
  EXPECT_NEAR(share[0], 0.4, tolerance);
  for (std::size_t k = 1; k < 4; ++k) {
    EXPECT_NEAR(share[k], 0.2, tolerance);
  }
}

TEST(OpponentEnvTest, TheNumberOfEnvsDoesNotChangeWhoIsMet) {
  Duel few(3, 0.5, {0.1F, 0.2F, 0.3F});
  Duel many(7, 0.5, {0.1F, 0.2F, 0.3F});
  for (int step = 0; step < 10 * DuelEnv::kSteps; ++step) {
    few.step(0.0F);
    many.step(0.0F);
    EXPECT_TRUE(std::ranges::equal(
        few.match.last_action,
        std::span(many.match.last_action).first(few.match.last_action.size())));
  }
}

TEST(OpponentEnvTest, GamesAreCountedByOpponent) {
  Duel duel(100, 0.5, {-0.5F, 0.5F});
  for (int step = 0; step < DuelEnv::kSteps; ++step) {
    duel.step(0.0F);  // wins against the first, loses against the second
  }
  const std::array<GameCounts, 2> counts = duel.env.take_counts();
  EXPECT_EQ(counts[0].games + counts[1].games, 100.0);
  EXPECT_EQ(counts[0].won, counts[0].games);
  EXPECT_EQ(counts[1].lost, counts[1].games);
  EXPECT_GT(counts[0].games * counts[1].games, 0.0);
  EXPECT_EQ(duel.env.take_counts()[0].games, 0.0);
}

TEST(SidesActorTest, HomeChangesSides) {
  DuelEnv match(3);
  envs::EnvBuffers buffers(match.spec());
  match.reset(1, buffers.views);
  SidesActor actor(match.spec(), 2);
  actor.act(ConstantAgent(1.0F), ConstantAgent(2.0F), buffers.views.observation[0],
            buffers.action_view());
  EXPECT_THAT(buffers.action, ElementsAre(1, 1, 2, 2, 1, 1, 2, 2, 2, 2, 1, 1));
}

/// Acts by the last number that it sees.
class LastColumnAgent final : public test::PassiveAgent {
 public:
  void act(BatchView<const float> observation, BatchView<float> action) const override {
    for (int row = 0; row < action.num_rows(); ++row) {
      std::ranges::fill(action.row(row), observation(row, observation.num_columns() - 1));
    }
  }
};

TEST(LeadingColumnsTest, APolicyIsShownWhatItWasTrainedToSee) {
  std::vector<float> seen{1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<float> done(4);
  const LeadingColumns policy(std::make_unique<LastColumnAgent>(), 3);
  policy.act({seen.data(), 2, 4}, {done.data(), 2, 2});
  EXPECT_THAT(done, ElementsAre(3, 3, 7, 7));
}

AgentConfig config_of(Opponents opponents) {
  AgentConfig config;
  config.ppo.num_threads = 1;
  config.ppo.num_steps = 16;
  config.ppo.num_epochs = 4;
  config.ppo.num_minibatches = 2;
  config.ppo.actor_hidden_dims = {16};
  config.ppo.critic_hidden_dims = {16};
  config.self_play = {.opponents = opponents, .generation = 5, .present = 0.5};
  return config;
}

double scalar(const IterationReport& report, const std::string& tag) {
  for (const auto& [name, value] : report.scalars) {
    if (name == tag) {
      return value;
    }
  }
  throw std::out_of_range(tag);
}

class SelfPlayTest : public ::testing::TestWithParam<Opponents> {};

TEST_P(SelfPlayTest, LaterGenerationsBeatEarlierOnes) {
  DuelEnv match(64);
  const auto agent = make_agent(config_of(GetParam()), match.spec());
  agent->start(match);
  IterationReport report;
  for (int i = 0; i < 30; ++i) {
    report = agent->iterate(match);
  }
  ASSERT_EQ(agent->num_generations(), 6);
  if (GetParam() == Opponents::kPopulation) {
    EXPECT_GT(scalar(report, "SelfPlay/win_rate"), 0.9);
  }
  envs::EnvBuffers buffers(match.spec());
  SidesActor actor(match.spec());
  for (int earlier = 0; earlier < 2; ++earlier) {
    match.reset(1, buffers.views);
    for (int step = 0; step < DuelEnv::kSteps; ++step) {
      actor.act(agent->generation(5), agent->generation(earlier), buffers.views.observation[0],
                buffers.action_view());
      match.step(buffers.action_view(), buffers.views);
    }
    EXPECT_EQ(buffers.reward[0], 1.0F);
  }
}

TEST_P(SelfPlayTest, AResumedRunEqualsAnUninterruptedOne) {
  const AgentConfig config = config_of(GetParam());
  DuelEnv match(8);
  const auto whole = make_agent(config, match.spec());
  whole->start(match);
  for (int i = 0; i < 12; ++i) {
    whole->iterate(match);
  }
  const test::SavedFields agent_state = test::save(whole->state());
  const test::SavedFields match_state = test::save(match.state());
  DuelEnv other(8);
  const auto resumed = make_agent(config, other.spec());
  test::load(agent_state, resumed->sizes());
  test::load(agent_state, resumed->state());
  test::load(match_state, other.state());
  resumed->restore();
  EXPECT_EQ(resumed->num_generations(), 2);
  for (int i = 0; i < 9; ++i) {
    whole->iterate(match);
    resumed->iterate(other);
  }
  EXPECT_EQ(test::save(resumed->state()), test::save(whole->state()));
}

TEST_P(SelfPlayTest, ATaskOfOneTeamIsRefused) {
  const test::PointMassEnv env(4);
  EXPECT_THROW(make_agent(config_of(GetParam()), env.spec()), std::runtime_error);
}

INSTANTIATE_TEST_SUITE_P(Opponents, SelfPlayTest,
                         ::testing::Values(Opponents::kSelf, Opponents::kPopulation),
                         [](const auto& of) { return names_of(of.param).at(static_cast<std::size_t>(of.param)); });

}  // namespace
}  // namespace fleet::agents
