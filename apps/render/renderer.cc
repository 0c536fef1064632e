#include "apps/render/renderer.h"

#include <algorithm>
#include <stdexcept>

namespace fleet::render {
namespace {

constexpr int kMaxGeoms = 5000;

std::size_t row_bytes(int width) { return 3 * static_cast<std::size_t>(width); }

/// OpenGL counts rows from the bottom.
void flip(Image& image) {
  const auto row = static_cast<std::ptrdiff_t>(row_bytes(image.width));
  for (int y = 0; y < image.height / 2; ++y) {
    std::swap_ranges(image.pixels.begin() + y * row, image.pixels.begin() + (y + 1) * row,
                     image.pixels.begin() + (image.height - 1 - y) * row);
  }
}

}  // namespace

Image tile(const std::vector<Image>& images, int columns) {
  const Image& first = images.at(0);
  const int rows = (static_cast<int>(images.size()) + columns - 1) / columns;
  Image sheet{columns * first.width, rows * first.height, {}};
  sheet.pixels.resize(row_bytes(sheet.width) * static_cast<std::size_t>(sheet.height));
  for (std::size_t i = 0; i < images.size(); ++i) {
    const int left = static_cast<int>(i) % columns * first.width;
    const int top = static_cast<int>(i) / columns * first.height;
    for (int y = 0; y < first.height; ++y) {
      std::copy_n(
          images[i].pixels.begin() + static_cast<std::ptrdiff_t>(row_bytes(first.width)) * y,
          row_bytes(first.width),
          sheet.pixels.begin() + static_cast<std::ptrdiff_t>(row_bytes(sheet.width)) * (top + y) +
              3 * left);
    }
  }
  return sheet;
}

Renderer::Renderer(mjModel& model, int width, int height)
    : model_(model), width_(width), height_(height), gl_(make_gl_context()) {
  model.vis.global.offwidth = std::max(model.vis.global.offwidth, width);
  model.vis.global.offheight = std::max(model.vis.global.offheight, height);
  model.vis.quality.offsamples = 4;
  mjv_defaultOption(&option_);
  mjv_defaultScene(&scene_);
  mjr_defaultContext(&context_);
  mjv_makeScene(&model_, &scene_, kMaxGeoms);
  mjr_makeContext(&model_, &context_, mjFONTSCALE_100);
  mjr_setBuffer(mjFB_OFFSCREEN, &context_);
  if (context_.currentBuffer != mjFB_OFFSCREEN) {
    throw std::runtime_error(std::string(gl_name()) + " has no offscreen buffer");
  }
}

Renderer::~Renderer() {
  mjr_freeContext(&context_);
  mjv_freeScene(&scene_);
}

Image Renderer::draw(mjData& data, mjvCamera& camera) {
  Image image{width_, height_, {}};
  image.pixels.resize(row_bytes(width_) * static_cast<std::size_t>(height_));
  const mjrRect area{0, 0, width_, height_};
  mjv_updateScene(&model_, &data, &option_, nullptr, &camera, mjCAT_ALL, &scene_);
  mjr_render(area, &scene_, &context_);
  mjr_readPixels(image.pixels.data(), nullptr, area, &context_);
  flip(image);
  return image;
}

}  // namespace fleet::render
