// The program as a user meets it: what each subcommand prints and leaves behind.

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "apps/files/npy.h"
#include "tests/apps/program.h"

namespace fleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kSteps = 5;
constexpr int kEnvs = 3;

void save_actions(const std::string& path) {
  std::vector<float> actions(kSteps * kEnvs * 6);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    actions[i] = static_cast<float>(std::sin(static_cast<double>(i)));
  }
  files::save_npy(path, make_field("actions", {kSteps, kEnvs, 6}, actions.data()));
}

TEST(CliTest, HelpAndVersionAreNoMistakes) {
  const files::TemporaryFolder folder;
  const Outcome help = run_fleet(folder.path(), "--help");
  EXPECT_EQ(help.code, 0);
  for (const char* name : {"train", "eval", "play", "rollout", "bench", "tasks", "doctor"}) {
    EXPECT_THAT(help.out, HasSubstr(name));
  }
  EXPECT_EQ(run_fleet(folder.path(), "--version").code, 0);
  EXPECT_EQ(run_fleet(folder.path(), "bench sim --help").code, 0);
  const Outcome train = run_fleet(folder.path(), "train --help");
  EXPECT_THAT(train.out, HasSubstr("Of all random numbers; default 1"));
  EXPECT_THAT(train.out, HasSubstr("Where to learn: cpu"));
  EXPECT_TRUE(folder.names().empty());
}

TEST(CliTest, TasksAreListed) {
  const files::TemporaryFolder folder;
  const Outcome outcome = run_fleet(folder.path(), "tasks");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("go1-flat "));
  EXPECT_THAT(outcome.out, HasSubstr("gym/HalfCheetah "));
  EXPECT_THAT(outcome.out, HasSubstr("playground/Go1JoystickFlatTerrain "));
}

TEST(CliTest, AResultThatCannotBePrintedIsAFailure) {
  const files::TemporaryFolder folder;
  for (const char* arguments :
       {"tasks", "--help", "eval go1-flat --episodes 1 --threads 1 --json -"}) {
    const Outcome outcome = run_fleet(folder.path(), arguments, "/dev/full");
    EXPECT_EQ(outcome.code, 1) << arguments;
    EXPECT_EQ(outcome.error, "fleet: stdout: cannot be written\n") << arguments;
  }
}

TEST(CliTest, DoctorCompilesEveryTask) {
  const files::TemporaryFolder folder;
  const Outcome outcome = run_fleet(folder.path(), "doctor");
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("This machine can train."));
  EXPECT_THAT(outcome.out, HasSubstr("g1-flat"));
}

TEST(CliTest, ARunIsTrainedJudgedPlayedAndResumed) {
  const files::TemporaryFolder folder;
  const std::string train =
      "train gym/HalfCheetah --num-envs 4 --threads 1 --steps 32 --out run "
      "ppo.num_steps=4 ppo.num_minibatches=1 train.evaluate=false";
  const Outcome trained = run_fleet(folder.path(), train);
  ASSERT_EQ(trained.code, 0) << trained.error;
  EXPECT_THAT(trained.out, HasSubstr("(seed 1): 4 envs on mujoco (1 thread), "));
  EXPECT_TRUE(std::filesystem::exists(folder / "run/policy.safetensors"));
  const Outcome judged = run_fleet(folder.path(), "eval run --episodes 2 --threads 1 --json -");
  ASSERT_EQ(judged.code, 0) << judged.error;
  EXPECT_EQ(nlohmann::json::parse(judged.out).at("episodes"), 2);
  const Outcome played = run_fleet(folder.path(), "play run --steps 25");
  EXPECT_EQ(played.code, 0) << played.error;
  EXPECT_THAT(played.out, HasSubstr("1.00 s"));
  EXPECT_EQ(run_fleet(folder.path(), "train --resume run --steps 64").code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder / "run/model_4.json"));
}

TEST(CliTest, AnotherControlContractIsTold) {
  const files::TemporaryFolder folder;
  const std::string train =
      "train go1-flat --num-envs 4 --threads 1 --steps 16 ppo.num_steps=4 ppo.num_minibatches=1 "
      "train.evaluate=false train.evaluate_on=go1-fast options.action_delay=[0,1] --out ";
  const Outcome same = run_fleet(folder.path(), train + "same options.action_delay=[0,0]");
  EXPECT_EQ(same.error, "");
  const std::string told =
      "fleet: warning: the policy is judged under another control contract than it trained under: "
      "control_period, action_delay\n";
  const Outcome trained = run_fleet(folder.path(), train + "run velocity.physics.substeps=2");
  ASSERT_EQ(trained.code, 0) << trained.error;
  EXPECT_EQ(trained.error, told);
  const Outcome judged = run_fleet(folder.path(), "eval run --episodes 1 --task go1-flat");
  EXPECT_EQ(judged.code, 0);
  EXPECT_EQ(judged.error, told);
}

