// What a run promises: one seed, one set of bits; a resume that changes nothing; an orderly end.

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "apps/files/checkpoint.h"
#include "tests/apps/program.h"

namespace fleet {
namespace {

using ::testing::HasSubstr;

const std::string kTraining =
    "train go1-flat --num-envs 32 train.evaluate=false "
    "velocity.curriculum.steps=40 velocity.push.interval=[0.1,0.3] ";

std::string parameters_after(const std::string& options) {
  const files::TemporaryFolder folder;
  const Outcome outcome = run_fleet(folder.path(), kTraining + "--steps 2304 --out run " + options);
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  return read_text(folder / "run/params.sha256");
}

TEST(TrustTest, EqualSeedsGiveEqualParametersOnAnyNumberOfThreads) {
  for (const std::string backend : {"mujoco", "lanes"}) {
    const std::string options = "--backend " + backend + " --threads ";
    const std::string one = parameters_after(options + "1");
    EXPECT_EQ(one.size(), 65U);
    EXPECT_EQ(parameters_after(options + "1"), one);
    EXPECT_EQ(parameters_after(options + "2"), one);
    EXPECT_EQ(parameters_after(options + "3"), one);
    EXPECT_NE(parameters_after(options + "1 --seed 2"), one);
  }
}

TEST(TrustTest, VerifyResumeFindsNoDifference) {
  const files::TemporaryFolder folder;
  ASSERT_EQ(run_fleet(folder.path(), kTraining + "--steps 2304 --out run").code, 0);
  const Outcome outcome = run_fleet(folder.path(), "verify-resume run --iterations 3");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("run, from its checkpoint of iteration 3:"));
  EXPECT_THAT(outcome.out, HasSubstr("equal, bit for bit"));
}

TEST(TrustTest, VerifyResumeLeavesNothingBehind) {
  const files::TemporaryFolder folder, scratch;
  ASSERT_EQ(run_fleet(folder.path(), kTraining + "--steps 768 --out run").code, 0);
  setenv("TMPDIR", scratch.path().c_str(), 1);
  EXPECT_EQ(run_fleet(folder.path(), "verify-resume run --iterations 1").code, 0);
  write_text(folder / "run/model_1.json", "{}");  // fails after the scratch folder was made
  EXPECT_EQ(run_fleet(folder.path(), "verify-resume run --iterations 1").code, 2);
  EXPECT_TRUE(scratch.names().empty());
  unsetenv("TMPDIR");
}

TEST(TrustTest, ARunInTwoPiecesEndsWithTheSameParameters) {
  const files::TemporaryFolder folder;
  ASSERT_EQ(run_fleet(folder.path(), kTraining + "--steps 2304 --out whole").code, 0);
  ASSERT_EQ(run_fleet(folder.path(), kTraining + "--steps 1536 --out pieces").code, 0);
  ASSERT_EQ(run_fleet(folder.path(), "train --resume pieces --steps 2304").code, 0);
  EXPECT_EQ(read_text(folder / "pieces/params.sha256"), read_text(folder / "whole/params.sha256"));
}

TEST(TrustTest, IterationsDoneAgainAfterACrashAreLoggedOnce) {
  const files::TemporaryFolder folder;
  const std::string options = "train.checkpoint_interval=1 --steps 2304 --out run";
  ASSERT_EQ(run_fleet(folder.path(), kTraining + options).code, 0);
  std::filesystem::remove(folder / "run/model_3.json");  // as if it had died before this one
  ASSERT_EQ(run_fleet(folder.path(), "train --resume run").code, 0);
  std::ifstream log(folder / "run/progress.jsonl");
  std::vector<int> iterations;
  for (std::string line; std::getline(log, line);) {
    iterations.push_back(nlohmann::json::parse(line).at("iteration"));
  }
  EXPECT_THAT(iterations, ::testing::ElementsAre(1, 2, 3));
}

TEST(TrustTest, WorldsThatDivergedDivergeAgain) {
  const files::TemporaryFolder folder;
  const Outcome training = run_fleet(  // a push to a speed that MuJoCo does not accept
      folder.path(), kTraining + "--steps 768 --out run velocity.push.linear=[1e12,0,0]");
  ASSERT_EQ(training.code, 0) << training.error;
  const Outcome outcome =
      run_fleet(folder.path(), "replay run/divergences/iteration_1.safetensors");
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("diverges again; largest joint speed before it: "));
  EXPECT_THAT(outcome.out, HasSubstr("16 of 16 worlds diverge again"));
  EXPECT_EQ(run_fleet(folder.path(), "replay run/policy.safetensors").code, 2);
  EXPECT_EQ(run_fleet(folder.path(), "replay run/no.safetensors").code, 2);
}

