#include "apps/view/world/onnx_policy.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/user_error.h"
#include "tests/apps/program.h"

namespace fleet::view {
namespace {

using testing::HasSubstr;

/// The policy that is shipped for go1-flat, as a file.
class OnnxPolicyTest : public testing::Test {
 protected:
  OnnxPolicyTest() {
    const std::string run = root_folder() + "/policies/go1-flat";
    config_ = load_run_folder(run, {"options.backend=mujoco", "options.num_envs=1"});
    env_ = build_env(config_.env);
    agent_ = make_actor(config_, env_->spec());
    load_policy(run, *agent_);
    record_.contract = env_->spec().contract;
    record_.observation = env_->spec().observations[0].terms;
    record_.action_delay = config_.env.options.action_delay;
    record_.observation_delay = config_.env.options.observation_delay;
    record_.provenance.task = "go1-flat";
    record_.provenance.algorithm = "ppo";
    save(onnx_files::make_policy_file(agent_->graph(), record_));
  }

  void save(const onnx_files::OnnxFile& contents) const {
    write_text(path(), onnx_files::onnx_bytes(contents));
  }
  /// Another policy, of the same sizes, a moment later.
  void replace(const onnx_files::OnnxFile& contents) const {
    save(contents);
    std::filesystem::last_write_time(
        path(), std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
  }
  std::string path() const { return folder_ / "policy.onnx"; }
  OnnxPolicy open(const std::string& task = "") const {
    return OnnxPolicy(load_file_policy(path(), task), config_.env.options, env_->spec());
  }
  std::vector<float> act(const auto& actor) const {
    std::vector<float> observation(static_cast<std::size_t>(env_->spec().observations[0].dim()),
                                   0.1F);
    std::vector<float> action(static_cast<std::size_t>(env_->spec().action_dim));
    actor.act({observation.data(), 1, static_cast<int>(observation.size())},
              {action.data(), 1, static_cast<int>(action.size())});
    return action;
  }
  std::string refusal(const std::string& task = "") const {
    try {
      open(task);
      return "was accepted";
    } catch (const UserError& error) {
      return error.what();
    }
  }

  files::TemporaryFolder folder_;
  RunConfig config_;
  std::unique_ptr<envs::BatchEnv> env_;
  std::unique_ptr<agents::Agent> agent_;
  onnx_files::PolicyRecord record_;
};

TEST_F(OnnxPolicyTest, ActsAsTheNetworkThatWasExported) {
  const OnnxPolicy policy = open();
  const std::vector<float> expected = act(*agent_);
  const std::vector<float> action = act(policy);
  for (std::size_t j = 0; j < action.size(); ++j) {
    EXPECT_NEAR(action[j], expected[j], 1e-5);
  }
  EXPECT_EQ(policy.origin(), "ppo of go1-flat");
}

TEST_F(OnnxPolicyTest, HasNoValuesAndSaysSo) {
  EXPECT_FALSE(open().has_value());
  EXPECT_EQ(open().no_value(), "an .onnx file holds no critic");
}

TEST_F(OnnxPolicyTest, MjlabsKeysNeedATask) {
  onnx_files::OnnxFile contents = onnx_files::make_policy_file(agent_->graph(), record_);
  contents.metadata.erase(onnx_files::kRecordKey);
  contents.producer = "pytorch\n";
  save(contents);
  EXPECT_THAT(refusal(), HasSubstr("name one by --task"));
  EXPECT_EQ(open("go1-flat").origin(), "of pytorch?");
}

TEST_F(OnnxPolicyTest, APolicyOfAnotherRobotIsRefused) {
  record_.contract.action_names[3] = "tail";
  save(onnx_files::make_policy_file(agent_->graph(), record_));
  EXPECT_THAT(refusal(), HasSubstr("cannot act in go1-flat: action 3 is FL_hip_joint instead of "
                                   "tail"));
}

TEST_F(OnnxPolicyTest, ANewerFileActsFromTheNextPollOnAndADamagedOneNever) {
  OnnxPolicy policy = open();
  const std::vector<float> first = act(policy);
  EXPECT_FALSE(policy.poll());
  const auto other = make_actor(config_, env_->spec());  // not trained at all
  replace(onnx_files::make_policy_file(other->graph(), record_));
  EXPECT_TRUE(policy.poll());
  const std::vector<float> second = act(policy);
  EXPECT_NE(second, first);
  const std::string bytes = read_text(path());
  write_text(path(), bytes.substr(0, bytes.size() / 2));
  std::filesystem::last_write_time(
      path(), std::filesystem::file_time_type::clock::now() + std::chrono::seconds(10));
  EXPECT_FALSE(policy.poll());
  EXPECT_THAT(policy.problem(), HasSubstr("policy.onnx"));
  EXPECT_EQ(act(policy), second);
}

/// Whether the robot's own velocity is observed is the file's to say.
TEST_F(OnnxPolicyTest, TheTaskTakesTheFilesShape) {
  envs::EnvConfig config;
  config.velocity.observe_base_lin_vel = false;
  shape_task(load_file_policy(path(), ""), config);
  EXPECT_TRUE(config.velocity.observe_base_lin_vel);
  EXPECT_EQ(config.velocity.action_bound, record_.contract.action_bound[0]);
  std::erase_if(record_.observation, [](const auto& term) { return term.name == "base_lin_vel"; });
  record_.observation[0].dim += 3;
  save(onnx_files::make_policy_file(agent_->graph(), record_));
  shape_task(load_file_policy(path(), ""), config);
  EXPECT_FALSE(config.velocity.observe_base_lin_vel);
}

}  // namespace
}  // namespace fleet::view