TEST(CliTest, ATrainingTellsItsSettings) {
  const files::TemporaryFolder folder;
  const std::string options =
      " --num-envs 4 --threads 1 --steps 16 ppo.num_steps=4 ppo.num_minibatches=1 "
      "train.evaluate=false --out ";
  const Outcome velocity = run_fleet(folder.path(),
                                     "train go1-flat velocity.curriculum.steps=4 "
                                     "velocity.curriculum.push_scale=0.25" +
                                         options + "a");
  ASSERT_EQ(velocity.code, 0) << velocity.error;
  for (const char* line :
       {"Physics: 4 steps of 0.005 s per control step, implicitfast, Newton with at most 10 "
        "iterations (20 along a line), tolerance 1e-06, elliptic cone, impratio 10\n",
        "  from control step 120000   x -1.5 to 2 m/s, y -1 to 1 m/s, turn -0.7 to 0.7 rad/s\n",
        "Pushes: after 1 to 3 s, up to 0.5, 0.5, 0.4 m/s, 0.52, 0.52, 0.78 rad/s\n",
        "Training curriculum: over 4 control steps penalty_scale 0.1 to 1, linear_variance 1 to "
        "0.25, push_scale 0.25 to 1, air_time 1 to 0\n",
        "Learner: PPO, actor [128, 128, 128] and critic [128, 128, 128] (elu); 4 steps, 8 "
        "epochs"}) {
    EXPECT_THAT(velocity.out, HasSubstr(line));
  }
  const Outcome gym = run_fleet(
      folder.path(),
      "train gym/Hopper --agent flashsac-cpu" +
          std::string(" --num-envs 4 --threads 1 --steps 16 train.evaluate=false --out b"));
  EXPECT_THAT(gym.out, HasSubstr("Learner: FlashSAC, "));
  EXPECT_THAT(gym.out, testing::Not(HasSubstr("Pushes")));
}

TEST(CliTest, ASolverThatLanesHasNotIsTold) {
  const files::TemporaryFolder folder;
  const std::string bench = " --num-envs 2 --steps 1 --threads 1,2 --backend ";
  for (const std::string& options :
       {std::string("play gym/Humanoid --agent zero --steps 1 --backend "),
        "bench env gym/Humanoid" + bench, "bench sim gym/Humanoid" + bench}) {
    EXPECT_EQ(run_fleet(folder.path(), options + "lanes").error,
              "fleet: on lanes: solver PGS: the engine solves with Newton\n");
    EXPECT_EQ(run_fleet(folder.path(), options + "mujoco").error, "");
  }
  const Outcome newton =
      run_fleet(folder.path(), "play gym/HalfCheetah --agent zero --steps 1 --backend lanes");
  EXPECT_EQ(newton.error, "");
}

TEST(CliTest, AFixedCommandIsKept) {
  const files::TemporaryFolder folder;
  const Outcome outcome =
      run_fleet(folder.path(), "play go1-flat --agent zero --steps 50 --command -0.5,0,0.25");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("-0.50  +0.00  +0.25"));
}

