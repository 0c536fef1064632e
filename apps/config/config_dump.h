#pragma once

#include <string>
#include <type_traits>

#include "apps/config/config_value.h"

namespace fleet::config {

/// Writes every field of `config`, given or default, as YAML that reads back to the same values.
template <Config T>
std::string dump(const T& config);

namespace detail {

template <typename T>
std::string scalar_of(const T& value) {
  if constexpr (NamedEnum<T>) {
    return scalar_text(enum_names<T>().at(static_cast<std::size_t>(value)));
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return scalar_text(
        static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value));
  } else {
    return scalar_text(value);
  }
}

/// Writes what follows "key:" or "-", from the space to the line's end, and what lies below it.
template <typename T>
void dump_value(const T& value, std::size_t indent, std::string& out);

template <typename T>
void dump_entry(const std::string& key, const T& value, std::size_t indent, std::string& out) {
  out += std::string(indent, ' ') + scalar_text(key) + ":";
  dump_value(value, indent + 2, out);
}

template <typename T>
void dump_items(const T& values, std::size_t indent, std::string& out) {
  using Item = typename T::value_type;
  if constexpr (Scalar<Item>) {
    out += " [";
    for (std::size_t index = 0; index < values.size(); ++index) {
      out += (index == 0 ? "" : ", ") + scalar_of<Item>(values[index]);
    }
    out += "]\n";
  } else {
    out += values.empty() ? " []\n" : "\n";
    for (const Item& item : values) {
      out += std::string(indent, ' ') + "-";
      dump_value(item, indent + 2, out);
    }
  }
}

template <typename T>
void dump_value(const T& value, std::size_t indent, std::string& out) {
  if constexpr (Config<T>) {
    const std::size_t begin = out.size();
    out += "\n";
    const_cast<T&>(value).fields(
        [&](const char* name, const auto& field) { dump_entry(name, field, indent, out); });
    if (out.size() == begin + 1) {
      out.replace(begin, 1, " {}\n");
    }
  } else if constexpr (Scalar<T>) {
    out += " " + scalar_of(value) + "\n";
  } else if constexpr (kIsOptional<T>) {
    value ? dump_value(*value, indent, out) : void(out += " null\n");
  } else if constexpr (kIsMap<T>) {
    out += value.empty() ? " {}\n" : "\n";
    for (const auto& [key, entry] : value) {
      dump_entry(key, entry, indent, out);
    }
  } else {
    dump_items(value, indent, out);
  }
}

}  // namespace detail

template <Config T>
std::string dump(const T& config) {
  std::string out;
  detail::dump_value(config, 0, out);
  return out.substr(out[0] == '\n' ? 1 : 0);
}

}  // namespace fleet::config
