#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fleet::files {

/// What is wrong with a file, in one line: file, place in it, what was found, what was expected.
class FileError : public std::runtime_error {
 public:
  /// `place` is a byte offset or a key, e.g. "byte 8" or "key 'iteration'"; may be empty.
  FileError(std::string_view file, std::string_view place, std::string_view problem);

  /// Returns the message without the file's name.
  const std::string& detail() const { return detail_; }

 private:
  std::string detail_;
};

/// A disk that is full or fails, said in the same way. It is not the user's mistake.
class DiskError : public FileError {
 public:
  using FileError::FileError;
};

/// Throws what became of `file`, with errno's text: a DiskError if errno tells of one.
[[noreturn]] void throw_errno(std::string_view file, std::string_view what);

/// Returns `text` fit for an error message: control characters replaced, cut to `max_size` bytes.
std::string one_line(std::string_view text, std::size_t max_size = 160);

/// Returns "byte 12", the place of most problems in binary files.
std::string at_byte(std::size_t offset);

}  // namespace fleet::files
