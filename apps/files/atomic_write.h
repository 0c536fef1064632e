#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "apps/files/file_handle.h"
#include "cuda/field.h"

namespace fleet::files {

/// Writes a file that appears complete or not at all.
///
///   write -> "model.json.tmp-<pid>-<n>" -> fsync -> rename -> fsync of the folder
///
/// Until commit() returns, and whatever fails, an older file of the name stays as it was. A
/// process killed midway leaves the temporary behind, which nothing reads.
class AtomicFile {
 public:
  /// @throws FileError, as do write() and commit(), with the file and errno's text.
  explicit AtomicFile(std::string path);

  /// Removes the temporary unless commit() returned.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  /// Writes the rows of a field one after the other, without the gaps of a strided one.
  void write(const Field& field);

  void commit();

 private:
  std::string path_;
  std::string temporary_;
  FileHandle file_;
  bool is_committed_ = false;
};

/// Replaces the file `path` by `text`, completely or not at all.
void atomic_write(const std::string& path, std::string_view text);

/// Looks before the work whether a file could be written there after it; writes nothing.
///
/// @param path "" (no file) and "-" (stdout) are always fine  @throws FileError
void require_writable(const std::string& path);

/// Returns whether a file's name is that of a temporary.
bool is_temporary(std::string_view name);

}  // namespace fleet::files
