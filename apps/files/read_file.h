#pragma once

#include <cstdint>
#include <string>

namespace fleet::files {

/// Reads a whole regular file of at most `max_bytes`.
///
/// @throws FileError if it is missing, no regular file (a pipe would block for ever), too large,
///     or changes its size while it is read.
std::string read_file(const std::string& path, std::uint64_t max_bytes);

}  // namespace fleet::files
