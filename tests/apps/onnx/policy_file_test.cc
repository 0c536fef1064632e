#include "apps/onnx/policy_file.h"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/config/config_node.h"
#include "apps/files/file_error.h"
#include "apps/files/npy.h"
#include "apps/onnx/deploy_yaml.h"
#include "apps/onnx/mjlab_metadata.h"
#include "cuda/graph_evaluator.h"
#include "tests/apps/onnx/policy_for_tests.h"

namespace fleet::onnx_files {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string golden(const std::string& name) {
  return std::string(FLEET_SOURCE_DIR) + "/tests/apps/onnx/golden/" + name;
}

TEST(PolicyFileTest, GraphAndRecordComeBack) {
  const PolicyFile policy = parse_policy(small_policy(), "small");
  EXPECT_TRUE(policy.is_ours);
  EXPECT_EQ(policy.onnx.opset, 17);
  EXPECT_EQ(policy.onnx.producer, "fleet");
  EXPECT_EQ(policy.onnx.batch, 0);
  EXPECT_EQ(record_text(*policy.record), record_text(small_record()));
  const PolicyGraph expected = small_graph();
  const PolicyGraph& graph = policy.onnx.graph;
  ASSERT_EQ(graph.nodes.size(), expected.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    EXPECT_EQ(graph.nodes[i].op, expected.nodes[i].op);
    EXPECT_EQ(graph.nodes[i].inputs, expected.nodes[i].inputs);
    EXPECT_EQ(graph.nodes[i].attributes, expected.nodes[i].attributes);
  }
  ASSERT_EQ(graph.constants.size(), 2U);
  EXPECT_EQ(graph.constants[0].values, expected.constants[0].values);
}

TEST(PolicyFileTest, TheRecordKeepsEveryDigit) {
  const PolicyContract read = parse_record(record_text(small_record()), "record").contract;
  const PolicyContract written = small_record().contract;
  EXPECT_EQ(read.action_scale, written.action_scale);
  EXPECT_EQ(read.stiffness, written.stiffness);
  EXPECT_EQ(read.action_bound, written.action_bound);  // infinity among them
  EXPECT_EQ(read.armature, written.armature);
  EXPECT_EQ(read.hard_lower, written.hard_lower);  // minus infinity among them
  EXPECT_EQ(read.hard_upper, written.hard_upper);
  EXPECT_EQ(read.velocity_limit, written.velocity_limit);
}

TEST(PolicyFileTest, MjlabsKeysTellWhatTheyCan) {
  const Metadata metadata = mjlab_metadata(small_record());
  EXPECT_EQ(metadata.at("joint_names"), "left_hip,right_hip");
  EXPECT_EQ(metadata.at("joint_stiffness"), "15.89524265323492,35.76429596977857");
  EXPECT_EQ(metadata.at("observation_names"), "projected_gravity,joint_pos,actions");
  EXPECT_EQ(metadata.at("observation_terms_scale"), "1,1,0.25");
  const std::optional<PolicyRecord> read = read_mjlab_metadata(metadata, "metadata");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->contract.damping, small_record().contract.damping);
  EXPECT_EQ(read->contract.action_offset, small_record().contract.action_offset);
  EXPECT_EQ(read->observation_dim(), 7);
  EXPECT_FALSE(read_mjlab_metadata({}, "metadata"));
}

