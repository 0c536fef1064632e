#include "apps/evaluation.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "envs/plain_env.h"

namespace fleet {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// What one control step of one env gives.
struct Step {
  float reward = 0.0F;
  float lin_vel_error = 0.0F, yaw_rate_error = 0.0F, fallen = 0.0F, settled = 0.0F;
  std::vector<float> command{0.0F, 0.0F, 0.0F};
  float action = 0.0F;  ///< shown before the step; the agent takes it
  bool terminated = false, truncated = false;
};

/// Of an episode that begins after an env's first one ended: nothing of it may count.
const Step kAfterwards{.reward = 1000.0F,
                       .lin_vel_error = 1000.0F,
                       .yaw_rate_error = 1000.0F,
                       .fallen = 1.0F,
                       .settled = 1.0F,
                       .action = 1000.0F};

using Script = std::vector<std::vector<Step>>;  ///< by env, by step

/// Envs that do as they are told, on a velocity task of one action and one observation.
class ScriptedEnv final : public envs::PlainEnv {
 public:
  ScriptedEnv(Script script, int max_episode_steps) : script_(std::move(script)) {
    spec_.num_envs = static_cast<int>(script_.size());
    spec_.action_dim = 1;
    spec_.max_episode_steps = max_episode_steps;
    spec_.observations = {
        {.name = "actor", .terms = {{.name = "action", .dim = 1, .unit = "1", .frame = "none"}}}};
    spec_.action_bound = {1.0F};
    spec_.metrics = {"lin_vel_error",     "yaw_rate_error",    "fallen",           "settled",
                     "command_lin_vel_x", "command_lin_vel_y", "command_ang_vel_z"};
  }

  void reset(std::uint64_t /*seed*/, const envs::StepBuffers& out) override {
    step_ = 0;
    observe(out);
  }
  void step(BatchView<const float> /*action*/, const envs::StepBuffers& out) override {
    for (int env = 0; env < spec_.num_envs; ++env) {
      const Step& now = at(env);
      const auto i = static_cast<std::size_t>(env);
      out.reward[i] = now.reward;
      out.terminated[i] = now.terminated ? 1 : 0;
      out.truncated[i] = now.truncated ? 1 : 0;
      const std::vector<float> metrics{now.lin_vel_error, now.yaw_rate_error, now.fallen,
                                       now.settled,       now.command[0],     now.command[1],
                                       now.command[2]};
      std::ranges::copy(metrics, out.metrics.row(env).begin());
    }
    ++step_;
    observe(out);
  }

 private:
  const Step& at(int env) const {
    const std::vector<Step>& steps = script_[static_cast<std::size_t>(env)];
    return step_ < steps.size() ? steps[step_] : kAfterwards;
  }
  void observe(const envs::StepBuffers& out) const {
    for (int env = 0; env < spec_.num_envs; ++env) {
      out.observation[0](env, 0) = at(env).action;
    }
  }

