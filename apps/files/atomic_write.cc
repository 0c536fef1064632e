#include "apps/files/atomic_write.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "apps/files/field_rows.h"
#include "apps/files/file_error.h"

namespace fleet::files {
namespace {

constexpr const char* kMark = ".tmp-";

std::string temporary_name(const std::string& path) {
  static std::atomic<int> counter = 0;
  return path + kMark + std::to_string(::getpid()) + "-" + std::to_string(counter++);
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

void sync_folder_of(const std::string& path) {
  const FileHandle handle(folder_of(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Some network file systems cannot sync a folder; the rename is then all there is.
  if (::fsync(handle.descriptor()) != 0 && errno != EINVAL && errno != ENOTSUP) {
    throw_errno(path, "its folder cannot be synced to disk");
  }
}

}  // namespace

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)),
      temporary_(temporary_name(path_)),
      file_(temporary_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC) {}

AtomicFile::~AtomicFile() {
  if (!is_committed_) {
    file_.close();
    ::unlink(temporary_.c_str());
  }
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.descriptor(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      throw_errno(path_, "cannot be written");
    }
    bytes = bytes.subspan(count < 0 ? 0 : static_cast<std::size_t>(count));
  }
}

void AtomicFile::write(const Field& field) {
  for_each_block(field, [this](std::span<std::byte> block) { write(block); });
}

void AtomicFile::commit() {
  if (::fsync(file_.descriptor()) != 0) {
    throw_errno(path_, "cannot be synced to disk");
  }
  if (!file_.close()) {
    throw_errno(path_, "cannot be written");
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    throw_errno(path_, "cannot be replaced");
  }
  is_committed_ = true;
  sync_folder_of(path_);
}

void atomic_write(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void require_writable(const std::string& path) {
  if (path.empty() || path == "-") {
    return;
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    throw FileError(path, "", "is a folder; expected a file");
  }
  const std::string folder = folder_of(path);
  if (!std::filesystem::is_directory(folder, error)) {
    throw FileError(path, "", "cannot be written: there is no folder " + one_line(folder));
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw_errno(path, "cannot be written");
  }
}

bool is_temporary(std::string_view name) { return name.find(kMark) != std::string_view::npos; }

}  // namespace fleet::files
