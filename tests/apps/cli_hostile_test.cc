// What users mistype and what disks damage, at the level of the program: each ends with exit code 2
// and one line that says what is wrong, and leaves every file as it was.

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/files/folder_lock.h"
#include "apps/files/npy.h"
#include "tests/apps/mistakes.h"

namespace fleet {
namespace {

template <class T>
void save_actions(const std::string& path, const std::vector<std::int64_t>& shape, T value) {
  std::size_t size = 1;
  for (const std::int64_t n : shape) {
    size *= static_cast<std::size_t>(n);
  }
  std::vector<T> values(size, value);
  files::save_npy(path, make_field("actions", shape, values.data()));
}

void save_state(const std::string& path, std::int64_t envs, std::int64_t nq, double value) {
  std::vector<double> qpos(static_cast<std::size_t>(envs * nq), value);
  std::vector<double> qvel(static_cast<std::size_t>(envs * 9), 0.0);
  files::save_npz(path, {make_field("qpos", {envs, nq}, qpos.data()),
                         make_field("qvel", {envs, 9}, qvel.data())});
}

void cut(const std::string& path, const std::string& to) {
  const std::string text = read_text(path);
  write_text(to, text.substr(0, text.size() / 2));
}

TEST(CliHostileTest, CommandLines) {
  const files::TemporaryFolder folder;
  require_refused(
      folder.path(),
      {
          {"", "A subcommand is required"},
          {"trian go1-flat", "did you mean 'train'?"},
          {"levitate", "no command is called 'levitate'; known here: train, eval"},
          {"bench", "A subcommand is required"},
          {"bench smi go1-flat", "did you mean 'sim'?"},
          {"train", "name a task, or a run by --resume"},
          {"train go1-flat --num-env 8", "did you mean '--num-envs'?"},
          {"train go1-flat --num-envs 0", "'0' is no whole number of 1 to 10000000"},
          {"train go1-flat --num-envs 1e3", "'1e3' is no whole number"},
          {"train go1-flat --num-envs 10000001", "is no whole number of 1 to 10000000"},
          {"train go1-flat --threads 1025", "'1025' is no whole number of 0 to 1024"},
          {"bench env go1-flat --threads 1,100000", "'100000' is no whole number of 1 to 1024"},
          {"train go1-flat --num-envs 99999999999", "is no whole number of 1 to"},
          {"train go1-flat --steps -5", "'-5' is no whole number"},
          {"train go1-flat --seed one", "'one' is no whole number of 0 or more"},
          {"train go1-flat --steps", "--steps"},
          {"train go1-flat --backend quantum", "--backend"},
          {"train go1-flat options.backend=lane", "did you mean 'lanes'?"},
          {"eval", "run is required"},
          {"eval a b", "'b' was not expected"},
          {"play", "run is required"},
          {"play go1-flat --agent clever", "--agent"},
          {"play go1-flat --command 1,2", "--command"},
          {"rollout go1-flat", "is required"},
          {"rollout go1-flat --actions a.npy --out b.npz --precision half", "--precision"},
          {"bench sim", "subject is required"},
          {"bench sim go1-flat --threads 1,two", "'two' is no whole number"},
          {"verify-resume", "run is required"},
          {"doctor now", "'now' was not expected"},
          {"tasks all", "'all' was not expected"},
      });
}

TEST(CliHostileTest, TasksAgentsAndSettings) {
  const files::TemporaryFolder folder;
  require_refused(folder.path(),
                  {
                      {"train go1-fla", "did you mean 'go1-flat'?"},
                      {"train ../../etc/passwd", "no task is called"},
                      {"train go1-flat --agent pppo", "did you mean 'ppo'?"},
                      {"train go1-flat ppo.gama=0.9", "did you mean 'gamma'?"},
                      {"train go1-flat ppo.gamma=fast", "ppo.gamma"},
                      {"train go1-flat ppo.gamma", "ppo.gamma"},
                      {"train go1-flat name=abc", "name=abc: is no setting"},
                      {"train go1-flat preset=abc", "preset=abc: is no setting"},
                      {"train go1-flat ppo.gamma=[1", "ppo.gamma"},
                      {"train go1-flat options.num_envs=0", "expected 1 to 10000000"},
                      {"train go1-flat options.num_threads=9999", "expected 0 to 1024"},
                      {"train go1-flat options.observation_delay=[2,1]", "0 <= min <= max"},
                      {"train go1-flat options.observation_delay=[0,101]", "max <= 100"},
                      {"train go1-flat velocity.robot.model=no.xml", "no.xml"},
                      {"train go1-flat velocity.robot.imu_site=no", "unrecognized name 'no'"},
                      {"train go1-flat velocity.physics.cone=flat", "pyramidal"},
                      {"train go1-flat velocity.command.standing=7", "expected 0 to 1"},
                      {"train volley/hover volley.episode_length=0.001", "one control step"},
                      {"train gym/Hopper velocity.episode_length=2", "velocity"},
                      {"train gym/Hopper options.action_delay=[0,9]",
                       "fleet: options.action_delay: expected at most 4 physics steps"},
                      {"train gym/Hopper --num-envs 2 ppo.num_steps=3 ppo.num_minibatches=7",
                       "fleet: ppo.num_minibatches: expected at most 6, the samples"},
                      {"train gym/Hopper --num-envs 30 ppo.num_steps=100000000",
                       "fleet: ppo.num_steps: expected fewer; 3000000000 samples"},
                      {"train go1-flat --agent flashsac velocity.action_bound=inf",
                       "fleet: flashsac: an action of the task has no bound"},
                      {"eval go1-fast-and-furious", "neither a run folder"},
                      {"play nowhere", "neither a run folder"},
                      {"play gym/Hopper --agent zero --command 1,0,0", "takes no command"},
                      {"play gym/Hopper --agent zero --steps 1 --video a.mp4", "ffmpeg"},
                      {"bench env go1-fla", "did you mean 'go1-flat'?"},
                      {"bench train go1-flat ppo.gama=1", "did you mean 'gamma'?"},
                      {"verify-resume go1-fla", "did you mean 'go1-flat'?"},
                  });
}

TEST(CliHostileTest, MoreMemoryThanThereIs) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizers end a program that asks for so much themselves";
#endif
  const files::TemporaryFolder folder;
  // 800 TB: more than an address can tell apart.
  const Outcome outcome = run_fleet(
      folder.path(), "train gym/Hopper --num-envs 1 ppo.actor_hidden_dims=[100000,2000000000]");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.error.rfind("fleet: not enough memory; lower --num-envs", 0), 0U)
      << outcome.error;
  EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
}

