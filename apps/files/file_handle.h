#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "apps/files/file_error.h"

namespace fleet::files {

/// Owns a POSIX file descriptor: fsync, and errno for the message, need one.
class FileHandle {
 public:
  /// @throws FileError with errno's text if `path` cannot be opened with `flags`.
  FileHandle(const std::string& path, int flags, mode_t mode = 0644)
      : descriptor_(::open(path.c_str(), flags, mode)) {
    if (descriptor_ < 0) {
      throw FileError(path, "", std::string("cannot be opened: ") + std::strerror(errno));
    }
  }
  ~FileHandle() { close(); }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;

  int descriptor() const { return descriptor_; }

  /// Returns whether the kernel reported no late error of an earlier write.
  bool close() {
    const int descriptor = std::exchange(descriptor_, -1);
    return descriptor < 0 || ::close(descriptor) == 0;
  }

 private:
  int descriptor_;
};

}  // namespace fleet::files
