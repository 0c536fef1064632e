#include "apps/view/world/run_policy.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/run_folder.h"
#include "apps/session.h"
#include "tests/apps/program.h"

namespace fleet::view {
namespace {

/// A copy of the folder of the policy that is shipped for go1-flat.
class RunPolicyTest : public testing::Test {
 protected:
  RunPolicyTest() {
    std::filesystem::copy(root_folder() + "/policies/go1-flat", path(),
                          std::filesystem::copy_options::recursive);
    config_ = load_run_folder(path(), {"options.backend=mujoco", "options.num_envs=1"});
    env_ = build_env(config_.env);
  }
  std::string path() const { return folder_ / "run"; }
  /// @param actor an agent, or a policy of the visualizer
  std::vector<float> act(const auto& actor) const {
    std::vector<float> observation(static_cast<std::size_t>(env_->spec().observations[0].dim()),
                                   0.1F);
    std::vector<float> action(static_cast<std::size_t>(env_->spec().action_dim));
    actor.act({observation.data(), 1, static_cast<int>(observation.size())},
              {action.data(), 1, static_cast<int>(action.size())});
    return action;
  }

  files::TemporaryFolder folder_;
  RunConfig config_;
  std::unique_ptr<envs::BatchEnv> env_;
};

TEST_F(RunPolicyTest, ANewerPolicyActsFromTheNextPollOn) {
  RunPolicy policy(path(), config_, env_->spec());
  const std::vector<float> first = act(policy);
  EXPECT_FALSE(policy.poll());
  const auto other = make_actor(config_, env_->spec());  // not trained at all
  files::Manifest manifest;
  manifest.iteration = 4321;
  save_policy(path(), *other, manifest);
  std::filesystem::last_write_time(
      path() + "/policy.safetensors",
      std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_TRUE(policy.poll());
  EXPECT_THAT(policy.origin(), testing::HasSubstr("of iteration 4321"));
  EXPECT_EQ(act(policy), act(*other));
  EXPECT_NE(act(policy), first);
  EXPECT_FALSE(policy.poll());
}

TEST_F(RunPolicyTest, OneThatIsDamagedLeavesTheOldOneActing) {
  RunPolicy policy(path(), config_, env_->spec());
  const std::vector<float> first = act(policy);
  const std::string text = read_text(path() + "/policy.safetensors");
  write_text(path() + "/policy.safetensors", text.substr(0, text.size() / 2));
  std::filesystem::last_write_time(
      path() + "/policy.safetensors",
      std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_FALSE(policy.poll());
  EXPECT_NE(policy.problem(), "");
  EXPECT_EQ(act(policy), first);
}

TEST_F(RunPolicyTest, APolicyAloneHasNoValuesAndSaysSo) {
  const RunPolicy policy(path(), config_, env_->spec());
  EXPECT_FALSE(policy.has_value());
  EXPECT_THAT(policy.no_value(), testing::HasSubstr("policy.safetensors holds no critic"));
}

/// What the agent of a checkpoint itself expects, of every kind that has a critic.
class CriticTest : public RunPolicyTest, public testing::WithParamInterface<const char*> {};

TEST_P(CriticTest, ACheckpointHasValuesThatAreTheCritics) {
  RunConfig config = load_run_config(
      "go1-flat", {.preset = GetParam(), .assignments = {"options.backend=mujoco"}});
  config.env.options.num_envs = 3;  // not as many as are shown
  const auto trained = make_actor(config, build_env(config.env)->spec());
  files::Manifest manifest;
  manifest.iteration = 7;
  files::save_checkpoint(path(), manifest, trained->state());
  std::filesystem::remove(path() + "/policy.safetensors");
  RunPolicy policy(path(), config, env_->spec());
  ASSERT_EQ(policy.no_value(), "");
  std::vector<std::vector<float>> memory;
  std::vector<BatchView<float>> observation;
  for (const ObservationGroup& group : env_->spec().observations) {
    memory.emplace_back(static_cast<std::size_t>(group.dim()), 0.3F);
    observation.emplace_back(memory.back().data(), 1, group.dim());
  }
  float expected = 0.0F;
  float value = 0.0F;
  trained->value(observation, {&expected, 1});
  policy.value(observation, {&value, 1});
  EXPECT_EQ(value, expected);
  EXPECT_NE(value, 0.0F);
}
INSTANTIATE_TEST_SUITE_P(Agents, CriticTest, testing::Values("ppo", "flashsac-cpu", "sac"));

}  // namespace
}  // namespace fleet::view
