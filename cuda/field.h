#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace fleet {

/// What one element of a field is. Flags are kU8; there is no bool.
enum class DType : std::uint8_t { kF32, kF64, kI32, kI64, kU8, kU64 };

/// Returns the bytes of one element.
constexpr std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
    case DType::kI32:
      return 4;
    case DType::kU8:
      return 1;
    default:
      return 8;
  }
}

/// Returns the name that safetensors uses: "F32", "F64", "I32", "I64", "U8", "U64".
constexpr const char* name_of(DType dtype) {
  constexpr const char* kNames[] = {"F32", "F64", "I32", "I64", "U8", "U64"};
  return kNames[static_cast<std::size_t>(dtype)];
}

/// Returns the DType of a C++ type; what has none does not compile.
template <typename T>
constexpr DType dtype_of() {
  constexpr bool kIsSigned = std::is_signed_v<T>;
  if constexpr (std::is_same_v<T, float>) {
    return DType::kF32;
  } else if constexpr (std::is_same_v<T, double>) {
    return DType::kF64;
  } else {
    static_assert(std::is_integral_v<T> && !std::is_same_v<T, bool>, "no field of this type");
    static_assert(sizeof(T) == 8 || (sizeof(T) == 4 && kIsSigned) || (sizeof(T) == 1 && !kIsSigned),
                  "no field of this type");
    return sizeof(T) == 8 ? (kIsSigned ? DType::kI64 : DType::kU64)
                          : (sizeof(T) == 4 ? DType::kI32 : DType::kU8);
  }
}

/// Names one array of a component's state. It owns nothing: the component does.
///
/// Checkpoints, NaN dumps and hashes are generated from lists of these, so whatever a resume
/// needs must be in the list. `data` is host memory, valid as long as the component says.
struct Field {
  std::string name;  ///< unique in its list, e.g. "env/qpos"
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;  ///< empty for a scalar; row-major
  std::byte* data = nullptr;
  std::size_t row_stride = 0;  ///< bytes between rows of shape[0]; row_bytes() if contiguous

  std::int64_t num_rows() const { return shape.empty() ? 1 : shape[0]; }

  /// Returns the elements in one row: the product of the dimensions after the first.
  std::int64_t row_size() const {
    std::int64_t size = 1;
    for (std::size_t axis = 1; axis < shape.size(); ++axis) {
      size *= shape[axis];
    }
    return size;
  }
  std::size_t row_bytes() const { return static_cast<std::size_t>(row_size()) * size_of(dtype); }
  std::int64_t num_elements() const { return num_rows() * row_size(); }
  std::size_t num_bytes() const { return static_cast<std::size_t>(num_rows()) * row_bytes(); }
  bool is_contiguous() const { return row_stride == row_bytes() || num_rows() <= 1; }
  std::byte* row(std::int64_t index) const {
    return data + static_cast<std::size_t>(index) * row_stride;
  }
};

using Fields = std::vector<Field>;

/// Makes a field whose rows lie one after the other.
template <typename T>
Field make_field(std::string name, std::vector<std::int64_t> shape, T* data) {
  Field field{.name = std::move(name),
              .dtype = dtype_of<T>(),
              .shape = std::move(shape),
              .data = reinterpret_cast<std::byte*>(data)};
  field.row_stride = field.row_bytes();
  return field;
}

/// Makes a field whose rows begin `row_stride` bytes apart, as in padded or interleaved storage.
template <typename T>
Field make_strided_field(std::string name, std::vector<std::int64_t> shape, T* data,
                         std::size_t row_stride) {
  Field field = make_field(std::move(name), std::move(shape), data);
  field.row_stride = row_stride;
  return field;
}

}  // namespace fleet