TEST(CliTest, PicturesAreDrawnWhereThereIsOpenGl) {
  const files::TemporaryFolder folder;
  const Outcome outcome =
      run_fleet(folder.path(), "play go1-flat --agent zero --steps 8 --png a.png");
  if (outcome.error.find("no picture can be drawn here") != std::string::npos) {
    GTEST_SKIP() << outcome.error;
  }
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  const std::string png = read_text(folder / "a.png");
  EXPECT_EQ(png.substr(1, 3), "PNG");
  EXPECT_GT(png.size(), 100'000U);  // a picture of one colour would have a few thousand bytes
}

TEST(CliTest, ARolloutIsRepeatable) {
  const files::TemporaryFolder folder;
  save_actions(folder / "actions.npy");
  const std::string rollout = "rollout gym/HalfCheetah --actions actions.npy --seed 3 ";
  ASSERT_EQ(run_fleet(folder.path(), rollout + "--threads 1 --out a.npz").code, 0);
  ASSERT_EQ(run_fleet(folder.path(), rollout + "--threads 3 --out b.npz").code, 0);
  EXPECT_EQ(read_text(folder / "a.npz"), read_text(folder / "b.npz"));
}

TEST(CliTest, DoublePrecisionTakesActionsUnrounded) {
  const files::TemporaryFolder folder;
  std::vector<double> exact(kSteps * kEnvs * 6, 0.1);
  std::vector<double> rounded(exact.size(), double{0.1F});
  const auto save = [&](const std::string& name, std::vector<double>& actions) {
    files::save_npy(folder / name, make_field("actions", {kSteps, kEnvs, 6}, actions.data()));
  };
  save("exact.npy", exact);
  save("rounded.npy", rounded);
  const auto qvel_of = [&](const std::string& actions, const std::string& precision) {
    const Outcome outcome =
        run_fleet(folder.path(), "rollout gym/HalfCheetah --actions " + actions +
                                     " --out out.npz --precision " + precision);
    EXPECT_EQ(outcome.code, 0) << outcome.error;
    return files::load_npz(folder / "out.npz").at("qvel").values<double>();
  };
  EXPECT_NE(qvel_of("exact.npy", "double"), qvel_of("rounded.npy", "double"));
  EXPECT_EQ(qvel_of("exact.npy", "float"), qvel_of("rounded.npy", "float"));
  EXPECT_EQ(qvel_of("rounded.npy", "double"), qvel_of("rounded.npy", "float"));
}

TEST(CliTest, ARolloutWritesWhatStepsCompute) {
  const files::TemporaryFolder folder;
  save_actions(folder / "actions.npy");
  const Outcome outcome =
      run_fleet(folder.path(),
                "rollout gym/HalfCheetah --actions actions.npy --out out.npz --precision double");
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  auto arrays = files::load_npz(folder / "out.npz");
  EXPECT_THAT(arrays.at("observation/actor").shape, ElementsAre(kSteps, kEnvs, 17));
  EXPECT_THAT(arrays.at("reward").shape, ElementsAre(kSteps, kEnvs));
  EXPECT_THAT(arrays.at("qpos").shape, ElementsAre(kSteps, kEnvs, 9));
  EXPECT_THAT(arrays.at("terminated").shape, ElementsAre(kSteps, kEnvs));
  EXPECT_EQ(arrays.at("observation/actor").dtype, DType::kF64);
  const auto terms = arrays.at("reward_terms").values<double>();
  const auto reward = arrays.at("reward").values<double>();
  const std::size_t num_terms = terms.size() / reward.size();
  for (std::size_t i = 0; i < reward.size(); ++i) {
    double sum = 0.0;
    for (std::size_t term = 0; term < num_terms; ++term) {
      sum += terms[i * num_terms + term];
    }
    EXPECT_EQ(reward[i], sum);
  }
}

/// HalfCheetah's step depends on qpos and qvel alone, so one may go on from any of its states.
TEST(CliTest, ARolloutStartsWhereItIsTold) {
  const files::TemporaryFolder folder;
  save_actions(folder / "actions.npy");
  std::vector<double> qpos(kEnvs * 9, 0.0);
  std::vector<double> qvel(kEnvs * 9, 0.0);
  qpos[0] = 7.0;  // env 0 is 7 m further on, where all is as it is here
  files::save_npz(folder / "start.npz", {make_field("qpos", {kEnvs, 9}, qpos.data()),
                                         make_field("qvel", {kEnvs, 9}, qvel.data())});
  ASSERT_EQ(run_fleet(folder.path(),
                      "rollout gym/HalfCheetah --actions actions.npy --out a.npz "
                      "--state start.npz")
                .code,
            0);
  const auto states = files::load_npz(folder / "a.npz").at("qpos").values<double>();
  EXPECT_NEAR(states[0], 7.0, 0.5);
  EXPECT_NEAR(states[9], 0.0, 0.5);
}

TEST(CliTest, PhysicsEqualsMuJoCosOwnBatch) {
  const files::TemporaryFolder folder;
  const Outcome outcome = run_fleet(
      folder.path(), "bench sim go1-flat --num-envs 8 --steps 2 --threads 1,2 --json sim.json");
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.error;
  const auto json = nlohmann::json::parse(read_text(folder / "sim.json"));
  ASSERT_EQ(json.at("results").size(), 2U);
  for (const auto& result : json.at("results")) {
    EXPECT_EQ(result.at("fleet_state_sha256"), result.at("mjb_step_state_sha256"));
    EXPECT_EQ(result.at("fleet_state_sha256"), json.at("results")[0].at("fleet_state_sha256"));
    EXPECT_GT(result.at("fleet_physics_steps_per_s"), 0.0);
  }
}

TEST(CliTest, AModelFileIsTimedFromItsKeyframe) {
  const files::TemporaryFolder folder;
  write_text(folder / "hang.xml",
             "<mujoco><worldbody><body><joint name='a' damping='0.1'/>"
             "<geom size='0.1' pos='0 0 -0.5'/></body></worldbody><actuator>"
             "<position joint='a' kp='5'/></actuator><keyframe><key qpos='0.5' ctrl='0.5'/>"
             "</keyframe></mujoco>");
  const Outcome outcome =
      run_fleet(folder.path(), "bench sim hang.xml --num-envs 4 --steps 2 --threads 1 --json -");
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json.at("substeps"), 10);  // of 2 ms in a control step of 20 ms
}

