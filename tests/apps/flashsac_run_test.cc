// What FlashSAC's runs promise, as PPO's do (trust_test.cc): one seed, one set of bits; a resume
// that changes nothing; an orderly end; settings that cannot be refused in one line.

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/files/checkpoint.h"
#include "tests/apps/program.h"

namespace fleet {
namespace {

using ::testing::HasSubstr;

const std::string kSmall =
    "flashsac.buffer_size=1500 flashsac.min_buffer=200 flashsac.batch_size=48 "
    "train.evaluate=false ";
const std::string kTraining = "train go1-flat --agent flashsac-cpu --num-envs 32 --steps 2304 " +
                              kSmall + "velocity.curriculum.steps=40 --out run ";

std::string parameters_after(const std::string& options) {
  const files::TemporaryFolder folder;
  const Outcome outcome = run_fleet(folder.path(), kTraining + options);
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  return read_text(folder / "run/params.sha256");
}

TEST(FlashSacRunTest, EqualSeedsGiveEqualParametersOnAnyNumberOfThreads) {
  const std::string one = parameters_after("--threads 1");
  EXPECT_EQ(one.size(), 65U);
  EXPECT_EQ(parameters_after("--threads 2"), one);
  EXPECT_EQ(parameters_after("--threads 3"), one);
  EXPECT_NE(parameters_after("--threads 1 --seed 2"), one);
}

TEST(FlashSacRunTest, VerifyResumeFindsNoDifference) {
  const files::TemporaryFolder folder;
  ASSERT_EQ(run_fleet(folder.path(), kTraining).code, 0);
  const Outcome outcome = run_fleet(folder.path(), "verify-resume run --iterations 2");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("equal, bit for bit"));
  EXPECT_EQ(run_fleet(folder.path(), "eval run --episodes 4").code, 0);
}

TEST(FlashSacRunTest, AResumeGoesOnWithAReplayThatIsNotFull) {
  const files::TemporaryFolder folder;
  ASSERT_EQ(
      run_fleet(folder.path(), kTraining + "train.checkpoint_interval=1 train.keep_checkpoints=2 "
                                           "flashsac.buffer_size=2000")
          .code,
      0);
  const std::string parameters = read_text(folder / "run/params.sha256");
  std::filesystem::remove(folder / "run/model_3.json");  // as if it had died before this one
  std::vector<std::string> messages;
  const auto checkpoint = files::open_newest_checkpoint(folder / "run", messages);
  EXPECT_LE(checkpoint.state.info("replay/transitions").shape[0], 1536);  // of 2,000
  const Outcome refused = run_fleet(folder.path(), "train --resume run flashsac.buffer_size=300");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.error, HasSubstr("replay/transitions"));
  const Outcome outcome = run_fleet(folder.path(), "train --resume run flashsac.buffer_size=2000");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_EQ(read_text(folder / "run/params.sha256"), parameters);
}

TEST(FlashSacRunTest, PaperAndSacPresetsRunOnAGymTask) {
  for (const std::string preset : {"flashsac-cpusim", "sac"}) {
    const files::TemporaryFolder folder;
    const Outcome outcome = run_fleet(
        folder.path(), "train gym/HalfCheetah --agent " + preset + " --steps 300 --out run " +
                           kSmall + "flashsac.num_steps=150 flashsac.critic_width=32");
    EXPECT_EQ(outcome.code, 0) << outcome.error;
  }
}

TEST(FlashSacRunTest, ImpossibleSettingsAreOneLine) {
  for (const char* setting : {"batch_size=1000001", "num_bins=1", "gamma=nan", "critic=huber",
                              "n_step=0", "buffer_size=0", "hidden_dims=[]", "tau=2"}) {
    const files::TemporaryFolder folder;
    const Outcome outcome =
        run_fleet(folder.path(),
                  std::string("train go1-flat --agent flashsac-cpu --out run flashsac.") + setting);
    EXPECT_EQ(outcome.code, 2) << setting;
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    EXPECT_TRUE(folder.names().empty()) << setting;
  }
}

}  // namespace
}  // namespace fleet
