#include "apps/view/world/learning_curves.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

namespace fleet::view {
namespace {

constexpr std::uint64_t kMostAtOnce = 8UL << 20U;  // bytes, so that one frame does not wait for all
const std::set<std::string> kNoCurves{"iteration", "num_iterations", "env_steps", "total_time",
                                      "eta"};

}  // namespace

bool LearningCurves::poll() {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(file_, error);
  if (error || size == offset_) {
    return false;
  }
  if (size < offset_) {
    offset_ = 0;
    curves_.clear();
    num_iterations_ = 0;
  }
  std::ifstream file(file_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset_));
  std::string text(std::min(size - offset_, kMostAtOnce), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    add(text.substr(begin, end - begin));
  }
  // A line that fills all of it is none of ours.
  offset_ += begin == 0 && text.size() == kMostAtOnce ? text.size() : begin;
  return begin > 0;
}

void LearningCurves::add(const std::string& line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("env_steps") || !json["env_steps"].is_number()) {
    return;
  }
  const double env_steps = json["env_steps"];
  for (const auto& [tag, value] : json.items()) {
    if (value.is_number() && !kNoCurves.contains(tag)) {
      curves_[tag].env_steps.push_back(env_steps);
      curves_[tag].values.push_back(value);
    }
  }
  if (json.contains("num_iterations") && json["num_iterations"].is_number_integer()) {
    planned_iterations_ = json["num_iterations"];
  }
  ++num_iterations_;
}

}  // namespace fleet::view
