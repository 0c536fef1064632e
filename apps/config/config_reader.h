#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/config/config_node.h"
#include "apps/config/config_value.h"

namespace fleet::config {

/// Overwrites the fields that `node` names; the others keep their values.
///
/// A sequence replaces the whole field. A map field merges: the keys given are set, the others
/// stay. `path` is the dotted key of `node` itself, for messages; empty for a whole file.
/// Afterwards every config in `config`, named or not, is asked to validate().
/// @throws ConfigError on a key that no field has, a value that does not fit, or what
///     validate() returns.
template <Config T>
void read_config(const Node& node, T& config, const std::string& path = "");

namespace detail {

std::string join(std::string_view path, std::string_view key);
void require_known_keys(const Node& node, const std::string& path,
                        const std::vector<std::string>& names);
void require_kind(const Node& node, const std::string& path, Node::Kind kind);
void require_size(const Node& node, const std::string& path, std::size_t size);

/// Throws `problem`, which begins with a key of the config that `node` (null if the user gave
/// none) was read into, at that key's place.
[[noreturn]] void throw_invalid(const Node* node, const std::string& path,
                                const std::string& problem);

template <typename T>
void read_value(const Node& node, const std::string& path, T& value);

template <typename T>
T& entry_of(std::map<std::string, T>& map, const std::string& key) {
  return map[key];
}

template <typename T>
T& entry_of(std::vector<std::pair<std::string, T>>& map, const std::string& key) {
  for (auto& [name, value] : map) {
    if (name == key) {
      return value;
    }
  }
  return map.emplace_back(key, T{}).second;
}

template <Config T>
void read_fields(const Node& node, const std::string& path, T& config) {
  if (node.kind == Node::Kind::kNull) {
    return;  // "env:" with everything below it commented out
  }
  require_kind(node, path, Node::Kind::kMap);
  std::vector<std::string> names;
  config.fields([&](const char* name, auto&) { names.emplace_back(name); });
  require_known_keys(node, path, names);
  config.fields([&](const char* name, auto& field) {
    if (const Node* value = node.find(name)) {
      read_value(*value, join(path, name), field);
    }
  });
}

template <typename T>
void read_items(const Node& node, const std::string& path, T& values) {
  require_kind(node, path, Node::Kind::kSequence);
  if constexpr (kIsArray<T>) {
    require_size(node, path, values.size());
  } else {
    values.assign(node.items.size(), typename T::value_type{});
  }
  for (std::size_t index = 0; index < node.items.size(); ++index) {
    typename T::value_type item{};
    read_value(node.items[index], join(path, std::to_string(index)), item);
    values[index] = std::move(item);
  }
}

template <typename T>
void read_value(const Node& node, const std::string& path, T& value) {
  if constexpr (Config<T>) {
    read_fields(node, path, value);
  } else if constexpr (Scalar<T>) {
    read_scalar(node, path, value);
  } else if constexpr (kIsOptional<T>) {
    node.kind == Node::Kind::kNull ? value.reset() : read_value(node, path, value.emplace());
  } else if constexpr (kIsMap<T>) {
    require_kind(node, path, Node::Kind::kMap);
    for (const auto& [key, entry] : node.entries) {
      read_value(entry, join(path, key), entry_of(value, key));
    }
  } else {
    static_assert(kIsVector<T> || kIsArray<T>, "a config cannot have a field of this type");
    read_items(node, path, value);
  }
}

/// Asks the innermost configs first: an outer one may rely on them.
template <typename T>
void validate_value(const Node* node, const std::string& path, const T& value) {
  const auto child = [&](std::string_view key) { return node ? node->find(key) : nullptr; };
  if constexpr (Config<T>) {
    const_cast<T&>(value).fields([&](const char* name, const auto& field) {
      validate_value(child(name), join(path, name), field);
    });
    if constexpr (requires { value.validate(); }) {
      if (const std::string problem = value.validate(); !problem.empty()) {
        throw_invalid(node, path, problem);
      }
    }
  } else if constexpr (kIsOptional<T>) {
    if (value) {
      validate_value(node, path, *value);
    }
  } else if constexpr (kIsMap<T>) {
    for (const auto& [key, entry] : value) {
      validate_value(child(key), join(path, key), entry);
    }
  } else if constexpr (kIsVector<T> || kIsArray<T>) {
    for (std::size_t index = 0; index < value.size(); ++index) {
      const bool is_given = node && index < node->items.size();
      if constexpr (!Scalar<typename T::value_type>) {
        validate_value(is_given ? &node->items[index] : node, join(path, std::to_string(index)),
                       value[index]);
      }
    }
  }
}

}  // namespace detail

template <Config T>
void read_config(const Node& node, T& config, const std::string& path) {
  detail::read_value(node, path, config);
  detail::validate_value(&node, path, config);
}

}  // namespace fleet::config
