#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <sys/types.h>

namespace fleet::files {

/// Owns a POSIX file descriptor: fsync, and errno's text for the message, need one.
class FileHandle {
 public:
  /// @throws FileError with errno's text if `path` cannot be opened with `flags`.
  FileHandle(std::string path, int flags, mode_t mode = 0644);
  ~FileHandle() { close(); }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  FileHandle(FileHandle&& other) noexcept;

  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }

  /// Returns the size in bytes; throws FileError if this is a folder, a pipe or a device.
  std::uint64_t regular_size() const;

  /// Fills `bytes` from `offset` on; throws FileError if the file ends before that.
  void read_at(std::span<std::byte> bytes, std::uint64_t offset) const;

  /// Returns whether the kernel reported no late error of an earlier write.
  bool close();

 private:
  std::string path_;
  int descriptor_;
};

/// Opens for reading without waiting for the other end of a pipe.
FileHandle open_for_reading(const std::string& path);

}  // namespace fleet::files