/// Written by mjlab 1.6's own runner for its Go1 task (golden.py), weights drawn at random: opset
/// 18, one row, three decimals, a normaliser that divides. The actions are rsl_rl's in double.
TEST(PolicyFileTest, AFileOfMjlabsOwnExporterIsReadAndRun) {
  const PolicyFile policy = load_policy_file(golden("mjlab.onnx"));
  EXPECT_FALSE(policy.is_ours);
  EXPECT_EQ(policy.onnx.opset, 18);
  EXPECT_EQ(policy.onnx.batch, 1);
  ASSERT_TRUE(policy.record);
  const PolicyContract& contract = policy.record->contract;
  ASSERT_EQ(contract.action_names.size(), 12U);
  EXPECT_EQ(contract.action_names[4], "FL_thigh_joint");
  EXPECT_EQ(contract.stiffness[5], 35.764);
  EXPECT_EQ(contract.action_scale[5], 0.249);
  EXPECT_EQ(contract.action_offset[3], -0.1);
  EXPECT_TRUE(std::isinf(contract.action_bound[0]));
  EXPECT_EQ(policy.record->observation_dim(), 48);
  auto recorded = files::load_npz(golden("mjlab.npz"));
  const std::vector<float> observation = recorded.at("obs").values<float>();
  const std::vector<double> expected = recorded.at("actions").values<double>();
  const int rows = static_cast<int>(recorded.at("obs").shape[0]);
  std::vector<float> action(expected.size(), NAN);
  kernels::GraphEvaluator evaluator(policy.onnx.graph);
  evaluator.evaluate(BatchView<const float>(observation.data(), rows, evaluator.input_dim()),
                     BatchView<float>(action.data(), rows, evaluator.output_dim()));
  for (std::size_t i = 0; i < action.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(action[i]), expected[i], 2e-6) << i;  // sums of 48 floats
  }
}

TEST(PolicyFileTest, ScalesAndHistoriesOfMjlabsTermsAreRead) {
  Metadata metadata = mjlab_metadata(small_record());
  metadata["observation_terms_scale"] = "1.000,0.050;0.050,1.000";
  metadata["observation_terms_history_length"] = "0.000,3.000,0.000";
  const PolicyRecord read = read_mjlab_metadata(metadata, "metadata").value();
  EXPECT_EQ(read.observation[1].scale, 0.05);
  EXPECT_EQ(read.observation[1].dim, 6);
  EXPECT_EQ(read.observation_dim(), 11);
  for (const char* key : {"scale", "history_length", "clip"}) {  // as mjlab 1.0 writes it
    metadata.erase(std::string("observation_terms_") + key);
  }
  EXPECT_EQ(read_mjlab_metadata(metadata, "metadata")->observation[1].scale, 1.0);
}

TEST(PolicyFileTest, DeployYamlHasTheControllersLayout) {
  const std::string yaml = deploy_yaml(small_record());
  const config::Node root = config::parse_yaml(yaml, "deploy.yaml");
  EXPECT_EQ(root.find("step_dt")->scalar, "0.02");
  EXPECT_EQ(root.find("joint_ids_map")->items.size(), 2U);
  EXPECT_EQ(root.find("stiffness")->items[1].scalar, "35.76429596977857");
  const config::Node* action = root.find("actions")->find("JointPositionAction");
  ASSERT_NE(action, nullptr);
  EXPECT_EQ(action->find("offset")->items[0].scalar, "-0.5");
  EXPECT_EQ(action->find("clip")->kind, config::Node::Kind::kNull);  // as trained
  const config::Node* ranges = root.find("commands")->find("base_velocity")->find("ranges");
  EXPECT_EQ(ranges->find("ang_vel_z")->items[1].scalar, "0.5");
  std::vector<std::string> names;
  for (const auto& [name, term] : root.find("observations")->entries) {
    names.push_back(name);
    EXPECT_EQ(term.find("history_length")->scalar, "1");
  }
  EXPECT_THAT(names, ElementsAre("projected_gravity", "joint_pos_rel", "last_action"));
}

TEST(PolicyFileTest, ARecordOfAnotherGraphIsRefused) {
  PolicyGraph graph = small_graph();
  graph.input_dim = 6;
  graph.constants[0].shape = {2, 6};
  graph.constants[0].values.resize(12);
  const std::string bytes = onnx_bytes(make_policy_file(graph, small_record()));
  try {
    parse_policy(bytes, "small");
    ADD_FAILURE() << "was accepted";
  } catch (const files::FileError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the observation has 6 numbers; the metadata tells of 7"));
  }
}

}  // namespace
}  // namespace fleet::onnx_files
