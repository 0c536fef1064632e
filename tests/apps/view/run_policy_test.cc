#include "apps/view/world/policy_file.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "apps/run_folder.h"
#include "apps/session.h"
#include "tests/apps/program.h"

namespace fleet::view {
namespace {

/// A copy of the folder of the policy that is shipped for go1-flat.
class PolicyFileTest : public testing::Test {
 protected:
  PolicyFileTest() {
    std::filesystem::copy(root_folder() + "/policies/go1-flat", path(),
                          std::filesystem::copy_options::recursive);
    config_ = load_run_folder(path(), {"options.backend=mujoco", "options.num_envs=1"});
    env_ = build_env(config_.env);
  }
  std::string path() const { return folder_ / "run"; }
  std::vector<float> act(const agents::Agent& agent) const {
    std::vector<float> observation(static_cast<std::size_t>(env_->spec().observations[0].dim()),
                                   0.1F);
    std::vector<float> action(static_cast<std::size_t>(env_->spec().action_dim));
    agent.act({observation.data(), 1, static_cast<int>(observation.size())},
              {action.data(), 1, static_cast<int>(action.size())});
    return action;
  }

  files::TemporaryFolder folder_;
  RunConfig config_;
  std::unique_ptr<envs::BatchEnv> env_;
};

TEST_F(PolicyFileTest, ANewerPolicyActsFromTheNextPollOn) {
  PolicyFile file(path(), config_, env_->spec());
  const std::vector<float> first = act(file.agent());
  EXPECT_FALSE(file.poll());
  const auto other = make_actor(config_, env_->spec());  // not trained at all
  files::Manifest manifest;
  manifest.iteration = 4321;
  save_policy(path(), *other, manifest);
  std::filesystem::last_write_time(
      path() + "/policy.safetensors",
      std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_TRUE(file.poll());
  EXPECT_EQ(file.iteration(), 4321);
  EXPECT_EQ(act(file.agent()), act(*other));
  EXPECT_NE(act(file.agent()), first);
  EXPECT_FALSE(file.poll());
}

TEST_F(PolicyFileTest, OneThatIsDamagedLeavesTheOldOneActing) {
  PolicyFile file(path(), config_, env_->spec());
  const std::vector<float> first = act(file.agent());
  const std::string policy = read_text(path() + "/policy.safetensors");
  write_text(path() + "/policy.safetensors", policy.substr(0, policy.size() / 2));
  std::filesystem::last_write_time(
      path() + "/policy.safetensors",
      std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_FALSE(file.poll());
  EXPECT_NE(file.problem(), "");
  EXPECT_EQ(act(file.agent()), first);
}

TEST_F(PolicyFileTest, APolicyAloneHasNoValues) {
  EXPECT_FALSE(PolicyFile(path(), config_, env_->spec()).has_value());
}

TEST_F(PolicyFileTest, ACheckpointHasValuesThatAreTheCritics) {
  const auto trained = make_session(config_).agent;
  files::Manifest manifest;
  manifest.iteration = 7;
  files::save_checkpoint(path(), manifest, trained->state());
  PolicyFile file(path(), config_, env_->spec());
  ASSERT_TRUE(file.has_value());
  std::vector<std::vector<float>> memory;
  std::vector<BatchView<float>> observation;
  for (const ObservationGroup& group : env_->spec().observations) {
    memory.emplace_back(static_cast<std::size_t>(group.dim()), 0.3F);
    observation.emplace_back(memory.back().data(), 1, group.dim());
  }
  float expected = 0.0F;
  float value = 0.0F;
  trained->value(observation, {&expected, 1});
  file.agent().value(observation, {&value, 1});
  EXPECT_EQ(value, expected);
  EXPECT_NE(value, 0.0F);
}

}  // namespace
}  // namespace fleet::view
