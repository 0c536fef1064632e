#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace fleet {

/// A malformed file and a part of the message that tells it was refused for the right reason.
struct HostileCase {
  std::string bytes;
  std::string reason;
};

/// Requires of each case: an `Error` in one line, with no control characters, naming the file.
template <typename Error, typename Read>
void require_refused(const std::vector<HostileCase>& cases, Read&& read) {
  const std::string file = "hostile.file";
  for (std::size_t index = 0; index < cases.size(); ++index) {
    SCOPED_TRACE("case " + std::to_string(index) + ": " + cases[index].bytes.substr(0, 60));
    try {
      read(cases[index].bytes, file);
      ADD_FAILURE() << "was accepted; expected: " << cases[index].reason;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find(file), 0U) << message;
      EXPECT_NE(message.find(cases[index].reason), std::string::npos) << message;
      EXPECT_LT(message.size(), 600U) << message;
      for (const char character : message) {
        EXPECT_FALSE(static_cast<unsigned char>(character) < 0x20) << message;
      }
    }
  }
}

/// Returns a number as it lies in a little-endian file.
template <typename T>
std::string bytes_of(T number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof number);
}

inline std::string repeated(std::string_view text, int count) {
  std::string out;
  for (int time = 0; time < count; ++time) {
    out += text;
  }
  return out;
}

}  // namespace fleet
