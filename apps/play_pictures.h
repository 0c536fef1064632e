#pragma once

#include <string>
#include <vector>

#include "apps/motion_file.h"
#include "apps/render/renderer.h"
#include "envs/make_env.h"
#include "sim/model.h"

namespace fleet {

/// Turns a motion into a strip of pictures (PNG) and a video (MP4).
class Pictures {
 public:
  /// Finds out at once what does not work here. @param png "" for none  @param video "" for none
  /// @throws std::runtime_error without OpenGL, files::FileError without ffmpeg
  Pictures(const envs::EnvConfig& config, std::string png, std::string video);

  void save(const Motion& motion);

 private:
  void pose(const std::vector<double>& qpos);
  void save_strip(const Motion& motion);
  void save_video(const Motion& motion);

  std::string png_;
  std::string video_;
  sim::ModelPtr model_;
  sim::DataPtr data_;
  render::Renderer renderer_;
};

}  // namespace fleet