TEST(CliHostileTest, ModelFiles) {
  const files::TemporaryFolder folder;
  const std::string model = read_text(
      FLEET_SOURCE_DIR "/third_party/assets/gymnasium/gymnasium/envs/mujoco/assets/hopper.xml");
  ASSERT_FALSE(model.empty());
  write_text(folder / "cut.xml", model.substr(0, model.size() / 2));
  write_text(folder / "empty.xml", "");
  write_text(folder / "text.xml", "not a model\nat all\n");
  write_text(folder / "binary.xml", std::string("\x7f"
                                                "ELF\0\x01\x02\n\xff",
                                                9));
  write_text(folder / "unknown.xml", "<mujoco><wrldbody/></mujoco>");
  write_text(folder / "mesh.xml",
             "<mujoco><asset><mesh name='a' file='no.stl'/></asset><worldbody><body><joint/>"
             "<geom type='mesh' mesh='a'/></body></worldbody></mujoco>");
  write_text(folder / "massless.xml",
             "<mujoco><worldbody><body><freejoint/></body></worldbody></mujoco>");
  write_text(folder / "self.xml", "<mujoco><include file='self.xml'/></mujoco>");
  std::filesystem::create_directory(folder / "folder.xml");
  require_refused(folder.path(), {
                                     {"bench sim missing.xml", "missing.xml"},
                                     {"bench sim cut.xml", "cut.xml"},
                                     {"bench sim empty.xml", "empty.xml"},
                                     {"bench sim text.xml", "text.xml"},
                                     {"bench sim binary.xml", "binary.xml"},
                                     {"bench sim unknown.xml", "wrldbody"},
                                     {"bench sim mesh.xml", "no.stl"},
                                     {"bench sim massless.xml", "massless.xml"},
                                     {"bench sim self.xml", "self.xml"},
                                     {"bench sim folder.xml", "folder.xml"},
                                 });
}

