#include "apps/files/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "apps/files/field_rows.h"
#include "apps/files/file_error.h"
#include "apps/files/json_reader.h"

namespace fleet::files {
namespace {

using nlohmann::json;

constexpr std::uint64_t kPrefix = 8;
constexpr std::size_t kMaxDimensions = 32;

std::string key_place(std::string_view name) { return "key '" + one_line(name) + "'"; }

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    text += (axis == 0 ? "" : ", ") + std::to_string(shape[axis]);
  }
  return text + "]";
}

std::optional<DType> find_dtype(std::string_view name) {
  for (const DType dtype :
       {DType::kF32, DType::kF64, DType::kI32, DType::kI64, DType::kU8, DType::kU64}) {
    if (name == name_of(dtype)) {
      return dtype;
    }
  }
  return std::nullopt;
}

/// Returns the header's size, once it is known to lie inside the file.
std::uint64_t header_size(std::string_view bytes, std::uint64_t file_size,
                          const std::string& file) {
  if (file_size < kPrefix || bytes.size() < kPrefix) {
    throw FileError(
        file, at_byte(0),
        "has " + std::to_string(file_size) + " bytes; a safetensors file has at least 8");
  }
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), kPrefix);
  if (size > kMaxSafetensorsHeader) {
    throw FileError(file, at_byte(0),
                    "header of " + std::to_string(size) + " bytes; at most " +
                        std::to_string(kMaxSafetensorsHeader) + " are accepted");
  }
  if (size > file_size - kPrefix) {
    throw FileError(file, at_byte(0),
                    "header of " + std::to_string(size) + " bytes; only " +
                        std::to_string(file_size - kPrefix) + " follow");
  }
  return size;
}

std::vector<std::int64_t> read_shape(const json& entry, const std::string& name,
                                     const std::string& file) {
  const json& sizes = require_key(entry, "shape", file);
  if (!sizes.is_array() || sizes.size() > kMaxDimensions) {
    throw FileError(file, key_place(name), "expected a shape of at most 32 sizes");
  }
  std::vector<std::int64_t> shape;
  for (const json& size : sizes) {
    if (!size.is_number_unsigned() ||
        size.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      throw FileError(file, key_place(name), "has a size in its shape that is no count");
    }
    shape.push_back(size.get<std::int64_t>());
  }
  return shape;
}

/// Returns the bytes of a tensor; refuses a product that does not fit 63 bits.
std::uint64_t tensor_bytes(const TensorInfo& tensor, const std::string& file) {
  if (std::ranges::find(tensor.shape, 0) != tensor.shape.end()) {
    return 0;
  }
  std::int64_t product = static_cast<std::int64_t>(size_of(tensor.dtype));
  for (const std::int64_t size : tensor.shape) {
    if (__builtin_mul_overflow(product, size, &product)) {
      throw FileError(file, key_place(tensor.name),
                      "shape " + shape_text(tensor.shape) + " has more elements than memory");
    }
  }
  return static_cast<std::uint64_t>(product);
}

TensorInfo read_tensor(const std::string& name, const json& entry, const std::string& file) {
  TensorInfo tensor;
  tensor.name = name;
  if (!entry.is_object() || entry.size() != 3) {
    throw FileError(file, key_place(name), "expected exactly dtype, shape and data_offsets");
  }
  const std::string dtype = require_text(entry, "dtype", file);
  const std::optional<DType> known = find_dtype(dtype);
  if (!known) {
    throw FileError(file, key_place(name),
                    "dtype '" + one_line(dtype, 20) + "'; expected F32, F64, I32, I64, U8 or U64");
  }
  tensor.dtype = *known;
  tensor.shape = read_shape(entry, name, file);
  const json& range = require_key(entry, "data_offsets", file);
  if (!range.is_array() || range.size() != 2 || !range[0].is_number_unsigned() ||
      !range[1].is_number_unsigned() || range[0] > range[1]) {
    throw FileError(file, key_place(name), "expected data_offsets [begin, end]");
  }
  tensor.begin = range[0].get<std::uint64_t>();
  tensor.end = range[1].get<std::uint64_t>();
  const std::uint64_t num_bytes = tensor_bytes(tensor, file);
  if (tensor.end - tensor.begin != num_bytes) {
    throw FileError(file, key_place(name),
                    "has " + std::to_string(tensor.end - tensor.begin) + " bytes; " + dtype +
                        " of shape " + shape_text(tensor.shape) + " has " +
                        std::to_string(num_bytes));
  }
  return tensor;
}

