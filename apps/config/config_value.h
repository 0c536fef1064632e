#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "apps/config/config_node.h"

namespace fleet::config {

/// A config is a plain struct whose defaults are its member initializers and whose
/// `void fields(auto&& visit)` calls visit("name", member) for each member.
///
/// It may have `std::string validate() const`, which returns "" or the problem, beginning with
/// the key that it is about: "num_envs must be at least 1".
template <typename T>
concept Config = requires(T& config) { config.fields([](const char*, auto&) {}); };

/// An enum that configs spell out has, in its own namespace, a function
/// `names_of(E)` that returns the names of the enumerators 0, 1, ... in order.
template <typename T>
concept NamedEnum = std::is_enum_v<T> && requires { names_of(T{}); };

/// A field that is not counted as a collection: a number, a text, a bool, an enumerator.
template <typename T>
concept Scalar = std::is_arithmetic_v<T> || std::same_as<T, std::string> || NamedEnum<T>;

template <typename T>
inline constexpr bool kIsVector = false;
template <typename T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <typename T>
inline constexpr bool kIsArray = false;
template <typename T, std::size_t N>
inline constexpr bool kIsArray<std::array<T, N>> = true;
template <typename T>
inline constexpr bool kIsOptional = false;
template <typename T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// A map from text to values, sorted (std::map) or in the order written (vector of pairs).
template <typename T>
inline constexpr bool kIsMap = false;
template <typename T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;
template <typename T>
inline constexpr bool kIsMap<std::vector<std::pair<std::string, T>>> = true;

// Scalars from and to YAML text. Reading throws ConfigError at the node's place. -----------------

void read_scalar(const Node& node, std::string_view path, bool& value);
void read_scalar(const Node& node, std::string_view path, std::string& value);
void read_scalar(const Node& node, std::string_view path, float& value);
void read_scalar(const Node& node, std::string_view path, double& value);

/// Reads a whole number in [lowest, highest]; 2e8 is one, 2.5 is not.
std::int64_t read_signed(const Node& node, std::string_view path, std::int64_t lowest,
                         std::int64_t highest);
std::uint64_t read_unsigned(const Node& node, std::string_view path, std::uint64_t highest);

/// Returns the index of the node's text in `names`.
std::size_t read_name(const Node& node, std::string_view path,
                      const std::vector<std::string>& names);

/// Numbers have the fewest digits that read back to the same bits.
std::string scalar_text(bool value);
std::string scalar_text(float value);
std::string scalar_text(double value);
std::string scalar_text(std::int64_t value);
std::string scalar_text(std::uint64_t value);
/// Quotes what YAML would not read as this text.
std::string scalar_text(const std::string& value);

template <std::integral T>
void read_scalar(const Node& node, std::string_view path, T& value) {
  if constexpr (std::is_signed_v<T>) {
    value = static_cast<T>(
        read_signed(node, path, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  } else {
    value = static_cast<T>(read_unsigned(node, path, std::numeric_limits<T>::max()));
  }
}

template <NamedEnum T>
std::vector<std::string> enum_names() {
  std::vector<std::string> names;
  for (const auto& name : names_of(T{})) {
    names.emplace_back(name);
  }
  return names;
}

template <NamedEnum T>
void read_scalar(const Node& node, std::string_view path, T& value) {
  value = static_cast<T>(read_name(node, path, enum_names<T>()));
}

}  // namespace fleet::config
