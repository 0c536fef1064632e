#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <sys/wait.h>

#include "apps/files/sha256.h"
#include "tests/apps/files/fields_for_tests.h"

// Runs the program fleet as a user does, in a folder of the test's own.

namespace fleet {

struct Outcome {
  int code = -1;  ///< the exit code; -1: ended by a signal
  std::string out;
  std::string error;
};

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// Runs a program of ours in `folder`, without ffmpeg. @param arguments as typed; no quotes or
/// blanks in words  @param out a file for what it prints; "" for Outcome::out
inline Outcome run_program(const std::string& program, const std::string& folder,
                           const std::string& arguments, const std::string& out = "") {
  const files::TemporaryFolder streams;
  const std::string command = "cd '" + folder +
                              "' && FLEET_ROOT='" FLEET_SOURCE_DIR
                              "' LSAN_OPTIONS='print_suppressions=0,suppressions=" FLEET_SOURCE_DIR
                              "/tests/support/leaks.supp' PATH= '" +
                              program + "' " + arguments + " > '" +
                              (out.empty() ? streams / "out" : out) + "' 2> '" + streams / "error" +
                              "' < /dev/null";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(streams / "out"),
          read_text(streams / "error")};
}

/// Runs fleet, likewise.
inline Outcome run_fleet(const std::string& folder, const std::string& arguments,
                         const std::string& out = "") {
  return run_program(FLEET_PROGRAM, folder, arguments, out);
}

/// Every file below a folder, with its hash; folders, with "".
inline std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> hashes;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    hashes[entry.path()] = entry.is_regular_file() ? files::sha256_of_file(entry.path()) : "";
  }
  return hashes;
}

}  // namespace fleet
