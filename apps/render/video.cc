#include "apps/render/video.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/files/file_error.h"

extern char** environ;

namespace fleet::render {
namespace {

using files::FileError;

/// Starts a program of PATH that reads from `input`, says nothing, and returns its id; -1: it
/// fails.
pid_t start(std::vector<std::string> command, int input) {
  std::vector<char*> arguments;
  for (std::string& word : command) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  pid_t child = -1;
  const int error =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? child : -1;
}

}  // namespace

bool has_ffmpeg() {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((folder + "/ffmpeg").c_str(), X_OK) == 0) {
      return true;
    }
  }
  return false;
}

VideoWriter::VideoWriter(std::string path, int width, int height, double frames_per_second)
    : path_(std::move(path)), temporary_(path_ + ".tmp-" + std::to_string(getpid()) + ".mp4") {
  if (!has_ffmpeg()) {
    throw FileError(path_, "", "a video needs the program ffmpeg, which is not on PATH");
  }
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw FileError(path_, "", "no pipe can be opened");
  }
  std::signal(SIGPIPE, SIG_IGN);  // ffmpeg may end early: then write() says so
  ffmpeg_ = start({"ffmpeg",     "-loglevel",
                   "error",      "-y",
                   "-f",         "rawvideo",
                   "-pix_fmt",   "rgb24",
                   "-s",         std::to_string(width) + "x" + std::to_string(height),
                   "-r",         std::to_string(frames_per_second),
                   "-i",         "-",
                   "-an",        "-c:v",
                   "libx264",    "-pix_fmt",
                   "yuv420p",    "-movflags",
                   "+faststart", temporary_},
                  ends[0]);
  ::close(ends[0]);
  pipe_ = ends[1];
  if (ffmpeg_ < 0) {
    ::close(pipe_);
    throw FileError(path_, "", "ffmpeg cannot be started");
  }
}

VideoWriter::~VideoWriter() {
  if (ffmpeg_ < 0) {
    return;
  }
  ::close(pipe_);
  waitpid(ffmpeg_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove(temporary_, ignored);
}

void VideoWriter::add(const Image& image) {
  for (std::size_t at = 0; at < image.pixels.size();) {
    const ssize_t count = ::write(pipe_, image.pixels.data() + at, image.pixels.size() - at);
    if (count < 0 && errno != EINTR) {
      throw FileError(path_, "", "ffmpeg ended before the video did");
    }
    at += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

void VideoWriter::close() {
  ::close(pipe_);
  int status = 0;
  waitpid(ffmpeg_, &status, 0);
  ffmpeg_ = -1;
  std::error_code error;
  if (status == 0) {
    std::filesystem::rename(temporary_, path_, error);
  }
  if (status != 0 || error) {
    std::error_code ignored;
    std::filesystem::remove(temporary_, ignored);
    throw FileError(path_, "", status != 0 ? "ffmpeg failed" : error.message());
  }
}

}  // namespace fleet::render
