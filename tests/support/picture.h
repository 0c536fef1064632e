#pragma once

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <png.h>

namespace fleet {

/// A part of a picture, in parts of its width and height from the top left.
struct Part {
  double left = 0.0, top = 0.0, right = 1.0, bottom = 1.0;
};

/// A picture that was saved, as three bytes (red, green, blue) per pixel.
class Picture {
 public:
  explicit Picture(const std::string& file) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_file(&png, file.c_str()) == 0) {
      throw std::runtime_error(file + ": " + png.message);
    }
    png.format = PNG_FORMAT_RGB;
    width_ = static_cast<int>(png.width);
    height_ = static_cast<int>(png.height);
    pixels_.resize(PNG_IMAGE_SIZE(png));
    if (png_image_finish_read(&png, nullptr, pixels_.data(), 0, nullptr) == 0) {
      throw std::runtime_error(file + ": " + png.message);
    }
  }

  int width() const { return width_; }
  int height() const { return height_; }

  /// The share of a part's pixels for which test(red, green, blue) holds.
  template <class Test>
  double share(const Part& part, const Test& test) const {
    double count = 0.0;
    double total = 0.0;
    each(part, [&](const std::uint8_t* p) {
      total += 1.0;
      count += test(int{p[0]}, int{p[1]}, int{p[2]}) ? 1.0 : 0.0;
    });
    return count / total;
  }

  /// The share of a part's pixels that differ from another picture's of the same size by more than
  /// `tolerance` in a colour.
  double difference(const Picture& other, const Part& part, int tolerance = 12) const {
    double count = 0.0;
    double total = 0.0;
    each(part, [&](const std::uint8_t* p) {
      const std::uint8_t* const q = other.pixels_.data() + (p - pixels_.data());
      total += 1.0;
      count += std::abs(p[0] - q[0]) > tolerance || std::abs(p[1] - q[1]) > tolerance ||
                       std::abs(p[2] - q[2]) > tolerance
                   ? 1.0
                   : 0.0;
    });
    return count / total;
  }

 private:
  template <class Body>
  void each(const Part& part, const Body& body) const {
    for (int y = static_cast<int>(part.top * height_); y < static_cast<int>(part.bottom * height_);
         ++y) {
      for (int x = static_cast<int>(part.left * width_); x < static_cast<int>(part.right * width_);
           ++x) {
        body(pixels_.data() + 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                                   static_cast<std::size_t>(x)));
      }
    }
  }

  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace fleet
