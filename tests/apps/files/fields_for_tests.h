#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/files/file_error.h"
#include "cuda/field.h"

namespace fleet::files {

/// A folder of this test's own, removed with everything in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fleet-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return path_ / name; }
  const std::string& path() const { return path_.native(); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::filesystem::path path_;
};

inline std::string golden(const std::string& name) {
  return std::string(FLEET_SOURCE_DIR) + "/tests/apps/files/golden/" + name;
}

/// The same content as ARRAYS in golden.py, one field of it in strided storage.
struct GoldenState {
  float weight[2][5] = {{-1.0F, -0.5F, 0.0F, 99.0F, 99.0F}, {0.5F, 1.0F, 1.5F, 99.0F, 99.0F}};
  double qpos[2] = {0.1, -std::numeric_limits<double>::infinity()};
  std::int32_t episode[3] = {-1, 0, std::numeric_limits<std::int32_t>::max()};
  std::int64_t env_steps = std::numeric_limits<std::int64_t>::min();
  std::uint8_t terminated[4] = {0, 1, 255, 7};
  std::uint64_t rng = std::numeric_limits<std::uint64_t>::max();

  Fields fields() {
    return {make_strided_field("actor/weight", {2, 3}, &weight[0][0], sizeof weight[0]),
            make_field("qpos", {2}, qpos),
            make_field("episode", {3}, episode),
            make_field("env_steps", {}, &env_steps),
            make_field("terminated", {4}, terminated),
            make_field("rng", {1}, &rng),
            make_field("empty", {0, 3}, static_cast<float*>(nullptr))};
  }
};

/// Returns the message of the FileError that `function` throws, or "no error".
template <typename Function>
std::string file_error_of(Function&& function) {
  try {
    function();
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace fleet::files
