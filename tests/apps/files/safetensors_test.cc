#include "apps/files/safetensors.h"

#include <cstring>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "apps/files/atomic_write.h"
#include "apps/files/read_file.h"
#include "apps/files/sha256.h"
#include "tests/apps/files/fields_for_tests.h"

namespace fleet::files {
namespace {

const std::map<std::string, std::string> kMetadata = {{"task", "go1-flat"},
                                                      {"note", "a \"quoted\" line\n"}};

TEST(SafetensorsTest, WhatPythonWroteIsRead) {
  const SafetensorsReader reader(golden("python.safetensors"));
  EXPECT_EQ(reader.header().metadata, kMetadata);
  EXPECT_EQ(reader.header().tensors.size(), 7U);
  GoldenState expected;
  GoldenState state;
  std::memset(static_cast<void*>(&state), 0x5a, sizeof state);
  for (const Field& field : state.fields()) {
    reader.read(field);
  }
  EXPECT_EQ(sha256_of_fields(state.fields()), sha256_of_fields(expected.fields()));
  EXPECT_EQ(reader.values<std::int32_t>("episode"), (std::vector<std::int32_t>{-1, 0, 2147483647}));
}

// golden.py checks golden/ours.safetensors with the stock package.
TEST(SafetensorsTest, OurBytesAreThoseThatPythonReads) {
  const TemporaryFolder folder;
  GoldenState state;
  const FileDigest digest = save_safetensors(folder / "a.safetensors", state.fields(), kMetadata);
  const std::string bytes = read_file(folder / "a.safetensors", 10000);
  EXPECT_EQ(bytes, read_file(golden("ours.safetensors"), 10000));
  EXPECT_EQ(digest.num_bytes, bytes.size());
  EXPECT_EQ(digest.sha256, sha256(bytes));
}

TEST(SafetensorsTest, EveryTensorLiesAligned) {
  const TemporaryFolder folder;
  std::uint8_t flag = 1;
  float weight = 2.0F;
  double qpos = 3.0;
  save_safetensors(folder / "a", {make_field("flag", {1}, &flag), make_field("weight", {}, &weight),
                                  make_field("qpos", {1, 1}, &qpos)});
  const SafetensorsReader reader(folder / "a");
  for (const TensorInfo& tensor : reader.header().tensors) {
    EXPECT_EQ(tensor.begin % size_of(tensor.dtype), 0U) << tensor.name;
  }
  EXPECT_EQ(reader.values<double>("qpos"), std::vector<double>{3.0});
  EXPECT_EQ(reader.values<std::uint8_t>("flag"), std::vector<std::uint8_t>{1});
}

TEST(SafetensorsTest, AnEmptyListIsAFile) {
  const TemporaryFolder folder;
  save_safetensors(folder / "a", {});
  EXPECT_TRUE(SafetensorsReader(folder / "a").header().tensors.empty());
}

TEST(SafetensorsTest, AFieldMustMatchInNameTypeAndShape) {
  const SafetensorsReader reader(golden("python.safetensors"));
  float values[6] = {};
  double wide[6] = {};
  const auto error = [&](const Field& field) {
    const std::string text = file_error_of([&] { reader.read(field); });
    return text.substr(std::min(text.size(), golden("python.safetensors").size()));
  };
  EXPECT_EQ(error(make_field("actor/bias", {2, 3}, values)), ": key 'actor/bias': is missing");
  EXPECT_EQ(error(make_field("actor/weight", {2, 3}, wide)),
            ": key 'actor/weight': has dtype F32; expected F64");
  EXPECT_EQ(error(make_field("actor/weight", {6}, values)),
            ": key 'actor/weight': has shape [2, 3]; expected [6]");
}

TEST(SafetensorsTest, AFieldListIsCheckedBeforeAnythingIsWritten) {
  const TemporaryFolder folder;
  float value = 0.0F;
  const Field field = make_field("a", {}, &value);
  EXPECT_THROW(save_safetensors(folder / "a", {field, field}), std::invalid_argument);
  EXPECT_THROW(save_safetensors(folder / "a", {make_field("__metadata__", {}, &value)}),
               std::invalid_argument);
  EXPECT_THROW(save_safetensors(folder / "a", {make_field("a", {-1}, &value)}),
               std::invalid_argument);
  EXPECT_TRUE(folder.names().empty());
}

}  // namespace
}  // namespace fleet::files
