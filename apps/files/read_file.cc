#include "apps/files/read_file.h"

#include "apps/files/file_error.h"
#include "apps/files/file_handle.h"

namespace fleet::files {

std::string read_file(const std::string& path, std::uint64_t max_bytes) {
  const FileHandle file = open_for_reading(path);
  const std::uint64_t size = file.regular_size();
  if (size > max_bytes) {
    throw FileError(path, "",
                    "has " + std::to_string(size) + " bytes; at most " + std::to_string(max_bytes) +
                        " are accepted");
  }
  std::string bytes(size, '\0');
  file.read_at(std::as_writable_bytes(std::span(bytes)), 0);
  return bytes;
}

}  // namespace fleet::files
