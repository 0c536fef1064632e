#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apps/log/iteration_log.h"
#include "apps/log/log_file.h"

namespace fleet::log {

/// Writes scalars as TensorBoard reads them: one event file per process, in the run's folder.
///
/// The curves' x axis is the iteration, as in rsl_rl.
class TensorBoardWriter {
 public:
  /// Creates `<folder>/events.out.tfevents.<seconds>.fleet.<n>`.
  ///
  /// @param wall_time seconds since 1970. @throws files::FileError
  TensorBoardWriter(const std::string& folder, double wall_time);

  /// Makes readers drop what earlier files of the folder say of later iterations: they are done
  /// again from here.
  void forget_after(std::int64_t iteration, double wall_time);

  void write(const IterationLog& log, double wall_time);

  void flush() { file_->flush(); }
  std::string error() const { return file_->error(); }
  const std::string& path() const { return file_->path(); }

 private:
  std::unique_ptr<LogFile> file_;
};

/// Returns a record: the bytes' size and the bytes, each with its masked CRC-32C.
std::string tfrecord(std::string_view bytes);

/// Returns the CRC-32C (Castagnoli) of bytes.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace fleet::log