TEST(CliTest, ARunOnLanesIsResumedJudgedAndVerified) {
  const files::TemporaryFolder folder;
  const std::string train =
      "train gym/HalfCheetah --backend lanes --num-envs 20 --threads 2 --steps 160 --out run "
      "ppo.num_steps=4 ppo.num_minibatches=1 train.evaluate=false";
  ASSERT_EQ(run_fleet(folder.path(), train).code, 0);
  EXPECT_THAT(read_text(folder / "run/params/run.yaml"), HasSubstr("backend: lanes"));
  EXPECT_EQ(run_fleet(folder.path(), "train --resume run --steps 240").code, 0);
  const Outcome other = run_fleet(folder.path(), "train --resume run --backend mujoco");
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.error, HasSubstr("another backend"));
  EXPECT_EQ(run_fleet(folder.path(), "verify-resume run --iterations 1").code, 0);
  const Outcome judged = run_fleet(folder.path(), "eval run --episodes 2 --json eval.json");
  EXPECT_THAT(judged.out, HasSubstr(", on mujoco, seed 0)"));
  EXPECT_EQ(nlohmann::json::parse(read_text(folder / "eval.json")).at("backend"), "mujoco");
  const Outcome again = run_fleet(folder.path(), "eval run --episodes 2 --backend lanes --seed 5");
  EXPECT_THAT(again.out, HasSubstr(", on lanes, seed 5)"));
  EXPECT_EQ(run_fleet(folder.path(), "play run --steps 25").code, 0);
}

TEST(CliTest, LanesAreTimedBesideMujocosBatch) {
  const files::TemporaryFolder folder;
  const std::string options =
      " --backend mujoco,lanes --num-envs 20 --steps 2 --threads 1,2 --json -";
  const Outcome sim = run_fleet(folder.path(), "bench sim gym/Hopper" + options);
  ASSERT_EQ(sim.code, 0) << sim.error;
  const auto speeds = nlohmann::json::parse(sim.out).at("results");
  EXPECT_GT(speeds[0].at("lanes_over_mjb_step"), 0.0);
  EXPECT_EQ(speeds[0].at("lanes_state_sha256"), speeds[1].at("lanes_state_sha256"));
  const Outcome env = run_fleet(folder.path(), "bench env gym/Hopper" + options);
  ASSERT_EQ(env.code, 0) << env.error;
  EXPECT_GT(nlohmann::json::parse(env.out).at("results")[0].at("lanes_over_mujoco"), 0.0);
}

TEST(CliTest, EveryBenchmarkReports) {
  const files::TemporaryFolder folder;
  for (const char* bench :
       {"env gym/Hopper --num-envs 4 --steps 2", "learner gym/Hopper --num-envs 16",
        "train gym/Hopper --num-envs 4 --steps 1 ppo.num_steps=4 ppo.num_minibatches=1"}) {
    const Outcome outcome =
        run_fleet(folder.path(), std::string("bench ") + bench + " --threads 1 --json -");
    ASSERT_EQ(outcome.code, 0) << bench << outcome.error;
    const auto json = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(json.at("results").size(), 1U);
    EXPECT_TRUE(json.at("machine").contains("cpu"));
    EXPECT_TRUE(json.contains("load_average"));
  }
}

}  // namespace
}  // namespace fleet
