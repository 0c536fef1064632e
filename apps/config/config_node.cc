#include "apps/config/config_node.h"

#include <algorithm>

#include "apps/files/file_error.h"

namespace fleet::config {
namespace {

std::string message(const Place& place, std::string_view path, std::string_view problem) {
  std::string text = place.text() + ": ";
  if (!path.empty()) {
    text += "'" + files::one_line(path) + "' ";
  }
  return text + files::one_line(problem, 1000);
}

/// "go1-flat", "volley/3v3": whatever it names lies below the folder of its kind.
bool is_name(std::string_view text) {
  if (text.find('\\') != std::string_view::npos) {
    return false;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    if (end == begin || text[begin] == '.') {
      return false;
    }
    begin = end + 1;
  }
  return true;
}

Place command_line() { return {std::make_shared<const std::string>("command line"), 0, 0}; }

void set_place(Node& node, const Place& place) {
  node.place = place;
  for (Node& item : node.items) {
    set_place(item, place);
  }
  for (auto& [key, value] : node.entries) {
    set_place(value, place);
  }
}

}  // namespace

std::string Place::text() const {
  std::string text = file ? files::one_line(*file, 1000) : "configuration";
  if (line > 0) {
    text += ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  return text;
}

ConfigError::ConfigError(const Place& place, std::string_view path, std::string_view problem)
    : runtime_error(message(place, path, problem)) {}

const Node* Node::find(std::string_view key) const {
  const auto entry = std::ranges::find(entries, key, &Entry::first);
  return entry == entries.end() ? nullptr : &entry->second;
}

std::optional<Node> Node::take(std::string_view key) {
  const auto entry = std::ranges::find(entries, key, &Entry::first);
  if (entry == entries.end()) {
    return std::nullopt;
  }
  std::optional<Node> value = std::move(entry->second);
  entries.erase(entry);
  return value;
}

std::string Node::describe() const {
  switch (kind) {
    case Kind::kScalar:
      return (is_quoted ? "the text '" : "'") + files::one_line(scalar, 60) + "'";
    case Kind::kSequence:
      return "a sequence";
    case Kind::kMap:
      return "a map";
    default:
      return "nothing";
  }
}

void merge(Node& under, Node over) {
  if (under.kind != Node::Kind::kMap || over.kind != Node::Kind::kMap) {
    under = std::move(over);
    return;
  }
  under.place = over.place;
  for (auto& [key, value] : over.entries) {
    const auto entry = std::ranges::find(under.entries, key, &Node::Entry::first);
    if (entry != under.entries.end()) {
      merge(entry->second, std::move(value));
    } else {
      under.entries.emplace_back(key, std::move(value));
    }
  }
}

Node resolve_bases(Node root, const FindBase& find_base) {
  std::vector<Node> layers;
  std::optional<Node> next = std::move(root);
  while (next) {
    std::optional<Node> base = next->take("base");
    layers.push_back(std::move(*next));
    next.reset();
    if (!base) {
      break;
    }
    if (base->kind != Node::Kind::kScalar || !is_name(base->scalar)) {
      throw ConfigError(base->place, "base",
                        "expects a name, not a path; given " + base->describe());
    }
    if (layers.size() > kMaxBases) {
      throw ConfigError(
          base->place, "base",
          "more than " + std::to_string(kMaxBases) + " configs on top of each other: a circle?");
    }
    next = find_base(base->scalar);
    if (!next) {
      throw ConfigError(base->place, "base", "there is no config " + base->describe());
    }
  }
  Node merged = std::move(layers.back());
  for (std::size_t layer = layers.size() - 1; layer-- > 0;) {
    merge(merged, std::move(layers[layer]));
  }
  return merged;
}

bool is_override(std::string_view text) {
  const std::size_t end =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
  return end != std::string_view::npos && end > 0 && text[end] == '=' && text[0] != '-';
}

void apply_override(Node& root, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string path(assignment.substr(0, equals));
  if (equals == std::string_view::npos || path.empty() || path.front() == '.' ||
      path.back() == '.' || path.find("..") != std::string::npos ||
      std::ranges::count(path, '.') >= kMaxYamlDepth) {
    throw ConfigError(command_line(), assignment, "is no override; expected key.path=value");
  }
  Node value;
  try {
    value = parse_yaml(assignment.substr(equals + 1), "command line");
  } catch (const ConfigError&) {
    throw ConfigError(command_line(), path,
                      "has a value that is no YAML: " + std::string(assignment.substr(equals + 1)));
  }
  set_place(value, command_line());
  for (std::size_t end = path.size(); end != std::string::npos;) {
    const std::size_t dot = path.rfind('.', end - 1);
    const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
    Node outer{.kind = Node::Kind::kMap, .place = value.place};
    outer.entries.emplace_back(path.substr(begin, end - begin), std::move(value));
    value = std::move(outer);
    end = dot;
  }
  merge(root, std::move(value));
}

}  // namespace fleet::config
