#include "apps/config/config_reader.h"

#include <algorithm>

namespace fleet::config::detail {

std::string join(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : std::string(path) + "." + std::string(key);
}

void require_known_keys(const Node& node, const std::string& path,
                        const std::vector<std::string>& names) {
  for (const auto& [key, value] : node.entries) {
    if (std::ranges::find(names, key) == names.end()) {
      throw ConfigError(value.place, join(path, key), "is not a field here" + suggest(key, names));
    }
  }
}

void require_kind(const Node& node, const std::string& path, Node::Kind kind) {
  if (node.kind != kind) {
    const bool is_map = kind == Node::Kind::kMap;
    throw ConfigError(
        node.place, path,
        std::string(is_map ? "expects a map of keys" : "expects a sequence like [1, 2]") +
            ", given " + node.describe());
  }
}

void require_size(const Node& node, const std::string& path, std::size_t size) {
  if (node.items.size() != size) {
    throw ConfigError(
        node.place, path,
        "expects " + std::to_string(size) + " values, given " + std::to_string(node.items.size()));
  }
}

void throw_invalid(const Node* node, const std::string& path, const std::string& problem) {
  const std::size_t end = problem.find_first_of(" :");
  const std::string key = problem.substr(0, end);
  const Node* nearest = node;
  for (std::size_t begin = 0; nearest != nullptr && begin <= key.size();) {
    const std::size_t dot = std::min(key.find('.', begin), key.size());
    const Node* child = nearest->find(key.substr(begin, dot - begin));
    if (child == nullptr) {
      break;
    }
    nearest = child;
    begin = dot + 1;
  }
  const std::size_t rest = problem.find_first_not_of(" :", end);
  throw ConfigError(nearest ? nearest->place : Place{}, join(path, key),
                    rest == std::string::npos ? "is not valid" : problem.substr(rest));
}

}  // namespace fleet::config::detail
