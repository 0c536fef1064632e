#include "apps/files/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "apps/files/atomic_write.h"
#include "apps/files/file_error.h"
#include "apps/files/read_file.h"

namespace fleet::files {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint64_t kMaxNpyBytes = std::uint64_t{8} << 30;
constexpr std::size_t kMaxHeader = 65536;
constexpr std::size_t kMaxDimensions = 32;
constexpr std::size_t kAlignment = 64;  // NumPy's, so that the values can be mapped

/// Reads the Python dict literal that describes the array. It knows just what NumPy writes.
class DescriptionReader {
 public:
  DescriptionReader(std::string_view text, std::size_t first_byte, const std::string& file)
      : text_(text), first_byte_(first_byte), file_(file) {}

  std::string descr;
  bool is_fortran = false;
  std::vector<std::int64_t> shape;

  void read() {
    bool has_descr = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = read_quoted();
      expect(':');
      if (key == "descr" && !std::exchange(has_descr, true)) {
        descr = read_quoted();
      } else if (key == "fortran_order" && !std::exchange(has_order, true)) {
        is_fortran = read_bool();
      } else if (key == "shape" && !std::exchange(has_shape, true)) {
        read_shape();
      } else {
        fail("key '" + key + "' unknown or given twice");
      }
      if (!accept(',') && peek() != '}') {
        fail("expected ',' or '}'");
      }
    }
    if (peek() != '\0' || !has_descr || !has_order || !has_shape) {
      fail("expected exactly descr, fortran_order and shape");
    }
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw FileError(file_, at_byte(first_byte_ + position_),
                    "in the array's description: " + problem);
  }

  char peek() {
    position_ = std::min(text_.find_first_not_of(" \n", position_), text_.size());
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  bool accept(char character) {
    const bool is_next = peek() == character && position_ < text_.size();
    position_ += is_next ? 1 : 0;
    return is_next;
  }

  void expect(char character) {
    if (!accept(character)) {
      fail(std::string("expected '") + character + "'");
    }
  }

  std::string read_quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') {
      fail("expected a text in quotes; arrays with named columns are not read");
    }
    const std::size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) {
      fail("a text without its closing quote");
    }
    const std::size_t begin = std::exchange(position_, end + 1) + 1;
    return std::string(text_.substr(begin, end - begin));
  }

  bool read_bool() {
    peek();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true},
                                      std::pair<std::string_view, bool>{"False", false}}) {
      if (text_.substr(position_).starts_with(word)) {
        position_ += word.size();
        return value;
      }
    }
    fail("expected True or False");
  }

  void read_shape() {
    expect('(');
    while (!accept(')')) {
      peek();
      std::int64_t size = -1;
      const char* begin = text_.data() + position_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0 || shape.size() == kMaxDimensions) {
        fail("expected at most 32 counts as the shape");
      }
      position_ += static_cast<std::size_t>(end - begin);
      shape.push_back(size);
      if (!accept(',') && peek() != ')') {
        fail("expected ',' or ')'");
      }
    }
  }

  std::string_view text_;
  std::size_t first_byte_;
  const std::string& file_;
  std::size_t position_ = 0;
};

std::optional<DType> find_dtype(std::string_view descr) {
  static constexpr std::pair<std::string_view, DType> kKnown[] = {
      {"<f4", DType::kF32}, {"<f8", DType::kF64}, {"<i4", DType::kI32}, {"<i8", DType::kI64},
      {"|u1", DType::kU8},  {"|b1", DType::kU8},  {"<u8", DType::kU64}};
  for (const auto& [name, dtype] : kKnown) {
    if (name == descr) {
      return dtype;
    }
  }
  return std::nullopt;
}

const char* descr_of(DType dtype) {
  constexpr const char* kNames[] = {"<f4", "<f8", "<i4", "<i8", "|u1", "<u8"};
  return kNames[static_cast<std::size_t>(dtype)];
}