TEST(TrustTest, TheShippedPoliciesWalk) {
  const files::TemporaryFolder folder;
  for (const char* task : {"go1-flat", "go1-fast"}) {
    const Outcome outcome =
        run_fleet(folder.path(), std::string("eval ") + task + " --episodes 32 --json -");
    ASSERT_EQ(outcome.code, 0) << outcome.error;
    const auto figures = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(figures.at("task"), "go1-flat");
    EXPECT_LE(figures.at("fall_rate"), 0.2);
    EXPECT_LE(figures.at("lin_vel_error"), 0.25);  // standing still scores about .65
  }
}

/// Starts fleet. @param out file for what it prints @returns its process
pid_t start_fleet(std::vector<std::string> words, const std::string& out) {
  words.insert(words.begin(), FLEET_PROGRAM);
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int sink = open(out.c_str(), O_RDWR | O_CREAT, 0600);
    dup2(sink, 1);
    dup2(sink, 2);
    setenv("FLEET_ROOT", FLEET_SOURCE_DIR, 1);
    execv(FLEET_PROGRAM, arguments.data());
    _exit(127);
  }
  return child;
}

/// Starts a training of go1-flat into `folder` and sends it `signal` once `is_time`.
/// @returns seconds until it ended, or -1 if it did not say that it was interrupted
double seconds_to_end(const std::string& folder, int signal, std::vector<std::string> options,
                      const std::function<bool()>& is_time) {
  options.insert(options.begin(), {"train", "go1-flat", "--out", folder});
  const pid_t child = start_fleet(options, "/dev/null");
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  while (!is_time() && Clock::now() - began < std::chrono::seconds(60)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto signalled = Clock::now();
  kill(child, signal);
  if (signal == SIGHUP) {  // once more, as kernel and shell do when a terminal is closed
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    kill(child, signal);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const std::chrono::duration<double> seconds = Clock::now() - signalled;
  return WIFEXITED(status) && WEXITSTATUS(status) == 1 ? seconds.count() : -1.0;
}

TEST(TrustTest, ASignalSavesAndEndsWithinTenSeconds) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const files::TemporaryFolder folder;
    std::filesystem::create_directories(folder / "run");
    const double seconds =
        seconds_to_end(folder / "run", signal, {"--num-envs", "32", "train.checkpoint_interval=2"},
                       [&] { return !files::list_checkpoints(folder / "run").empty(); });
    EXPECT_GE(seconds, 0.0);
    EXPECT_LT(seconds, 10.0);
    std::vector<std::string> messages;
    EXPECT_GT(files::open_newest_checkpoint(folder / "run", messages).manifest.iteration, 0);
    EXPECT_TRUE(messages.empty());
  }
}

TEST(TrustTest, ASignalWithinALongIterationSavesTheStateBeforeIt) {
  const files::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "run");
  // Minutes of collecting, were it not interrupted.
  const double seconds = seconds_to_end(
      folder / "run", SIGTERM,
      {"--num-envs", "256", "--steps", "2560000", "ppo.num_steps=10000", "train.evaluate=false"},
      [&] {
        const bool has_begun = std::filesystem::exists(folder / "run/progress.jsonl");
        std::this_thread::sleep_for(std::chrono::seconds(has_begun ? 2 : 0));
        return has_begun;
      });
  EXPECT_GE(seconds, 0.0);
  EXPECT_LT(seconds, 10.0);
  std::vector<std::string> messages;
  EXPECT_EQ(files::open_newest_checkpoint(folder / "run", messages).manifest.iteration, 0);
}

/// Whether a process has a handler for `signal`.
bool is_caught(pid_t process, int signal) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigCgt:")) {
      return (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1U) != 0;
    }
  }
  return false;
}

TEST(TrustTest, ASignalEndsAnEvaluationWithALine) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const files::TemporaryFolder folder;
    const pid_t child = start_fleet({"eval", "go1-flat", "--episodes", "2000"}, folder / "out");
    for (int waited = 0; waited < 1000 && !is_caught(child, signal); ++waited) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    kill(child, signal);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << status;
    EXPECT_THAT(read_text(folder / "out"), HasSubstr("Evaluation interrupted; repeat it with: "));
  }
}

