#include "apps/files/folder_lock.h"

#include <optional>

#include <gtest/gtest.h>

#include "tests/apps/files/fields_for_tests.h"

namespace fleet::files {
namespace {

TEST(FolderLockTest, OneHoldsAFolderAtATime) {
  const TemporaryFolder folder;
  std::optional<FolderLock> first(folder.path());
  EXPECT_THROW(FolderLock{folder.path()}, FileError);
  first.reset();
  EXPECT_NO_THROW(FolderLock{folder.path()});
}

TEST(FolderLockTest, AFolderThatIsNotThereIsNamed) {
  const TemporaryFolder folder;
  try {
    const FolderLock lock(folder / "no");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_EQ(error.what(), folder / "no/.lock: cannot be opened: No such file or directory");
  }
}

}  // namespace
}  // namespace fleet::files