/// Returns where the description begins and ends, from the prefix of version 1 or 2.
std::pair<std::size_t, std::size_t> description_range(std::string_view bytes,
                                                      const std::string& file) {
  if (!bytes.starts_with(kMagic) || bytes.size() < 10) {
    throw FileError(file, at_byte(0), "is no .npy array: expected \\x93NUMPY");
  }
  const auto byte = [&](std::size_t index) {
    return std::size_t{static_cast<unsigned char>(bytes[index])};
  };
  const std::size_t version = byte(6);
  if ((version != 1 && version != 2) || (version == 2 && bytes.size() < 12)) {
    throw FileError(file, at_byte(6),
                    ".npy version " + std::to_string(version) + "; versions 1 and 2 are read");
  }
  std::size_t size = byte(8) | byte(9) << 8;
  if (version == 2) {
    size |= byte(10) << 16 | byte(11) << 24;
  }
  const std::size_t begin = version == 1 ? 10 : 12;
  if (size > kMaxHeader || size > bytes.size() - begin) {
    throw FileError(file, at_byte(8),
                    "description of " + std::to_string(size) + " bytes; only " +
                        std::to_string(bytes.size() - begin) + " follow");
  }
  return {begin, begin + size};
}

void require_num_bytes(const Array& array, std::size_t num_bytes, const std::string& file) {
  bool is_empty = std::ranges::find(array.shape, 0) != array.shape.end();
  std::int64_t expected = is_empty ? 0 : static_cast<std::int64_t>(size_of(array.dtype));
  for (const std::int64_t size : array.shape) {
    if (!is_empty && __builtin_mul_overflow(expected, size, &expected)) {
      throw FileError(file, "shape", "has more elements than memory");
    }
  }
  if (static_cast<std::uint64_t>(expected) != num_bytes) {
    throw FileError(file, "",
                    "holds " + std::to_string(num_bytes) + " bytes of values; its shape needs " +
                        std::to_string(expected));
  }
}

}  // namespace

Field Array::field(std::string name) {
  Field field{.name = std::move(name), .dtype = dtype, .shape = shape, .data = bytes.data()};
  field.row_stride = field.row_bytes();
  return field;
}

Array parse_npy(std::string_view bytes, const std::string& file) {
  const auto [begin, end] = description_range(bytes, file);
  DescriptionReader description(bytes.substr(begin, end - begin), begin, file);
  description.read();
  const std::optional<DType> dtype = find_dtype(description.descr);
  if (!dtype) {
    throw FileError(file, "descr",
                    "is '" + one_line(description.descr, 20) +
                        "'; expected <f4, <f8, <i4, <i8, |u1, |b1 or <u8");
  }
  if (description.is_fortran && description.shape.size() > 1) {
    throw FileError(file, "fortran_order", "is True; expected C order (numpy.ascontiguousarray)");
  }
  Array array{.dtype = *dtype, .shape = description.shape, .bytes = {}};
  const std::string_view values = bytes.substr(end);
  require_num_bytes(array, values.size(), file);
  array.bytes.resize(values.size());
  std::ranges::copy(std::as_bytes(std::span(values)), array.bytes.begin());
  return array;
}

Array load_npy(const std::string& path) { return parse_npy(read_file(path, kMaxNpyBytes), path); }

std::string npy_header(const Field& field) {
  std::string shape;
  for (const std::int64_t size : field.shape) {
    shape += std::to_string(size) + (field.shape.size() == 1 ? "," : ", ");
  }
  if (field.shape.size() > 1) {
    shape.resize(shape.size() - 2);
  }
  std::string text = std::string("{'descr': '") + descr_of(field.dtype) +
                     "', 'fortran_order': False, 'shape': (" + shape + "), }";
  constexpr std::size_t kPrefix = 10;
  const std::size_t end = kPrefix + text.size() + 1;
  text.append((end + kAlignment - 1) / kAlignment * kAlignment - end, ' ');
  text += '\n';
  std::string header(kMagic);
  header +=
      {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

void save_npy(const std::string& path, const Field& field) {
  AtomicFile file(path);
  file.write(npy_header(field));
  file.write(field);
  file.commit();
}

}  // namespace fleet::files
