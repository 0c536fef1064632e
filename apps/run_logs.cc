#include "apps/run_logs.h"

#include <chrono>
#include <cstdio>

namespace fleet {
namespace {

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Not by fmt::print, which throws: stderr may be what has gone.
void tell_of_loss(const std::string& what) {
  std::fputs(("fleet: " + what + "; the training goes on without it\n").c_str(), stderr);
}

}  // namespace

RunLogs::RunLogs(const std::string& folder)
    : tensorboard_(folder, wall_time()), jsonl_(folder + "/progress.jsonl"), console_(stdout) {}

void RunLogs::forget_after(std::int64_t iteration) {
  jsonl_.forget_after(iteration);
  tensorboard_.forget_after(iteration, wall_time());
}

void RunLogs::write(const log::IterationLog& log) {
  console_.print(log);
  tensorboard_.write(log, wall_time());
  jsonl_.write(log);
  tell_of_losses();
}

void RunLogs::flush() {
  tensorboard_.flush();
  jsonl_.flush();
  tell_of_losses();
}

void RunLogs::tell_of_losses() {
  flush_stdout_or_go_on();
  const std::string of_jsonl = jsonl_.error();
  const std::string error = of_jsonl.empty() ? tensorboard_.error() : of_jsonl;
  if (!error.empty() && !is_loss_told_) {
    tell_of_loss(error);
    is_loss_told_ = true;
  }
}

void flush_stdout_or_go_on() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    tell_of_loss("stdout: cannot be written");
    // What is still to be printed would else fill the buffer, and then fail.
    if (std::freopen("/dev/null", "w", stdout) == nullptr) {
      std::clearerr(stdout);
    }
  }
}

}  // namespace fleet
