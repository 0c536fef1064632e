#include "apps/config/config_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>
#include <system_error>

namespace fleet::config {
namespace {

[[noreturn]] void expect(const Node& node, std::string_view path, const std::string& expected) {
  throw ConfigError(node.place, path, "expects " + expected + ", given " + node.describe());
}

/// Returns the text of a plain scalar, without a leading plus, which from_chars does not know.
std::string_view plain_text(const Node& node, std::string_view path, const char* expected) {
  if (node.kind != Node::Kind::kScalar || node.is_quoted || node.scalar.empty()) {
    expect(node, path, expected);
  }
  std::string_view text = node.scalar;
  if (text[0] == '+' && text.size() > 1 && text[1] != '-') {
    text.remove_prefix(1);
  }
  return text;
}

/// Parses all of `text`; invalid_argument if any character is left over.
template <typename T>
std::errc parse(std::string_view text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop != end ? std::errc::invalid_argument : error;
}

template <typename T>
std::string range_text(T lowest, T highest) {
  return "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest);
}

/// Reads 200000000 and also 2e8, which is how people write many steps.
template <typename T>
T read_whole(const Node& node, std::string_view path, T lowest, T highest) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: doubles up to here count by ones
  const std::string_view text = plain_text(node, path, "a whole number");
  T value{};
  std::errc error = parse(text, value);
  if (error == std::errc::invalid_argument) {
    double real = 0.0;
    if (parse(text, real) != std::errc() || !std::isfinite(real) || std::trunc(real) != real) {
      expect(node, path, "a whole number");
    }
    if (std::abs(real) > kExact || real < static_cast<double>(lowest)) {
      error = std::errc::result_out_of_range;
    } else {
      value = static_cast<T>(real);
      error = std::errc();
    }
  }
  if (error != std::errc() || value < lowest || value > highest) {
    expect(node, path, range_text(lowest, highest));
  }
  return value;
}

/// YAML's .inf, and inf: what everything else that prints a number writes.
bool is_infinity(std::string_view magnitude) {
  if (magnitude.starts_with('.')) {
    magnitude.remove_prefix(1);
  }
  return magnitude == "inf" || magnitude == "Inf" || magnitude == "INF";
}

template <typename T>
T read_real(const Node& node, std::string_view path) {
  std::string_view text = plain_text(node, path, "a number");
  const bool is_negative = text[0] == '-';
  const std::string_view magnitude = text.substr(is_negative ? 1 : 0);
  if (is_infinity(magnitude)) {
    const T infinity = std::numeric_limits<T>::infinity();
    return is_negative ? -infinity : infinity;
  }
  if (magnitude == ".nan" || magnitude == ".NaN" || magnitude == ".NAN" || magnitude == "nan") {
    throw ConfigError(node.place, path, "expects a number; NaN is not accepted");
  }
  T value{};
  const bool is_word = magnitude.empty() || magnitude[0] == 'i' || magnitude[0] == 'I' ||
                       magnitude[0] == 'n' || magnitude[0] == 'N';
  const std::errc error = is_word ? std::errc::invalid_argument : parse(text, value);
  if (error == std::errc::result_out_of_range) {
    expect(node, path,
           sizeof(T) == 4 ? "a number that a float can hold" : "a number that a double can hold");
  }
  if (error != std::errc()) {
    expect(node, path, "a number");
  }
  return value;
}

template <typename T>
std::string real_text(T value) {
  if (std::isnan(value)) {
    return ".nan";
  }
  if (std::isinf(value)) {
    return value < 0 ? "-.inf" : ".inf";
  }
  char buffer[40];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end);
  // A reader of YAML sees from the point that this is no integer.
  const bool is_whole = text.find_first_of(".e") == std::string::npos;
  return is_whole ? text + ".0" : text;
}

/// Returns whether YAML reads `text`, unquoted, as exactly this text.
bool is_safe_plain(std::string_view text) {
  static constexpr const char* kWords[] = {"true", "false", "null", "yes", "no",
                                           "on",   "off",   "y",    "n"};
  constexpr std::string_view kFirst = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
  constexpr std::string_view kRest = "0123456789_./-";
  if (text.empty() || kFirst.find(text[0]) == std::string_view::npos ||
      !std::ranges::all_of(text, [&](char character) {
        return kFirst.find(character) != std::string_view::npos ||
               kRest.find(character) != std::string_view::npos;
      })) {
    return false;
  }
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return std::ranges::find(kWords, lower) == std::end(kWords);
}

}  // namespace

void read_scalar(const Node& node, std::string_view path, bool& value) {
  const std::string_view text = plain_text(node, path, "true or false");
  if (text == "true" || text == "True") {
    value = true;
  } else if (text == "false" || text == "False") {
    value = false;
  } else {
    expect(node, path, "true or false");
  }
}

void read_scalar(const Node& node, std::string_view path, std::string& value) {
  if (node.kind != Node::Kind::kScalar) {
    expect(node, path, "a text");
  }
  value = node.scalar;
}

void read_scalar(const Node& node, std::string_view path, float& value) {
  value = read_real<float>(node, path);
}

void read_scalar(const Node& node, std::string_view path, double& value) {
  value = read_real<double>(node, path);
}

std::int64_t read_signed(const Node& node, std::string_view path, std::int64_t lowest,
                         std::int64_t highest) {
  return read_whole<std::int64_t>(node, path, lowest, highest);
}

std::uint64_t read_unsigned(const Node& node, std::string_view path, std::uint64_t highest) {
  return read_whole<std::uint64_t>(node, path, 0, highest);
}

std::size_t read_name(const Node& node, std::string_view path,
                      const std::vector<std::string>& names) {
  std::string known;
  for (const std::string& name : names) {
    known += (known.empty() ? "" : ", ") + name;
  }
  if (node.kind != Node::Kind::kScalar) {
    expect(node, path, "one of " + known);
  }
  const auto found = std::ranges::find(names, node.scalar);
  if (found == names.end()) {
    const std::string suggestion = suggest(node.scalar, names);
    throw ConfigError(node.place, path,
                      "expects one of " + known + ", given " + node.describe() +
                          (suggestion.find("mean") != std::string::npos ? suggestion : ""));
  }
  return static_cast<std::size_t>(found - names.begin());
}

std::string scalar_text(bool value) { return value ? "true" : "false"; }
std::string scalar_text(float value) { return real_text(value); }
std::string scalar_text(double value) { return real_text(value); }
std::string scalar_text(std::int64_t value) { return std::to_string(value); }
std::string scalar_text(std::uint64_t value) { return std::to_string(value); }

std::string scalar_text(const std::string& value) {
  if (is_safe_plain(value)) {
    return value;
  }
  std::string text = "\"";
  for (const char character : value) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      (text += '\\') += character;
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      text += escape;
    } else {
      text += character;
    }
  }
  return text + '"';
}

}  // namespace fleet::config