TEST(TrustTest, AnInterruptedRunEndsAsIfItHadNotBeen) {
  const files::TemporaryFolder folder;
  const std::vector<std::string> options{
      "--num-envs", "64", "--steps", "16384", "ppo.num_steps=96", "train.evaluate=false"};
  std::string line;
  for (const std::string& option : options) {
    line += option + " ";
  }
  ASSERT_EQ(run_fleet(folder.path(), "train go1-flat --out whole " + line).code, 0);
  std::filesystem::create_directories(folder / "run");
  seconds_to_end(folder / "run", SIGTERM, options, [&] {  // within the first of two iterations
    const bool has_begun = std::filesystem::exists(folder / "run/progress.jsonl");
    std::this_thread::sleep_for(std::chrono::milliseconds(has_begun ? 150 : 0));
    return has_begun;
  });
  ASSERT_EQ(run_fleet(folder.path(), "train --resume run").code, 0);
  EXPECT_EQ(read_text(folder / "run/params.sha256"), read_text(folder / "whole/params.sha256"));
}

TEST(TrustTest, TheLongestRunIsCountedWithoutOverflow) {
  const files::TemporaryFolder folder;
  const std::string log = folder / "run/progress.jsonl";
  std::filesystem::create_directories(folder / "run");
  const double seconds =
      seconds_to_end(folder / "run", SIGTERM,
                     {"--num-envs", "1", "--steps", "9223372036854775807", "ppo.num_steps=1",
                      "ppo.num_minibatches=1"},
                     [&] { return read_text(log).find('\n') != std::string::npos; });
  EXPECT_GE(seconds, 0.0);
  const auto first = nlohmann::json::parse(read_text(log).substr(0, read_text(log).find('\n')));
  EXPECT_EQ(first.at("num_iterations"), 9223372036854775807);
  EXPECT_GE(first.at("eta"), 1e9);
}

TEST(TrustTest, NohupHolds) {
  const files::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "run");
  std::signal(SIGHUP, SIG_IGN);
  seconds_to_end(
      folder / "run", SIGHUP,
      {"--num-envs", "64", "--steps", "16384", "ppo.num_steps=128", "train.evaluate=false"},
      [&] { return std::filesystem::exists(folder / "run/progress.jsonl"); });
  std::signal(SIGHUP, SIG_DFL);
  std::vector<std::string> messages;
  EXPECT_EQ(files::open_newest_checkpoint(folder / "run", messages).manifest.iteration, 2);
}

/// 800 iterations in a second, with checkpoints of 8 kB and logs of more than 400 kB.
const std::string kQuickTraining =
    "train gym/HalfCheetah --num-envs 1 --threads 1 --steps 3200 --out run ppo.num_steps=4 "
    "ppo.num_minibatches=1 ppo.actor_hidden_dims=[4] ppo.critic_hidden_dims=[4] "
    "train.evaluate=false train.checkpoint_interval=100000 ";

/// While it lives no file can be made longer than `size`, as if the disk were full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t size) {
    std::signal(SIGXFSZ, SIG_IGN);  // EFBIG instead; programs that are started inherit both
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = size, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(TrustTest, ALogThatCannotBeWrittenIsToldOnceAndCostsNotTheRun) {
  const files::TemporaryFolder folder;
  const FileSizeLimit limit(100'000);
  const Outcome outcome = run_fleet(folder.path(), kQuickTraining, "/dev/null");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.error,
            "fleet: run/progress.jsonl: cannot be written: File too large; the training goes on "
            "without it\n");
  EXPECT_TRUE(std::filesystem::exists(folder / "run/model_800.json"));
}

TEST(TrustTest, ADiskThatFillsUpIsNoMistakeOfTheUser) {
  const files::TemporaryFolder folder;
  const FileSizeLimit limit(8'000);
  const Outcome outcome = run_fleet(folder.path(), kQuickTraining, "/dev/null");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.error, HasSubstr("fleet: run/model_800.safetensors: cannot be written: "));
}

TEST(TrustTest, AReaderThatGoesDoesNotEndATraining) {
  const files::TemporaryFolder folder;
  run_fleet(folder.path(), kQuickTraining + "2> " + folder / "error" + " | :");
  EXPECT_TRUE(std::filesystem::exists(folder / "run/model_800.json"));
  EXPECT_EQ(read_text(folder / "error"),
            "fleet: stdout: cannot be written; the training goes on without it\n");
}

}  // namespace
}  // namespace fleet