TEST(CliHostileTest, Arrays) {
  const files::TemporaryFolder folder;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  save_actions(folder / "good.npy", {2, 3, 6}, 0.1F);
  save_actions(folder / "flat.npy", {2, 6}, 0.1F);
  save_actions(folder / "wide.npy", {2, 3, 12}, 0.1F);
  save_actions(folder / "none.npy", {0, 3, 6}, 0.1F);
  save_actions(folder / "whole.npy", {2, 3, 6}, std::int64_t{1});
  save_actions(folder / "nan.npy", {2, 3, 6}, kNan);
  cut(folder / "good.npy", folder / "cut.npy");
  write_text(folder / "text.npy", "1, 2, 3\n");
  save_state(folder / "good.npz", 3, 9, 0.0);
  save_state(folder / "few.npz", 2, 9, 0.0);
  save_state(folder / "nan.npz", 3, 9, kNan);
  cut(folder / "good.npz", folder / "cut.npz");
  double qpos[27] = {};
  files::save_npz(folder / "half.npz", {make_field("qpos", {3, 9}, qpos)});
  const std::string rollout = "rollout gym/HalfCheetah --out out.npz --actions ";
  require_refused(
      folder.path(),
      {
          {rollout + "missing.npy", "missing.npy: cannot be opened"},
          {rollout + "flat.npy", "expected (steps, num_envs, action_dim)"},
          {rollout + "wide.npy", "has 12 actions per env; gym/HalfCheetah takes 6"},
          {rollout + "none.npy", "none of them 0"},
          {rollout + "whole.npy", "holds I64; expected float32 or float64"},
          {rollout + "nan.npy", "not finite"},
          {rollout + "cut.npy", "cut.npy"},
          {rollout + "text.npy", "text.npy"},
          {rollout + ".", "."},
          {rollout + "good.npy --state missing.npz", "missing.npz"},
          {rollout + "good.npy --state good.npy", "good.npy"},
          {rollout + "good.npy --state cut.npz", "cut.npz"},
          {rollout + "good.npy --state few.npz", "has shape (2, 9); expected (3, 9)"},
          {rollout + "good.npy --state nan.npz", "key 'qpos': holds a value that is not finite"},
          {rollout + "good.npy --state half.npz", "key 'qvel': is missing"},
          {"rollout gym/HalfCheetah --actions good.npy --out no/out.npz", "no/out.npz"},
      });
}

/// Trains for a moment. @returns the run's folder
std::string train_briefly(const files::TemporaryFolder& folder) {
  const Outcome outcome =
      run_fleet(folder.path(),
                "train gym/HalfCheetah --num-envs 4 --threads 1 --steps 32 --out run "
                "ppo.num_steps=4 ppo.num_minibatches=1 train.evaluate=false "
                "train.checkpoint_interval=1");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  return folder / "run";
}

void copy_run(const std::string& run, const std::string& to) {
  std::filesystem::copy(run, to, std::filesystem::copy_options::recursive);
}

void edit(const std::string& path, const std::string& from, const std::string& to) {
  std::string text = read_text(path);
  ASSERT_NE(text.find(from), std::string::npos) << text;
  write_text(path, text.replace(text.find(from), from.size(), to));
}

TEST(CliHostileTest, Replays) {
  const files::TemporaryFolder folder;
  const std::string other = "play volley/1v1 --agent zero --steps 3 --save 1v1.npz";
  ASSERT_EQ(run_fleet(folder.path(), other).code, 0);
  cut(folder.path() + "/1v1.npz", folder.path() + "/cut.npz");
  require_refused(
      folder.path(),
      {{"play volley/3v3 --png a.png --replay 1v1.npz",
        "1v1.npz: key 'qpos': has shape (3, 1, 21); expected (steps, num_envs, 49)"},
       {"play volley/1v1 --png a.png --replay cut.npz", "cut.npz: "},
       {"play volley/1v1 --png a.png --replay none.npz", "none.npz: cannot be opened"},
       {"play volley/1v1 --replay 1v1.npz", "needs --png or --video"},
       {"play volley/3v3 --agent zero volley.team_size=7", "'volley.team_size' expected 1 to 6"},
       {"play volley/hover --agent zero volley.reward.uprigth=1",
        "'uprigth' is none of close, upright"}});
}

/// Each has a second mistake, which the work would come upon.
TEST(CliHostileTest, OutputsAreLookedAtBeforeTheWork) {
  const files::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "folder");
  write_text(folder / "file", "not a folder");
  const std::string reason = ": cannot be written: there is no folder no";
  require_refused(
      folder.path(),
      {
          {"eval nowhere --json no/a.json", "no/a.json" + reason},
          {"play nowhere --png no/a.png", "no/a.png" + reason},
          {"play nowhere --video no/a.mp4", "no/a.mp4" + reason},
          {"play nowhere --save no/a.npz", "no/a.npz" + reason},
          {"play nowhere --replay none.npz --png no/a.png", "no/a.png" + reason},
          {"play nowhere --save file/a.npz",
           "file/a.npz: cannot be written: there is no folder file"},
          {"play nowhere --save folder", "folder: is a folder; expected a file"},
          {"rollout gym/Hopper --actions none.npy --out no/a.npz", "no/a.npz" + reason},
          {"bench env gym/Hopper options.backend=lanes --json no/a.json", "no/a.json" + reason},
      });
}

