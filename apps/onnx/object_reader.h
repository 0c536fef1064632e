#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/files/file_error.h"
#include "apps/files/json_reader.h"

namespace fleet::onnx_files {

/// Reads keys of one JSON object of a file that may be hostile, each with the checks that its kind
/// needs. Every function throws files::FileError naming the key.
class ObjectReader {
  using json = nlohmann::json;

 public:
  static constexpr double kLargest = 1e9;  ///< of any number in a contract

  /// @param object, file outlive this
  ObjectReader(const json& object, const std::string& file) : object_(object), file_(file) {}

  std::string text(const char* key) const {
    const std::string value = files::require_text(object_, key, file_);
    check(value.size() <= kLongestName, key, "is longer than 200 characters");
    return value;
  }
  double number(const char* key, double least, double most) const {
    return number_of(files::require_key(object_, key, file_), key, least, most);
  }
  /// A list of numbers of `least` or more. @param null what null stands for
  std::vector<double> numbers(const char* key, double least,
                              double null = std::numeric_limits<double>::infinity()) const {
    std::vector<double> values;
    for (const json& item : list(key)) {
      values.push_back(item.is_null() ? null : number_of(item, key, least, kLargest));
    }
    return values;
  }
  /// A list of names, all different.
  std::vector<std::string> texts(const char* key) const {
    std::vector<std::string> values;
    for (const json& item : list(key)) {
      check(item.is_string(), key, "expected texts");
      values.push_back(item.get<std::string>());
      check(!values.back().empty() && values.back().size() <= kLongestName, key,
            "has a name of no or more than 200 characters");
    }
    const std::set<std::string> distinct(values.begin(), values.end());
    check(distinct.size() == values.size(), key, "has a name twice");
    return values;
  }
  /// [least, most], both counts.
  std::array<int, 2> range(const char* key) const {
    const std::vector<double> values = numbers(key, 0.0);
    check(values.size() == 2 && values[0] <= values[1] && values[1] <= 10'000.0, key,
          "expected [least, most]");
    return {static_cast<int>(values[0]), static_cast<int>(values[1])};
  }
  const json& list(const char* key) const {
    const json& value = files::require_key(object_, key, file_);
    check(value.is_array() && value.size() <= kMostNames, key, "expected a list of at most 1000");
    return value;
  }
  ObjectReader object(const char* key) const {
    const json& value = files::require_key(object_, key, file_);
    check(value.is_object(), key, "expected an object");
    return {value, file_};
  }
  const json& value() const { return object_; }
  void check(bool holds, const char* key, const char* problem) const {
    if (!holds) {
      throw files::FileError(file_, std::string("key '") + key + "'", problem);
    }
  }

 private:
  static constexpr std::size_t kMostNames = 1'000;
  static constexpr std::size_t kLongestName = 200;

  double number_of(const json& value, const char* key, double least, double most) const {
    check(value.is_number(), key, "expected numbers");
    const auto number = value.get<double>();
    check(number >= least && number <= most, key, "has a number that makes no sense");
    return number;
  }

  const json& object_;
  const std::string& file_;
};

}  // namespace fleet::onnx_files
