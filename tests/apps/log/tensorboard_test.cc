#include "apps/log/tensorboard.h"

#include <string>

#include <gtest/gtest.h>

#include "apps/files/file_error.h"
#include "tests/apps/log/log_for_tests.h"

namespace fleet::log {
namespace {

TEST(TensorBoardTest, TheCrcIsCastagnolis) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(TensorBoardTest, OurBytesAreThoseThatTensorBoardReads) {
  const TemporaryFolder folder;
  TensorBoardWriter writer(folder.path(), 1700000000.5);
  writer.write(sample_log(0, -1.5), 1700000001.25);
  writer.write(sample_log(300, 12.25), 1700000002.5);
  writer.flush();
  EXPECT_EQ(writer.path(), folder / "events.out.tfevents.1700000000.fleet.0");
  EXPECT_EQ(contents(writer.path()),
            contents(std::string(FLEET_SOURCE_DIR) +
                     "/tests/apps/log/golden/events.out.tfevents.1700000000.fleet.0"));
}

TEST(TensorBoardTest, AResumedRunPurgesWhatItDoesAgain) {
  const TemporaryFolder folder;
  TensorBoardWriter writer(folder.path(), 1.0);
  writer.flush();
  const std::string before = contents(writer.path());
  writer.forget_after(299, 2.0);
  writer.flush();
  std::string event("\x09\0\0\0\0\0\0\0\x40", 9);  // wall time 2
  event += "\x10\xac\x02";                         // step 300
  event += "\x3a\x02\x08\x01";                     // a session starts
  EXPECT_EQ(contents(writer.path()), before + tfrecord(event));
}

TEST(TensorBoardTest, TwoRunsOfOneSecondHaveTwoFiles) {
  const TemporaryFolder folder;
  const TensorBoardWriter first(folder.path(), 5.0);
  const TensorBoardWriter second(folder.path(), 5.0);
  EXPECT_NE(first.path(), second.path());
  EXPECT_THROW(TensorBoardWriter(folder / "no", 5.0), files::FileError);
}

}  // namespace
}  // namespace fleet::log
