#include "apps/interrupt.h"

#include <csignal>

#include <unistd.h>

namespace fleet {
namespace {

volatile std::sig_atomic_t g_signals = 0;

extern "C" void on_signal(int signal) {
  if (g_signals != 0 && signal != SIGHUP) {  // which kernel and shell both send, and once is meant
    _exit(128 + signal);
  }
  g_signals = 1;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction before{};
  sigaction(SIGHUP, &action, &before);
  if (before.sa_handler == SIG_IGN) {
    sigaction(SIGHUP, &before, nullptr);
  }
}

void ignore_lost_readers() {
  struct sigaction action{};
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

bool is_interrupted() { return g_signals != 0; }

}  // namespace fleet
