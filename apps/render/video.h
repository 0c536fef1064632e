#pragma once

#include <string>

#include <sys/types.h>

#include "apps/render/renderer.h"

namespace fleet::render {

/// Whether the program ffmpeg is on PATH.
bool has_ffmpeg();

/// Encodes pictures as H.264 in MP4 through ffmpeg; the file appears when close() returns.
class VideoWriter {
 public:
  /// @throws files::FileError if ffmpeg is missing, as do the others if it fails
  VideoWriter(std::string path, int width, int height, double frames_per_second);

  /// Ends ffmpeg and removes what it wrote, unless close() returned.
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  void add(const Image& image);
  void close();

 private:
  std::string path_;
  std::string temporary_;
  pid_t ffmpeg_ = -1;
  int pipe_ = -1;
};

}  // namespace fleet::render