std::map<std::string, std::string> read_metadata(const json& entries, const std::string& file) {
  if (!entries.is_object()) {
    throw FileError(file, key_place("__metadata__"), "expected an object of texts");
  }
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : entries.items()) {
    metadata[key] = require_text(entries, key, file);
  }
  return metadata;
}

/// Sorts by position, then requires that each tensor begins where the one before it ended.
void require_tiling(std::vector<TensorInfo>& tensors, std::uint64_t num_bytes,
                    const std::string& file) {
  std::ranges::stable_sort(
      tensors, {}, [](const TensorInfo& tensor) { return std::pair(tensor.begin, tensor.end); });
  std::uint64_t end = 0;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.begin != end) {
      throw FileError(file, key_place(tensor.name),
                      "begins at byte " + std::to_string(tensor.begin) + " of the data; expected " +
                          std::to_string(end) + ", where the one before it ends");
    }
    end = tensor.end;
  }
  if (end != num_bytes) {
    throw FileError(file, "",
                    "holds " + std::to_string(num_bytes) + " bytes of data; its header describes " +
                        std::to_string(end));
  }
}

SafetensorsHeader read_header(const FileHandle& file) {
  const std::uint64_t file_size = file.regular_size();
  std::string bytes(std::min(file_size, kPrefix), '\0');
  file.read_at(std::as_writable_bytes(std::span(bytes)), 0);
  const std::uint64_t size = header_size(bytes, file_size, file.path());
  bytes.resize(kPrefix + size);
  file.read_at(std::as_writable_bytes(std::span(bytes)).subspan(kPrefix), kPrefix);
  return parse_safetensors_header(bytes, file_size, file.path());
}

}  // namespace

const TensorInfo* SafetensorsHeader::find(std::string_view name) const {
  const auto tensor = std::ranges::find(tensors, name, &TensorInfo::name);
  return tensor == tensors.end() ? nullptr : &*tensor;
}

SafetensorsHeader parse_safetensors_header(std::string_view bytes, std::uint64_t file_size,
                                           const std::string& file) {
  const std::uint64_t size = header_size(bytes, file_size, file);
  if (bytes.size() < kPrefix + size || size == 0 || bytes[kPrefix] != '{') {
    throw FileError(file, at_byte(kPrefix), "expected a JSON object, the header");
  }
  const json root = parse_json(bytes.substr(kPrefix, size), file, kPrefix);
  SafetensorsHeader header;
  for (const auto& [name, entry] : root.items()) {
    if (name == "__metadata__") {
      header.metadata = read_metadata(entry, file);
    } else {
      header.tensors.push_back(read_tensor(name, entry, file));
    }
  }
  require_tiling(header.tensors, file_size - kPrefix - size, file);
  for (TensorInfo& tensor : header.tensors) {
    tensor.begin += kPrefix + size;
    tensor.end += kPrefix + size;
  }
  return header;
}

SafetensorsReader::SafetensorsReader(const std::string& path)
    : file_(open_for_reading(path)), header_(read_header(file_)) {}

const TensorInfo& SafetensorsReader::info(const std::string& name) const {
  const TensorInfo* tensor = header_.find(name);
  if (tensor == nullptr) {
    throw FileError(path(), key_place(name), "is missing");
  }
  return *tensor;
}

void SafetensorsReader::require(const Field& field) const {
  const TensorInfo& tensor = info(field.name);
  if (tensor.dtype != field.dtype) {
    throw FileError(
        path(), key_place(field.name),
        std::string("has dtype ") + name_of(tensor.dtype) + "; expected " + name_of(field.dtype));
  }
  if (tensor.shape != field.shape) {
    throw FileError(
        path(), key_place(field.name),
        "has shape " + shape_text(tensor.shape) + "; expected " + shape_text(field.shape));
  }
}

void SafetensorsReader::read(const Field& field) const {
  require(field);
  std::uint64_t offset = info(field.name).begin;
  for_each_block(field, [&](std::span<std::byte> block) {
    file_.read_at(block, offset);
    offset += block.size();
  });
}

}  // namespace fleet::files
