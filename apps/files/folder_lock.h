#pragma once

#include <string>

#include "apps/files/file_handle.h"

namespace fleet::files {

/// Keeps other processes from writing a folder, as long as this lives.
///
/// The lock is on the folder's file ".lock", which stays; it is the kernel's, so that a process
/// that was killed holds none.
class FolderLock {
 public:
  static constexpr const char* kName = ".lock";

  /// @throws FileError if another process holds it, or if its file cannot be made
  explicit FolderLock(const std::string& folder);

 private:
  FileHandle file_;
};

}  // namespace fleet::files
