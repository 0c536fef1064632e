#include "apps/view/input/script.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/files/file_error.h"
#include "tests/apps/files/fields_for_tests.h"

namespace fleet::view {
namespace {

std::vector<ScriptLine> read(const std::string& text) {
  const files::TemporaryFolder folder;
  std::ofstream(folder / "script") << text;
  return load_script(folder / "script");
}

TEST(ScriptTest, KeysArePressedAndReleasedAFrameLater) {
  const auto script = read("# a comment\n\n5 key ctrl+p\n");
  ASSERT_EQ(script.size(), 2U);
  EXPECT_EQ(script[0].frame, 5);
  EXPECT_EQ(script[0].event.code, 'P');
  EXPECT_EQ(script[0].event.modifiers, 2);  // GLFW_MOD_CONTROL
  EXPECT_TRUE(script[0].event.is_down);
  EXPECT_EQ(script[1].frame, 6);
  EXPECT_FALSE(script[1].event.is_down);
}

TEST(ScriptTest, LinesComeInTheOrderOfTheirFrames) {
  const auto script = read("9 move 10 20.5\n2 press left\n4 release left\n3 click Push it\n");
  ASSERT_EQ(script.size(), 4U);
  EXPECT_EQ(script[0].frame, 2);
  EXPECT_EQ(script[1].kind, ScriptLine::Kind::kClick);
  EXPECT_EQ(script[1].text, "Push it");
  EXPECT_EQ(script[3].event.y, 20.5);
}

TEST(ScriptTest, WhatIsNoneOfItsLinesIsRefusedWithItsNumber) {
  for (const char* line :
       {"key space", "x key space", "-1 key space", "1", "1 key", "1 key hyperspace", "1 jump high",
        "1 move 3", "1 move 3 four", "1 move 3 4 5", "1 press", "1 press left left",
        "1 press thumb", "1 click", "1 shot", "1 scroll", "1 scroll up",
        "99999999999999999999 key space"}) {
    try {
      read("1 key space\n" + std::string(line) + "\n");
      ADD_FAILURE() << line;
    } catch (const files::FileError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("line 2")) << line;
    }
  }
}

}  // namespace
}  // namespace fleet::view
