#include "apps/files/file_handle.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/files/file_error.h"

namespace fleet::files {

FileHandle::FileHandle(std::string path, int flags, mode_t mode)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), flags, mode)) {
  if (descriptor_ < 0) {
    throw_errno(path_, "cannot be opened");
  }
}

FileHandle::FileHandle(FileHandle&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

std::uint64_t FileHandle::regular_size() const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    throw FileError(path_, "", "is not a regular file");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

void FileHandle::read_at(std::span<std::byte> bytes, std::uint64_t offset) const {
  while (!bytes.empty()) {
    const ssize_t count =
        ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      throw FileError(path_, at_byte(offset),
                      count == 0 ? "the file became shorter while it was read"
                                 : std::string("cannot be read: ") + std::strerror(errno));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

bool FileHandle::close() {
  const int descriptor = std::exchange(descriptor_, -1);
  return descriptor < 0 || ::close(descriptor) == 0;
}

FileHandle open_for_reading(const std::string& path) {
  return FileHandle(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

}  // namespace fleet::files
