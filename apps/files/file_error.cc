#include "apps/files/file_error.h"

#include <cerrno>
#include <cstring>

namespace fleet::files {
namespace {

std::string make_detail(std::string_view place, std::string_view problem) {
  return (place.empty() ? "" : one_line(place) + ": ") + one_line(problem, 1000);
}

}  // namespace

FileError::FileError(std::string_view file, std::string_view place, std::string_view problem)
    : runtime_error(one_line(file, 1000) + ": " + make_detail(place, problem)),
      detail_(make_detail(place, problem)) {}

void throw_errno(std::string_view file, std::string_view what) {
  const int error = errno;
  const std::string problem = std::string(what) + ": " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO) {
    throw DiskError(file, "", problem);
  }
  throw FileError(file, "", problem);
}

std::string one_line(std::string_view text, std::size_t max_size) {
  std::string line(text.substr(0, max_size));
  for (char& character : line) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) {
      character = '?';
    }
  }
  return text.size() > max_size ? line + "..." : line;
}

std::string at_byte(std::size_t offset) { return "byte " + std::to_string(offset); }

}  // namespace fleet::files
