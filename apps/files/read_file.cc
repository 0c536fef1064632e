#include "apps/files/read_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps/files/file_error.h"
#include "apps/files/file_handle.h"

namespace fleet::files {
namespace {

std::uint64_t size_of_regular_file(const FileHandle& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) {
    throw FileError(path, "", std::string("cannot be read: ") + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    throw FileError(path, "", "is not a regular file");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

std::string read_file(const std::string& path, std::uint64_t max_bytes) {
  const FileHandle file(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const std::uint64_t size = size_of_regular_file(file, path);
  if (size > max_bytes) {
    throw FileError(path, "",
                    "has " + std::to_string(size) + " bytes; at most " + std::to_string(max_bytes) +
                        " are accepted");
  }
  std::string bytes(size, '\0');
  std::size_t num_read = 0;
  while (num_read < size) {
    const ssize_t count =
        ::read(file.descriptor(), bytes.data() + num_read, bytes.size() - num_read);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      throw FileError(path, at_byte(num_read),
                      count == 0 ? "the file became shorter while it was read"
                                 : std::string("cannot be read: ") + std::strerror(errno));
    }
    num_read += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace fleet::files
