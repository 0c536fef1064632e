#pragma once

#include <array>
#include <csignal>
#include <stdexcept>
#include <string>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace fleet {

/// A screen that nobody sees: an Xvfb of this test's own, ended with it.
class VirtualScreen {
 public:
  VirtualScreen() {
    std::array<int, 2> pipe_ends{};
    if (::pipe(pipe_ends.data()) != 0) {
      throw std::runtime_error("no pipe");
    }
    const std::string number = std::to_string(pipe_ends[1]);
    std::array<const char*, 9> arguments{"Xvfb",      "-displayfd", number.c_str(),
                                         "-screen",   "0",          "1600x1000x24",
                                         "-nolisten", "tcp",        nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int error = posix_spawnp(&server_, "Xvfb", &actions, nullptr,
                                   const_cast<char**>(arguments.data()), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    if (error == 0) {
      read_number(pipe_ends[0]);
    }
    ::close(pipe_ends[0]);
    if (display_.empty()) {
      throw std::runtime_error("Xvfb cannot be started; ./fleet test installs it");
    }
  }
  ~VirtualScreen() {
    ::kill(server_, SIGTERM);
    ::waitpid(server_, nullptr, 0);
  }
  VirtualScreen(const VirtualScreen&) = delete;
  VirtualScreen& operator=(const VirtualScreen&) = delete;

  const std::string& display() const { return display_; }  ///< ":5"

 private:
  /// The server writes the number of its display when it is ready.
  void read_number(int pipe) {
    std::string text;
    for (char c = 0; ::read(pipe, &c, 1) == 1 && c != '\n';) {
      text += c;
    }
    display_ = text.empty() ? "" : ":" + text;
  }

  pid_t server_ = -1;
  std::string display_;
};

}  // namespace fleet
