#include "apps/log/console.h"

#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "tests/apps/log/log_for_tests.h"

namespace fleet::log {
namespace {

TEST(ConsoleTest, TheBlockHasTheWordsThatUsersKnow) {
  IterationLog log = sample_log(12, 12.25);
  log.scalars.insert(log.scalars.begin(), {"Perf/total_fps", 151236.7});
  log.scalars.emplace_back("Train/mean_episode_length", 500.0);
  log.scalars.emplace_back("Policy/mean_std", 0.00025);
  log.scalars.emplace_back("Loss/learning_rate", 1e-3);
  log.scalars.emplace_back("Env/clip_fraction", 0.0123);
  EXPECT_EQ(
      iteration_block(log),
      "################################################################################\n"
      "\033[1m                           Learning iteration 12/1500                           "
      "\033[0m\n"
      "\n"
      "                        Computation: 151237 steps/s (collection: 0.400s, learning "
      "0.250s)\n"
      "           Mean value_function loss: nan\n"
      "                 Loss/learning_rate: 0.0010\n"
      "                    Mean action std: 2.500e-04\n"
      "                        Mean reward: 12.2500\n"
      "                Mean episode length: 500.0000\n"
      "       Episode_Reward/track_lin_vel: 0.7500\n"
      "          Clipped action components: 0.0123\n"
      "--------------------------------------------------------------------------------\n"
      "                    Total timesteps: 98304\n"
      "                     Iteration time: 0.65s\n"
      "                         Total time: 1:02:03\n"
      "                                ETA: 0:00:59\n"
      "\n");
}

TEST(ConsoleTest, APipeGetsOnePlainLine) {
  const TemporaryFolder folder;
  std::FILE* out = std::fopen((folder / "out").c_str(), "w");
  IterationLog log = sample_log(12, 12.25);
  log.scalars.emplace_back("Train/mean_episode_length", 500.0);
  log.scalars.emplace_back("Env/clip_fraction", 0.0004);
  Console(out).print(log);
  log.eta = kNan;
  Console(out).print(log);
  std::fclose(out);
  const std::string text = contents(folder / "out");
  const std::string first =
      "Learning iteration 12/1500: 0 steps/s (collection: 0.400s, learning 0.250s), mean reward "
      "12.2500, mean episode length 500.0, clipped action components 0.04 %, total timesteps "
      "98304, total time 1:02:03, ETA 0:00:59\n";
  EXPECT_EQ(text.substr(0, first.size()), first);
  EXPECT_NE(text.find("ETA unknown\n"), std::string::npos);
  EXPECT_EQ(text.find('\033'), std::string::npos);
}

TEST(ConsoleTest, ClippingIsWarnedOfWheneverItBegins) {
  const TemporaryFolder folder;
  std::FILE* out = std::fopen((folder / "out").c_str(), "w");
  Console console(out);
  std::string warned;
  std::size_t size = 0;
  for (const double fraction : {0.0, 0.01, 0.02, 0.5, 0.01, 0.011, 0.3}) {
    IterationLog log = sample_log(1, 0.0);
    log.scalars.emplace_back("Env/clip_fraction", fraction);
    console.print(log);
    const std::string text = contents(folder / "out");
    warned += text.find("Warning: more than 1 %", size) != std::string::npos ? 'w' : '-';
    size = text.size();
  }
  std::fclose(out);
  EXPECT_EQ(warned, "--w--w-");
}

}  // namespace
}  // namespace fleet::log
