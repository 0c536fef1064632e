#pragma once

#include <cstdint>
#include <string>

#include "apps/log/console.h"
#include "apps/log/jsonl.h"
#include "apps/log/tensorboard.h"

namespace fleet {

/// The logs of a training: TensorBoard and JSONL in its folder, and what it prints.
///
/// A full disk or a reader that has gone (`fleet train ... | head -1`, with SIGPIPE ignored) costs
/// the log, not the run: the training goes on, and says so once on stderr.
class RunLogs {
 public:
  /// @throws files::FileError
  explicit RunLogs(const std::string& folder);

  /// What a run did after `iteration` will be done again. @throws files::FileError
  void forget_after(std::int64_t iteration);
  void write(const log::IterationLog& log);
  /// Returns when all that was written is with the operating system, or lost.
  void flush();

 private:
  void tell_of_losses();

  log::TensorBoardWriter tensorboard_;
  log::JsonlWriter jsonl_;
  log::Console console_;
  bool is_loss_told_ = false;
};

/// Flushes stdout. If it cannot be written, says so and prints nothing from then on.
void flush_stdout_or_go_on();

}  // namespace fleet
