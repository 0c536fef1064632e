#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "apps/files/file_handle.h"
#include "cuda/field.h"

namespace fleet::files {

// A safetensors file: 8 bytes with the header's size, the header (JSON: name -> dtype, shape, byte
// range), then the tensors' bytes. It holds no code, and Python's stock package reads ours.

inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// What the header says of one tensor.
struct TensorInfo {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  ///< bytes from the start of the file
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<TensorInfo> tensors;  ///< in the order of their bytes

  const TensorInfo* find(std::string_view name) const;
};

/// Checks and reads a header: `bytes` is the beginning of a file of `file_size` bytes, up to the
/// header's end at least.
///
/// Refuses unknown dtypes and keys, names given twice, shapes whose size overflows, and ranges that
/// do not tile the rest of the file exactly.
/// @throws FileError
SafetensorsHeader parse_safetensors_header(std::string_view bytes, std::uint64_t file_size,
                                           const std::string& file);

/// Reads a file tensor by tensor, so that no second copy of it is held in memory.
class SafetensorsReader {
 public:
  /// @throws FileError, as does read().
  explicit SafetensorsReader(const std::string& path);

  const std::string& path() const { return file_.path(); }
  const SafetensorsHeader& header() const { return header_; }

  /// Reads into a field of the same name, dtype and shape; its rows may be strided.
  void read(const Field& field) const;

  /// Throws unless the file has `field`'s name with its dtype and shape.
  void require(const Field& field) const;

  /// Returns the values of a tensor of any shape whose dtype is exactly T.
  template <typename T>
  std::vector<T> values(const std::string& name) const {
    const std::vector<std::int64_t>& shape = info(name).shape;
    Field field = make_field(name, shape, static_cast<T*>(nullptr));
    std::vector<T> values(static_cast<std::size_t>(field.num_elements()));
    field.data = reinterpret_cast<std::byte*>(values.data());
    read(field);
    return values;
  }

  /// Returns what the header says of a tensor that must be there.
  const TensorInfo& info(const std::string& name) const;

 private:
  FileHandle file_;
  SafetensorsHeader header_;
};

/// How a file that was written can be recognized.
struct FileDigest {
  std::uint64_t num_bytes = 0;
  std::string sha256;
};

/// Writes `fields` to `path`, completely or not at all.
///
/// Equal fields and metadata give equal bytes. Tensors are stored by falling element size, in
/// list order within a size, so that each lies aligned.
/// @throws FileError; std::invalid_argument on a name used twice or a negative size.
FileDigest save_safetensors(const std::string& path, const Fields& fields,
                            const std::map<std::string, std::string>& metadata = {});

}  // namespace fleet::files
