#include "apps/play_pictures.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "apps/files/file_error.h"
#include "apps/render/camera.h"
#include "apps/render/png.h"
#include "apps/render/video.h"
#include "apps/run_config.h"

namespace fleet {
namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 480;
constexpr std::size_t kFrames = 8;  // of the strip
constexpr int kColumns = 4;
constexpr double kFramesPerSecond = 50.0;  // of the video, at most

}  // namespace

Pictures::Pictures(const envs::EnvConfig& config, std::string png, std::string video)
    : png_(std::move(png)),
      video_(std::move(video)),
      model_(envs::make_model(config, root_folder() + "/third_party")),
      data_(sim::make_data(*model_)),
      renderer_(*model_, kWidth, kHeight) {
  if (!video_.empty() && !render::has_ffmpeg()) {
    throw files::FileError(video_, "", "a video needs the program ffmpeg, which is not on PATH");
  }
}

void Pictures::pose(const std::vector<double>& qpos) {
  std::copy(qpos.begin(), qpos.end(), data_->qpos);
  mj_fwdPosition(model_.get(), data_.get());
}

void Pictures::save(const Motion& motion) {
  if (motion.qpos.empty()) {
    return;
  }
  if (!png_.empty()) {
    save_strip(motion);
  }
  if (!video_.empty()) {
    save_video(motion);
  }
}

void Pictures::save_strip(const Motion& motion) {
  const std::size_t count = std::min(kFrames, motion.qpos.size());
  std::vector<render::Image> images;
  mjvCamera camera{};
  for (std::size_t i = 0; i < count; ++i) {
    pose(motion.qpos[(motion.qpos.size() - 1) * (i + 1) / count]);
    if (i == 0) {
      camera = render::make_camera(*model_, *data_, render::followed_body(*model_));
    }
    images.push_back(renderer_.draw(*data_, camera));
  }
  render::save_png(png_, render::tile(images, kColumns));
  fmt::print("{}: {} pictures over {:.1f} s ({})\n", png_, count,
             static_cast<double>(motion.qpos.size()) * motion.control_period, renderer_.gl_name());
}

void Pictures::save_video(const Motion& motion) {
  const double stride = std::max(1.0, std::round(1.0 / (kFramesPerSecond * motion.control_period)));
  render::VideoWriter writer(video_, kWidth, kHeight, 1.0 / (stride * motion.control_period));
  pose(motion.qpos.front());
  mjvCamera camera = render::make_camera(*model_, *data_, render::followed_body(*model_));
  for (std::size_t i = 0; i < motion.qpos.size(); i += static_cast<std::size_t>(stride)) {
    pose(motion.qpos[i]);
    writer.add(renderer_.draw(*data_, camera));
  }
  writer.close();
  fmt::print("{}: {:.1f} s\n", video_,
             static_cast<double>(motion.qpos.size()) * motion.control_period);
}

}  // namespace fleet
