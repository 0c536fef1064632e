#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cuda/field.h"

namespace fleet::files {

// NumPy's array files (.npy) and archives of them (.npz), for users who live in Python.

/// An array that was read: row-major values and their shape. NumPy's bool arrives as kU8.
struct Array {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;

  std::size_t num_elements() const { return bytes.size() / size_of(dtype); }

  /// Returns the values converted to T, from whatever number they are.
  template <typename T>
  std::vector<T> values() const;

  /// Returns a field over these values, valid while the array lives.
  Field field(std::string name);
};

/// Parses the bytes of a .npy file of version 1 or 2: little-endian f4, f8, i4, i8, u1, u8 or b1 in
/// C order. Arrays of Python objects, which would need pickle, are refused.
///
/// @throws FileError
Array parse_npy(std::string_view bytes, const std::string& file);

/// Reads a .npy file.
Array load_npy(const std::string& path);

/// Returns a .npy file's bytes up to the values.
std::string npy_header(const Field& field);

/// Writes one field as .npy, completely or not at all.
void save_npy(const std::string& path, const Field& field);

/// How the arrays of an .npz are stored, as in numpy.savez and numpy.savez_compressed.
enum class NpzCompression { kStored, kDeflated };

/// Writes the fields as an archive that numpy.load reads, completely or not at all.
///
/// Equal fields give equal bytes: the archive carries no time.
/// @throws FileError also if an array has 4 GiB or more, which would need the zip64 format.
void save_npz(const std::string& path, const Fields& fields,
              NpzCompression compression = NpzCompression::kDeflated);

/// Reads an archive of .npy arrays, stored or deflated; the keys have no ".npy".
///
/// Checks every CRC-32. Names in the archive are only keys: nothing is ever unpacked to a path.
/// @throws FileError
std::map<std::string, Array> load_npz(const std::string& path);

/// The same from memory; `file` is for messages.
std::map<std::string, Array> parse_npz(std::string_view bytes, const std::string& file);

template <typename T>
std::vector<T> Array::values() const {
  std::vector<T> values(num_elements());
  const auto convert = [&]<typename From>(const From* from) {
    for (std::size_t index = 0; index < values.size(); ++index) {
      values[index] = static_cast<T>(from[index]);
    }
  };
  const void* data = bytes.data();
  switch (dtype) {
    case DType::kF32:
      convert(static_cast<const float*>(data));
      break;
    case DType::kF64:
      convert(static_cast<const double*>(data));
      break;
    case DType::kI32:
      convert(static_cast<const std::int32_t*>(data));
      break;
    case DType::kI64:
      convert(static_cast<const std::int64_t*>(data));
      break;
    case DType::kU8:
      convert(static_cast<const std::uint8_t*>(data));
      break;
    case DType::kU64:
      convert(static_cast<const std::uint64_t*>(data));
      break;
  }
  return values;
}

}  // namespace fleet::files
