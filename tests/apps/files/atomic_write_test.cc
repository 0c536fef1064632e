#include "apps/files/atomic_write.h"

#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/files/read_file.h"
#include "tests/apps/files/fields_for_tests.h"

namespace fleet::files {
namespace {

using Names = std::vector<std::string>;

TEST(AtomicWriteTest, AFileIsReplacedAndNothingElseIsLeft) {
  const TemporaryFolder folder;
  atomic_write(folder / "a.json", "old");
  atomic_write(folder / "a.json", "new");
  EXPECT_EQ(read_file(folder / "a.json", 100), "new");
  EXPECT_EQ(folder.names(), Names{"a.json"});
}

TEST(AtomicWriteTest, NothingIsVisibleBeforeCommit) {
  const TemporaryFolder folder;
  atomic_write(folder / "a.json", "old");
  {
    AtomicFile file(folder / "a.json");
    file.write("half");
    EXPECT_EQ(read_file(folder / "a.json", 100), "old");
  }
  EXPECT_EQ(read_file(folder / "a.json", 100), "old");
  EXPECT_EQ(folder.names(), Names{"a.json"});
}

TEST(AtomicWriteTest, AMissingFolderIsNamed) {
  const TemporaryFolder folder;
  const std::string error = file_error_of([&] { atomic_write(folder / "no/a.json", "x"); });
  EXPECT_NE(error.find("no/a.json"), std::string::npos) << error;
  EXPECT_NE(error.find("No such file or directory"), std::string::npos) << error;
}

TEST(AtomicWriteTest, AFolderInTheWayStays) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a.json");
  EXPECT_EQ(file_error_of([&] { atomic_write(folder / "a.json", "x"); }),
            folder / "a.json" + ": cannot be replaced: Is a directory");
  EXPECT_EQ(folder.names(), Names{"a.json"});
}

/// A full disk, as a limit on the size of files: the write fails midway.
TEST(AtomicWriteTest, AFullDiskKeepsTheOldFile) {
  const TemporaryFolder folder;
  atomic_write(folder / "a.json", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 4096, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string error =
      file_error_of([&] { atomic_write(folder / "a.json", std::string(1 << 20, 'x')); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(error, folder / "a.json" + ": cannot be written: File too large");
  EXPECT_EQ(read_file(folder / "a.json", 100), "old");
  EXPECT_EQ(folder.names(), Names{"a.json"});
}

TEST(AtomicWriteTest, AProcessKilledMidwayLeavesTheOldFile) {
  const TemporaryFolder folder;
  atomic_write(folder / "a.json", "old");
  const pid_t child = fork();
  if (child == 0) {
    AtomicFile file(folder / "a.json");
    file.write(std::string(100000, 'x'));
    _exit(9);  // no destructor runs, as under SIGKILL
  }
  waitpid(child, nullptr, 0);
  EXPECT_EQ(read_file(folder / "a.json", 100), "old");
  ASSERT_EQ(folder.names().size(), 2U);
  EXPECT_TRUE(is_temporary(folder.names()[1]));
  EXPECT_FALSE(is_temporary("a.json"));
}

TEST(AtomicWriteTest, ALinkIsReplacedNotFollowed) {
  const TemporaryFolder folder;
  atomic_write(folder / "victim", "precious");
  std::filesystem::create_symlink(folder / "victim", folder / "a.json");
  atomic_write(folder / "a.json", "new");
  EXPECT_EQ(read_file(folder / "victim", 100), "precious");
  EXPECT_EQ(read_file(folder / "a.json", 100), "new");
}

TEST(ReadFileTest, WhatIsNoRegularFileOfTheSizeIsRefused) {
  const TemporaryFolder folder;
  atomic_write(folder / "a", "12345");
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(file_error_of([&] { read_file(folder / "a", 4); }),
            folder / "a" + ": has 5 bytes; at most 4 are accepted");
  EXPECT_EQ(file_error_of([&] { read_file(folder / "pipe", 4); }),
            folder / "pipe" + ": is not a regular file");
  EXPECT_EQ(file_error_of([&] { read_file(folder.path(), 4); }),
            folder.path() + ": is not a regular file");
  EXPECT_EQ(file_error_of([&] { read_file(folder / "b", 4); }),
            folder / "b" + ": cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace fleet::files
