#include "apps/log/log_file.h"

#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/apps/log/log_for_tests.h"

namespace fleet::log {
namespace {

TEST(LogFileTest, AllThatWasAppendedIsWrittenInOrder) {
  const TemporaryFolder folder;
  std::string expected;
  {
    LogFile file(folder / "log", LogFile::Open::kNew);
    for (int line = 0; line < 2000; ++line) {
      file.append(std::to_string(line) + "\n");
      expected += std::to_string(line) + "\n";
      if (line == 700) {
        file.flush();
        EXPECT_EQ(contents(folder / "log"), expected);
      }
    }
  }
  EXPECT_EQ(contents(folder / "log"), expected);
  EXPECT_THROW(LogFile(folder / "log", LogFile::Open::kNew), files::FileError);
}

TEST(LogFileTest, AFullDiskIsReportedAndStopsNothing) {
  const TemporaryFolder folder;
  LogFile file(folder / "log", LogFile::Open::kNew);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  file.append(std::string(10000, 'x'));
  file.flush();
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(file.error(), folder / "log" + ": cannot be written: File too large");
  file.append("ignored");
  file.flush();
  EXPECT_EQ(contents(folder / "log").size(), 4096U);
}

}  // namespace
}  // namespace fleet::log