  Script script_;
  std::size_t step_ = 0;
};

/// Does what it is shown.
void copy_observation(BatchView<const float> observation, BatchView<float> action) {
  for (int row = 0; row < action.num_rows(); ++row) {
    action(row, 0) = observation(row, 0);
  }
}

Evaluation judge(const Script& script) {
  ScriptedEnv env(script, 3);
  return evaluate(env, copy_observation, 7);
}

/// Episodes of three control steps: env 0 stays up, env 1 falls and goes on, env 2 terminates, env
/// 3 diverges.
Script four_ends() {
  return {
      {{.reward = 1, .lin_vel_error = .1F, .yaw_rate_error = .2F, .action = .5F},
       {.reward = 2, .lin_vel_error = .3F, .yaw_rate_error = .4F, .settled = 1, .command{1, 0, 0}},
       {.reward = 3,
        .lin_vel_error = .5F,
        .yaw_rate_error = .6F,
        .settled = 1,
        .command{1, 0, 0},
        .action = 2,
        .truncated = true}},
      {{.reward = 1,
        .lin_vel_error = .2F,
        .yaw_rate_error = .1F,
        .settled = 1,
        .command{-1, 0, 0},
        .action = -3},
       {.reward = 1, .lin_vel_error = .4F, .yaw_rate_error = .3F, .fallen = 1, .command{0, 1, 0}},
       {.reward = 1, .lin_vel_error = 9, .yaw_rate_error = 9, .settled = 1, .truncated = true}},
      {{.reward = 1,
        .lin_vel_error = .6F,
        .yaw_rate_error = .5F,
        .command{0, 0, 1},
        .action = 1,
        .terminated = true}},
      {{.reward = 2,
        .lin_vel_error = .7F,
        .yaw_rate_error = 1.4F,
        .command{0, 0, -1},
        .action = kNan},
       {.lin_vel_error = kNan, .yaw_rate_error = kNan, .settled = 1, .truncated = true}},
  };
}

constexpr double kRounding = 1e-6;  // metrics and rewards are floats

TEST(EvaluationTest, ErrorsCountUpToAndIncludingTheFirstFall) {
  const Evaluation result = judge(four_ends());
  EXPECT_TRUE(result.has_errors);
  EXPECT_NEAR(result.lin_vel_error, (.1 + .3 + .5 + .2 + .4 + .6 + .7) / 7, kRounding);
  EXPECT_NEAR(result.yaw_rate_error, (.2 + .4 + .6 + .1 + .3 + .5 + 1.4) / 7, kRounding);
}

TEST(EvaluationTest, SettledErrorsCountOnlyWhereTheMetricSaysSo) {
  EXPECT_NEAR(judge(four_ends()).lin_vel_error_settled, (.3 + .5 + .2) / 3, kRounding);
}

TEST(EvaluationTest, AFallATerminationAndADivergenceAreFallsATimeOutIsNot) {
  const Evaluation result = judge(four_ends());
  EXPECT_EQ(result.num_episodes, 4);
  EXPECT_EQ(result.fall_rate, 0.75);
  EXPECT_EQ(result.fall_rate_ci95, wilson_interval(3, 4));
  for (std::size_t env = 0; env < 4; ++env) {
    EXPECT_EQ(judge({four_ends()[env]}).fall_rate, env == 0 ? 0.0 : 1.0);
  }
}

TEST(EvaluationTest, AnEpisodeCountsUpToItsFirstEnd) {
  const Evaluation result = judge(four_ends());
  EXPECT_EQ(result.return_mean, (6.0 + 3.0 + 1.0 + 2.0) / 4);
  EXPECT_NEAR(result.return_std, std::sqrt((9.0 + 0.0 + 4.0 + 1.0) / 4), kRounding);
  EXPECT_EQ(result.length_mean, (3.0 + 3.0 + 1.0 + 2.0) / 4);
}

TEST(EvaluationTest, TheClipFractionIsThatOfTheJudgedEpisodes) {
  EXPECT_NEAR(judge(four_ends()).clip_fraction, 3.0 / 9, kRounding);  // 2, -3 and NaN, of 9 steps
}

TEST(EvaluationTest, ErrorsAreGroupedByTheLargestComponentOfTheCommand) {
  struct Expected {
    const char* command;
    double share, lin_vel_error, yaw_rate_error;
  };
  const std::vector<Expected> expected{{"standing", 1. / 7, .1, .2},
                                       {"forward", 2. / 7, .4, .5},
                                       {"backward", 1. / 7, .2, .1},
                                       {"sideways", 1. / 7, .4, .3},
                                       {"turning", 2. / 7, .65, .95}};
  const std::vector<CommandErrors> found = judge(four_ends()).by_command;
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t kind = 0; kind < found.size(); ++kind) {
    EXPECT_EQ(found[kind].command, expected[kind].command);
    EXPECT_NEAR(found[kind].share, expected[kind].share, kRounding);
    EXPECT_NEAR(found[kind].lin_vel_error, expected[kind].lin_vel_error, kRounding);
    EXPECT_NEAR(found[kind].yaw_rate_error, expected[kind].yaw_rate_error, kRounding);
  }
}

TEST(EvaluationTest, TheIntervalIsWilsons) {
  const auto expect = [](int count, int total, double low, double high) {
    const auto interval = wilson_interval(count, total);
    EXPECT_NEAR(interval[0], low, 5e-5);  // of rounding to four digits
    EXPECT_NEAR(interval[1], high, 5e-5);
  };
  expect(0, 10, 0.0, 0.2775);  // z^2 / (n + z^2)
  expect(10, 10, 0.7225, 1.0);
  expect(5, 10, 0.2366, 0.7634);
  expect(19, 1024, 0.0119, 0.0288);
  expect(0, 0, 0.0, 1.0);
}

TEST(EvaluationTest, TheJsonHasItsFixedKeys) {
  const auto json = nlohmann::json::parse(to_json(judge(four_ends())));
  EXPECT_EQ(json.at("seed"), 7);
  EXPECT_EQ(json.at("fall_rate"), 0.75);
  EXPECT_EQ(json.at("fall_rate_ci95").size(), 2U);
  EXPECT_EQ(json.at("return_mean"), 3.0);
  EXPECT_NEAR(json.at("by_command").at("turning").at("yaw_rate_error"), .95, kRounding);
  for (const char* key :
       {"lin_vel_error", "lin_vel_error_settled", "yaw_rate_error", "clip_fraction"}) {
    EXPECT_TRUE(json.at(key).is_number()) << key;
  }
}

}  // namespace
}  // namespace fleet
