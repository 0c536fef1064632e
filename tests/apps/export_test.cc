// From a policy to its file and back, as a user does it.

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "apps/files/npy.h"
#include "tests/apps/program.h"

namespace fleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ExportTest, TheShippedPolicyIsExportedInspectedAndJudgedAlike) {
  const files::TemporaryFolder folder;
  const Outcome exported = run_fleet(folder.path(), "export go1-flat --threads 1");
  ASSERT_EQ(exported.code, 0) << exported.error;
  EXPECT_THAT(exported.out, HasSubstr("48 observations to 12 actions"));
  EXPECT_THAT(exported.out, HasSubstr("ONNX Runtime 1.32.0"));
  EXPECT_THAT(folder.names(),
              ElementsAre("policy.golden.npz", "policy.json", "policy.onnx", "policy.yaml"));
  const auto golden = files::load_npz(folder / "policy.golden.npz");
  EXPECT_GE(golden.at("obs").shape[0], 200);
  EXPECT_EQ(golden.at("obs").shape[1], 48);

  const Outcome inspected = run_fleet(folder.path(), "inspect policy.onnx");
  ASSERT_EQ(inspected.code, 0) << inspected.error;
  EXPECT_THAT(inspected.out, HasSubstr("Fleet's, complete"));
  EXPECT_THAT(inspected.out, HasSubstr("FR_calf_joint"));
  const Outcome json = run_fleet(folder.path(), "inspect policy.onnx --json");
  EXPECT_EQ(json.out, read_text(folder / "policy.json"));
  const auto contract = nlohmann::json::parse(json.out);
  EXPECT_EQ(contract["stiffness"][0], 15.89524265323492);
  EXPECT_EQ(contract["hard_lower"][0], -0.863);     // FR_hip_joint, as in go1.xml
  EXPECT_EQ(contract["velocity_limit"][2], 20.06);  // FR_calf_joint
  EXPECT_THAT(inspected.out, HasSubstr("    20.06"));
  EXPECT_THAT(json.out, Not(HasSubstr(FLEET_SOURCE_DIR)));  // no folder of who exported it

  const std::string judge = " --episodes 4 --threads 1 --seed 3 --json -";
  const Outcome file = run_fleet(folder.path(), "eval policy.onnx --task go1-flat" + judge);
  ASSERT_EQ(file.code, 0) << file.error;
  EXPECT_EQ(file.error, "");
  const Outcome run = run_fleet(folder.path(), "eval go1-flat" + judge);
  const double of_file = nlohmann::json::parse(file.out)["return_mean"];
  const double of_run = nlohmann::json::parse(run.out)["return_mean"];
  EXPECT_NEAR(of_file, of_run, 0.02 * of_run);  // rounding differs, and robots fall chaotically
}

TEST(ExportTest, EveryAgentAndTaskCanBeExported) {
  for (const char* train : {"train gym/Hopper --agent sac flashsac.buffer_size=200 "
                            "flashsac.min_buffer=20 flashsac.num_steps=10 flashsac.batch_size=8",
                            "train volley/hover --agent flashsac volley.drone.interface=body_rate "
                            "flashsac.buffer_size=200 "
                            "flashsac.min_buffer=20 flashsac.num_steps=10 flashsac.batch_size=8",
                            "train volley/1v1 ppo.num_steps=4 ppo.num_minibatches=1"}) {
    const files::TemporaryFolder folder;
    const Outcome trained = run_fleet(folder.path(), std::string(train) +
                                                         " --num-envs 4 --threads 1 --steps 40 "
                                                         "--out run train.evaluate=false");
    ASSERT_EQ(trained.code, 0) << train << trained.error;
    const Outcome exported = run_fleet(folder.path(), "export run --threads 1");
    EXPECT_EQ(exported.code, 0) << train << exported.error;
    EXPECT_EQ(run_fleet(folder.path(), "inspect policy.onnx").code, 0);
    const Outcome judged = run_fleet(folder.path(), "eval policy.onnx --episodes 2 --threads 1");
    EXPECT_EQ(judged.code, 0) << train << judged.error;
    EXPECT_EQ(judged.error, "");  // the contract is the task's
  }
}

