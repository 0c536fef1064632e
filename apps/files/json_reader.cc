#include "apps/files/json_reader.h"

#include <limits>
#include <vector>

#include "apps/files/file_error.h"

namespace fleet::files {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDepth = 16;
constexpr int kMaxValues = 4'000'000;

/// Builds the tree from the parser's events, to refuse what the parser itself would take.
class TreeBuilder final : public nlohmann::json_sax<json> {
 public:
  TreeBuilder(const std::string& file, std::uint64_t first_byte)
      : file_(file), first_byte_(first_byte) {}

  json take_root() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const auto [value, is_new] = open_.back()->emplace(name, nullptr);
    if (!is_new) {
      throw FileError(file_, "key '" + one_line(name) + "'", "is given twice");
    }
    value_ = &*value;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& last_token,
                   const nlohmann::detail::exception&) override {
    throw FileError(file_, at_byte(first_byte_ + position),
                    "is no JSON: unexpected '" + one_line(last_token, 40) + "'");
  }

 private:
  json* add(json&& value, bool) {
    if (++num_values_ > kMaxValues) {
      throw FileError(file_, "", "more than " + std::to_string(kMaxValues) + " values");
    }
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      return &open_.back()->emplace_back(std::move(value));
    }
    *value_ = std::move(value);
    return value_;
  }

  bool add(json&& value) { return add(std::move(value), true) != nullptr; }

  bool open(json&& value) {
    if (open_.size() == kMaxDepth) {
      throw FileError(file_, "", "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    open_.push_back(add(std::move(value), true));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const std::string& file_;
  std::uint64_t first_byte_;
  json root_;
  std::vector<json*> open_;  // stable: a container only grows while it is the innermost
  json* value_ = nullptr;    // of the key just read
  int num_values_ = 0;
};

[[noreturn]] void expect(const char* expected, const json& value, const std::string& key,
                         const std::string& file) {
  throw FileError(file, "key '" + one_line(key) + "'",
                  std::string("expected ") + expected + ", found " + value.type_name());
}

}  // namespace

json parse_json(std::string_view text, const std::string& file, std::uint64_t first_byte) {
  TreeBuilder builder(file, first_byte);
  json::sax_parse(text, &builder);
  return builder.take_root();
}

const json& require_key(const json& object, const std::string& key, const std::string& file) {
  if (!object.is_object()) {
    throw FileError(file, "", std::string("expected a JSON object, found ") + object.type_name());
  }
  const auto value = object.find(key);
  if (value == object.end()) {
    throw FileError(file, "key '" + one_line(key) + "'", "is missing");
  }
  return *value;
}

std::string require_text(const json& object, const std::string& key, const std::string& file) {
  const json& value = require_key(object, key, file);
  if (!value.is_string()) {
    expect("a text", value, key, file);
  }
  return value.get<std::string>();
}

std::uint64_t require_count(const json& object, const std::string& key, const std::string& file) {
  const json& value = require_key(object, key, file);
  if (!value.is_number_unsigned()) {
    expect("a whole number of at least 0", value, key, file);
  }
  return value.get<std::uint64_t>();
}

std::int64_t require_integer(const json& object, const std::string& key, const std::string& file) {
  const json& value = require_key(object, key, file);
  const bool fits = value.is_number_unsigned() &&
                    value.get<std::uint64_t>() <=
                        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_integer() || (value.is_number_unsigned() && !fits)) {
    expect("a whole number", value, key, file);
  }
  return value.get<std::int64_t>();
}

}  // namespace fleet::files