TEST(CliHostileTest, RunFolders) {
  const files::TemporaryFolder folder;
  const std::string run = train_briefly(folder);
  std::filesystem::create_directory(folder / "empty");
  write_text(folder / "file", "not a folder");
  copy_run(run, folder / "damaged");
  copy_run(run, folder / "stripped");
  copy_run(run, folder / "mangled");
  for (const auto& entry : std::filesystem::directory_iterator(folder / "damaged")) {
    const std::string path = entry.path();
    if (path.ends_with(".safetensors")) {
      cut(path, path);
    }
  }
  copy_run(run, folder / "reseeded");
  copy_run(run, folder / "renamed");
  std::filesystem::remove(folder / "stripped/params/run.yaml");
  edit(folder / "reseeded/params/run.yaml", "\nseed: 1", "\nseed: 11");
  edit(folder / "renamed/params/run.yaml", "name: gym/HalfCheetah", "name: gym/Hopper");
  write_text(folder / "mangled/params/run.yaml", "task: [half_cheetah\n");
  require_refused(
      folder.path(),
      {
          {"train gym/HalfCheetah --out run", "is not empty; go on with it by --resume run"},
          {"train gym/HalfCheetah --out file", "file: is not a folder"},
          {"train gym/HalfCheetah --out /dev/null", "/dev/null: is not a folder"},
          {"train --resume empty", "empty/params/run.yaml"},
          {"train --resume nowhere", "nowhere"},
          {"train --resume damaged", "damaged"},
          {"train --resume mangled", "mangled/params/run.yaml"},
          {"train --resume run --num-envs 8", "has shape [4"},
          {"train --resume run ppo.actor_hidden_dims=[8]", "has shape ["},
          {"train --resume run seed=7", "its seed is 1, not 7"},
          {"train --resume run algorithm=flashsac", "its agent is ppo, not flashsac"},
          {"train --resume run name=gym/Hopper", "name=gym/Hopper: is no setting"},
          {"train --resume reseeded", "its seed is 1, not 11"},
          {"train --resume renamed", "its task is gym/HalfCheetah, not gym/Hopper"},
          {"eval empty", "neither a run folder (no params/run.yaml in it)"},
          {"eval file", "neither a run folder"},
          {"eval " + std::string(5000, 'x'), "xxx...: neither a run folder"},
          {"train --resume " + std::string(5000, 'x'), "File name too long"},
          {"play --agent zero " + std::string(5000, 'x'), "no task is called 'xxx"},
          {"verify-resume " + std::string(5000, 'x'), "no task is called 'xxx"},
          {"eval stripped", "neither a run folder"},
          {"eval damaged", "damaged/policy.safetensors"},
          {"eval mangled", "mangled/params/run.yaml"},
          {"eval run --task gym/Hopper --episodes 1", "observation term 0 is "},
          {"train gym/HalfCheetah --steps 1 train.evaluate_on=gym/Hopper",
           "a policy of gym/HalfCheetah cannot act in the task it is to be judged on"},
          {"eval run --task gym/Hoper", "did you mean 'gym/Hopper'?"},
          {"eval run --episodes 1 --json no/eval.json", "no/eval.json"},
          {"play damaged --steps 1", "damaged/policy.safetensors"},
          {"verify-resume mangled", "mangled/params/run.yaml"},
      });
  EXPECT_EQ(run_fleet(folder.path(), "train --resume run").code, 0);
}

TEST(CliHostileTest, TwoProcessesDoNotWriteOneRun) {
  const files::TemporaryFolder folder;
  const std::string run = train_briefly(folder);
  std::filesystem::create_directory(folder / "new");
  const files::FolderLock of_run(run);
  const files::FolderLock of_new(folder / "new");
  require_refused(folder.path(),
                  {
                      {"train --resume run", "run: is being written by another fleet"},
                      {"train gym/HalfCheetah --out new", "new: is being written by another"},
                  });
}

TEST(CliHostileTest, RunsBegunInTheSameSecondDoNotShareAFolder) {
  const files::TemporaryFolder folder;
  const std::string logs = folder / "logs/ppo/gym/HalfCheetah/";
  std::filesystem::create_directories(logs);
  const std::time_t now = std::time(nullptr);
  for (std::time_t second = now; second < now + 60; ++second) {  // made by others a moment ago
    std::array<char, 32> name{};
    std::strftime(name.data(), name.size(), "%Y-%m-%d_%H-%M-%S_seed1", std::localtime(&second));
    std::filesystem::create_directory(logs + name.data());
  }
  const Outcome outcome =
      run_fleet(folder.path(),
                "train gym/HalfCheetah --num-envs 4 --threads 1 --steps 16 ppo.num_steps=4 "
                "ppo.num_minibatches=1 train.evaluate=false");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_NE(outcome.out.find("_seed1_2\n"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace fleet
