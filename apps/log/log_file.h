#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "apps/files/file_handle.h"

namespace fleet::log {

/// Appends to a file from a thread of its own, so that a slow disk never makes training wait.
///
/// After it is opened nothing throws: a disk that fills up costs the log, not the run.
class LogFile {
 public:
  enum class Open { kAppend, kNew };

  /// @throws files::FileError if it cannot be opened; with kNew also if it exists.
  LogFile(const std::string& path, Open open);

  /// Writes what is still waiting.
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Hands over the bytes of one record and returns at once.
  void append(std::string_view bytes);

  /// Returns when all that was appended is with the operating system.
  void flush();

  /// Returns the first error, after which nothing more is written; empty if there was none.
  std::string error() const;

  const std::string& path() const { return file_.path(); }

 private:
  void write_until_stopped();
  void write(std::string_view bytes);

  files::FileHandle file_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::string error_;
  bool is_writing_ = false;
  bool is_stopped_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace fleet::log