TEST(ExportTest, ATrainingEndsWithItsExport) {
  const files::TemporaryFolder folder;
  const Outcome trained =
      run_fleet(folder.path(),
                "train gym/Hopper --num-envs 4 --threads 1 --steps 32 --out run "
                "ppo.num_steps=8 ppo.num_minibatches=1");
  ASSERT_EQ(trained.code, 0) << trained.error;
  const Outcome json = run_fleet(folder.path(), "inspect run/policy.onnx --json");
  const auto provenance = nlohmann::json::parse(json.out)["provenance"];
  EXPECT_EQ(provenance["judged_on"], "gym/Hopper");
  EXPECT_EQ(provenance["figures"]["episodes"], 100);
}

/// What a program is linked to, by ldd.
std::string libraries_of(const std::string& program) {
  const files::TemporaryFolder folder;
  const std::string command = "ldd '" + program + "' > '" + folder / "out" + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return read_text(folder / "out");
}

TEST(DeployTest, LinksNoLibTorch) {
  const std::string libraries = libraries_of(DEPLOY_PROGRAM);
  EXPECT_THAT(libraries, HasSubstr("libmujoco"));
  EXPECT_THAT(libraries, Not(HasSubstr("torch")));
  EXPECT_THAT(libraries, Not(HasSubstr("libc10")));
}

TEST(DeployTest, WalksTheExportedPolicyInPlainMuJoCo) {
  const files::TemporaryFolder folder;
  ASSERT_EQ(run_fleet(folder.path(), "export go1-flat --threads 1").code, 0);
  const Outcome outcome =
      run_program(DEPLOY_PROGRAM, folder.path(),
                  "policy.onnx --scenario nominal --episodes 1 --seconds 4 --command 0.5,0,0 "
                  "--json figures.json");
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("latency"));
  const auto figures = nlohmann::json::parse(read_text(folder / "figures.json"));
  EXPECT_EQ(figures["closed_loop"][0]["falls"], 0);
  EXPECT_LT(figures["closed_loop"][0]["lin_vel_error"], 0.25);  // standing still: .5
  EXPECT_GT(figures["latency"]["policy"]["p99_us"], 0.0);
}

TEST(DeployTest, WhatCannotRunIsRefused) {
  const files::TemporaryFolder folder;
  write_text(folder / "broken.onnx", "onnx");
  const std::string foreign = FLEET_SOURCE_DIR "/tests/apps/onnx/golden/mjlab.onnx";
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"missing.onnx", "missing.onnx"},
      {"broken.onnx", "is no ONNX file"},
      {foreign, "no contract of Fleet's"},
      {"", "policy is required"},
      {"broken.onnx --scenario storm", "no scenario is called 'storm'"},
      {"broken.onnx --episodes 0", "'0' is no whole number"},
  };
  for (const auto& [arguments, reason] : mistakes) {
    const Outcome outcome = run_program(DEPLOY_PROGRAM, folder.path(), arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
    EXPECT_THAT(outcome.error, HasSubstr(reason));
  }
}

TEST(InspectTest, AFileOfMjlabsExporterIsPrintedAndJudged) {
  const files::TemporaryFolder folder;
  const std::string foreign = FLEET_SOURCE_DIR "/tests/apps/onnx/golden/mjlab.onnx";
  const Outcome outcome = run_fleet(folder.path(), "inspect " + foreign);
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("mjlab's keys"));
  EXPECT_THAT(outcome.out, HasSubstr("RL_calf_joint"));
  EXPECT_EQ(run_fleet(folder.path(), "inspect missing.onnx").code, 2);
  EXPECT_EQ(run_fleet(folder.path(), "eval " + foreign).code, 2);  // it names no task
  const Outcome judged = run_fleet(
      folder.path(), "eval " + foreign + " --task go1-flat --episodes 2 --threads 1 --json -");
  ASSERT_EQ(judged.code, 0) << judged.error;
  EXPECT_EQ(judged.error, "");  // what it tells of its contract is the task's, but for rounding
  EXPECT_EQ(nlohmann::json::parse(judged.out)["fall_rate"], 1.0);  // its weights are random
  const Outcome unfit = run_fleet(folder.path(), "eval " + foreign + " --task g1-flat");
  EXPECT_EQ(unfit.code, 2);
  EXPECT_THAT(unfit.error, HasSubstr("cannot act in g1-flat"));
}

}  // namespace
}  // namespace fleet
