#pragma once

#include <cstdint>
#include <string>

#include "apps/log/iteration_log.h"
#include "apps/log/log_file.h"

namespace fleet::log {

/// Returns the iteration as one line of JSON: its numbers, then a key per tag.
///
/// What JSON cannot say (NaN, infinities) is null.
std::string json_line(const IterationLog& log);

/// Appends an iteration per line, for grep, jq and pandas.read_json(lines=True).
class JsonlWriter {
 public:
  /// Goes on with a file that exists; half a line that a killed process left there is closed.
  ///
  /// @throws files::FileError
  explicit JsonlWriter(const std::string& path);

  /// Cuts off what a run did after `iteration`, from where it will now be done again.
  ///
  /// @throws files::FileError
  void forget_after(std::int64_t iteration);

  void write(const IterationLog& log) { file_.append(json_line(log)); }
  void flush() { file_.flush(); }
  std::string error() const { return file_.error(); }

 private:
  LogFile file_;
};

}  // namespace fleet::log
