#pragma once

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "cuda/physics/team/arrays.h"

// A model and states of it as one file, for a machine without MuJoCo. Numbers are stored as this
// program has them in memory: writer and reader are of the same build.

namespace fleet::testing {

struct PhysicsCase {
  physics::Physics<float> physics;
  int num_worlds = 0;
  /// (num_worlds x state size) qpos, qvel, act, qacc_warmstart, ctrl
  std::vector<float> states;
};

inline constexpr char kCaseMark[] = "fleet physics case 1";

/// Calls f(array) for every array of a case.
void for_each_array(auto& c, auto&& f) {
  physics::zip_model_arrays(c.physics.model, c.physics.model,
                            [&](auto& array, auto&) { f(array); });
  c.physics.fields.fields([&](const char*, auto& array) { f(array); });
  f(c.states);
}

inline void save_case(const PhysicsCase& c, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  const auto write = [&](const void* from, std::size_t bytes) {
    file.write(static_cast<const char*>(from), static_cast<std::streamsize>(bytes));
  };
  const physics::PhysicsOptions<float>& options = c.physics.model;
  write(kCaseMark, sizeof(kCaseMark));
  write(&options, sizeof(options));
  write(&c.num_worlds, sizeof(c.num_worlds));
  for_each_array(c, [&](const auto& array) {
    const std::size_t size = array.size();
    write(&size, sizeof(size));
    write(array.data(), size * sizeof(array[0]));
  });
  if (!file.flush()) {
    throw std::runtime_error(path + ": cannot be written");
  }
}

/// @throws std::runtime_error if the file is not one whole case
inline PhysicsCase load_case(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  std::size_t at = 0;
  const auto read = [&](void* to, std::size_t size) {
    if (size > bytes.size() - at) {
      throw std::runtime_error(path + ": ends at byte " + std::to_string(bytes.size()) +
                               ", expected more");
    }
    std::copy_n(bytes.data() + at, size, static_cast<char*>(to));
    at += size;
  };
  char mark[sizeof(kCaseMark)]{};
  read(mark, sizeof(mark));
  if (std::memcmp(mark, kCaseMark, sizeof(mark)) != 0) {
    throw std::runtime_error(path + ": expected a file that begins with '" + kCaseMark + '\'');
  }
  PhysicsCase c;
  physics::PhysicsOptions<float>& options = c.physics.model;
  static_assert(std::is_trivially_copyable_v<physics::PhysicsOptions<float>>);
  read(&options, sizeof(options));
  read(&c.num_worlds, sizeof(c.num_worlds));
  for_each_array(c, [&](auto& array) {
    std::size_t size = 0;
    read(&size, sizeof(size));
    if (size > bytes.size()) {
      throw std::runtime_error(path + ": an array of " + std::to_string(size) +
                               " numbers at byte " + std::to_string(at) +
                               ", expected fewer than the file has bytes");
    }
    array.resize(size);
    read(array.data(), size * sizeof(array[0]));
  });
  return c;
}

}  // namespace fleet::testing
