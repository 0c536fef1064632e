#include "apps/log/jsonl.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "apps/files/atomic_write.h"
#include "tests/apps/log/log_for_tests.h"

namespace fleet::log {
namespace {

TEST(JsonlTest, ALineHoldsTheIterationAndNullForWhatIsNoNumber) {
  const std::string line = json_line(sample_log(3, 12.25));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["iteration"], 3);
  EXPECT_EQ(json["env_steps"], 98304);
  EXPECT_EQ(json["Train/mean_reward"], 12.25);
  EXPECT_TRUE(json["Loss/value_function"].is_null());
  IterationLog log;
  log.scalars = {{"a", std::numeric_limits<double>::infinity()}, {"not utf-8: \xff", 1.0}};
  EXPECT_TRUE(nlohmann::json::parse(json_line(log))["a"].is_null());
}

TEST(JsonlTest, AFileGoesOnAfterHalfALine) {
  const TemporaryFolder folder;
  files::atomic_write(folder / "log.jsonl", "{\"iteration\": 1}\n{\"itera");
  JsonlWriter(folder / "log.jsonl").write(sample_log(2, 1.0));
  const std::string text = contents(folder / "log.jsonl");
  EXPECT_EQ(text, "{\"iteration\": 1}\n{\"itera\n" + json_line(sample_log(2, 1.0)));
  JsonlWriter(folder / "log.jsonl").write(sample_log(3, 1.0));
  EXPECT_EQ(contents(folder / "log.jsonl"), text + json_line(sample_log(3, 1.0)));
}

TEST(JsonlTest, AResumedRunTellsOfEachIterationOnce) {
  const TemporaryFolder folder;
  const std::string kept = json_line(sample_log(1, 1.0)) + json_line(sample_log(2, 1.0));
  for (const std::string& lost :
       {json_line(sample_log(3, 1.0)) + json_line(sample_log(4, 1.0)) + "{\"itera",
        std::string("{\"itera"), std::string()}) {
    files::atomic_write(folder / "log.jsonl", kept + lost);
    JsonlWriter writer(folder / "log.jsonl");
    writer.forget_after(2);
    writer.write(sample_log(3, 2.0));
    writer.flush();
    EXPECT_EQ(contents(folder / "log.jsonl"), kept + json_line(sample_log(3, 2.0)));
  }
}

}  // namespace
}  // namespace fleet::log
