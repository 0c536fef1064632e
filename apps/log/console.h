#pragma once

#include <cstdio>
#include <string>

#include "apps/log/iteration_log.h"

namespace fleet::log {

/// Returns the block of lines that users of rsl_rl know, for a terminal.
std::string iteration_block(const IterationLog& log);

/// Returns the same in one line, for files and pipes.
std::string iteration_line(const IterationLog& log);

/// Prints each iteration: a block on a terminal, one plain line anywhere else.
class Console {
 public:
  explicit Console(std::FILE* out);
  Console(std::FILE* out, bool is_terminal) : out_(out), is_terminal_(is_terminal) {}

  /// Warns besides when a policy begins to ask for more than the env's bounds let through.
  void print(const IterationLog& log);

 private:
  std::FILE* out_;
  bool is_terminal_;
  bool is_clipping_ = false;  // as of the last iteration
};

}  // namespace fleet::log
