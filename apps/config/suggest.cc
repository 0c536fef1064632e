#include <algorithm>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "apps/config/config_node.h"

namespace fleet::config {
namespace {

constexpr std::size_t kMaxListed = 12;    // names in a message that lists them
constexpr std::size_t kMaxCompared = 64;  // longer names are not worth quadratic time

/// Returns the insertions, deletions, substitutions and swaps of neighbours that turn a into b.
int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> before(b.size() + 1);
  std::vector<int> previous(b.size() + 1);
  std::vector<int> current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0);
  for (std::size_t row = 1; row <= a.size(); ++row) {
    current[0] = static_cast<int>(row);
    for (std::size_t column = 1; column <= b.size(); ++column) {
      const int substitution = previous[column - 1] + (a[row - 1] != b[column - 1] ? 1 : 0);
      current[column] = std::min({previous[column] + 1, current[column - 1] + 1, substitution});
      if (row > 1 && column > 1 && a[row - 1] == b[column - 2] && a[row - 2] == b[column - 1]) {
        current[column] = std::min(current[column], before[column - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t index = 0; index < std::min(names.size(), kMaxListed); ++index) {
    text += (index == 0 ? "" : ", ") + names[index];
  }
  return names.size() > kMaxListed ? text + ", ..." : text;
}

}  // namespace

std::string suggest(std::string_view given, const std::vector<std::string>& names) {
  const std::string* nearest = nullptr;
  int smallest = 1 + static_cast<int>(std::min(given.size(), kMaxCompared)) / 3;
  for (const std::string& name : names) {
    if (given.size() > kMaxCompared || name.size() > kMaxCompared) {
      continue;
    }
    const int distance = edit_distance(given, name);
    if (distance < smallest || (distance == smallest && nearest == nullptr)) {
      smallest = distance;
      nearest = &name;
    }
  }
  if (nearest != nullptr) {
    return "; did you mean '" + *nearest + "'?";
  }
  return names.empty() ? "" : "; known here: " + list(names);
}

}  // namespace fleet::config
