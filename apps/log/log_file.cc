#include "apps/log/log_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "apps/files/file_error.h"

namespace fleet::log {
namespace {

constexpr std::size_t kMaxWaiting = std::size_t{64} << 20;  // bytes, while the disk hangs

}  // namespace

LogFile::LogFile(const std::string& path, Open open)
    : file_(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (open == Open::kNew ? O_EXCL : 0)),
      thread_([this] { write_until_stopped(); }) {}

LogFile::~LogFile() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LogFile::append(std::string_view bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (!error_.empty()) {
      return;
    }
    if (waiting_.size() + bytes.size() > kMaxWaiting) {
      error_ = path() + ": too slow to be written";
      return;
    }
    waiting_ += bytes;
  }
  changed_.notify_all();
}

void LogFile::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !is_writing_; });
}

std::string LogFile::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

void LogFile::write_until_stopped() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty() || is_stopped_; });
    if (waiting_.empty()) {
      return;
    }
    const std::string bytes = std::exchange(waiting_, {});
    is_writing_ = true;
    lock.unlock();
    write(bytes);
    lock.lock();
    is_writing_ = false;
    changed_.notify_all();
  }
}

void LogFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.descriptor(), bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      const std::lock_guard lock(mutex_);
      error_ =
          files::FileError(path(), "", std::string("cannot be written: ") + std::strerror(errno))
              .what();
      return;
    }
    bytes.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
  }
}

}  // namespace fleet::log
