#include "apps/view/world/learning_curves.h"

#include <fstream>

#include <gtest/gtest.h>

#include "apps/log/jsonl.h"
#include "tests/apps/files/fields_for_tests.h"

namespace fleet::view {
namespace {

void append(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::app) << text;
}

std::string line(int iteration, double reward) {
  log::IterationLog log;
  log.iteration = iteration;
  log.num_iterations = 9;
  log.env_steps = 100 * iteration;
  log.scalars = {{"Train/mean_reward", reward}};
  return log::json_line(log);
}

TEST(LearningCurvesTest, FollowsAFileThatGrows) {
  const files::TemporaryFolder folder;
  const std::string file = folder / "progress.jsonl";
  LearningCurves curves(file);
  EXPECT_FALSE(curves.poll());  // there is none yet
  append(file, line(1, 2.5));
  EXPECT_TRUE(curves.poll());
  EXPECT_FALSE(curves.poll());
  const std::string second = line(2, 3.5);
  append(file, second.substr(0, 20));  // a line that is still being written
  EXPECT_FALSE(curves.poll());
  append(file, second.substr(20));
  EXPECT_TRUE(curves.poll());
  const auto& curve = curves.curves().at("Train/mean_reward");
  EXPECT_EQ(curve.env_steps, (std::vector<double>{100.0, 200.0}));
  EXPECT_EQ(curve.values, (std::vector<double>{2.5, 3.5}));
  EXPECT_EQ(curves.num_iterations(), 2);
  EXPECT_EQ(curves.planned_iterations(), 9);
  EXPECT_FALSE(curves.curves().contains("eta"));
}

TEST(LearningCurvesTest, BeginsAnewWhereAResumeCutTheFile) {
  const files::TemporaryFolder folder;
  const std::string file = folder / "progress.jsonl";
  append(file, line(1, 1.0) + line(2, 2.0) + line(3, 3.0));
  LearningCurves curves(file);
  curves.poll();
  std::filesystem::resize_file(file, line(1, 1.0).size());
  EXPECT_TRUE(curves.poll());
  EXPECT_EQ(curves.curves().at("Train/mean_reward").values, std::vector<double>{1.0});
}

TEST(LearningCurvesTest, PassesOverWhatIsNoIteration) {
  const files::TemporaryFolder folder;
  const std::string file = folder / "progress.jsonl";
  append(file,
         "\n{\n[]\nnull\n{\"env_steps\": \"many\"}\n{\"env_steps\": 1, \"a\": {}, \"b\": null}\n" +
             std::string(100'000, '[') + "\n\xff\n" + line(4, 4.0));
  LearningCurves curves(file);
  EXPECT_TRUE(curves.poll());
  EXPECT_EQ(curves.curves().size(), 3U);  // the reward, and the times of an iteration
  EXPECT_EQ(curves.curves().at("Train/mean_reward").values, std::vector<double>{4.0});
}

TEST(LearningCurvesTest, ALineWithoutEndIsLeftBehind) {
  const files::TemporaryFolder folder;
  const std::string file = folder / "progress.jsonl";
  append(file, std::string(9U << 20U, 'x') + "\n" + line(1, 1.0));
  LearningCurves curves(file);
  for (int i = 0; i < 3; ++i) {
    curves.poll();
  }
  EXPECT_EQ(curves.num_iterations(), 1);
}

}  // namespace
}  // namespace fleet::view
