#include "apps/render/png.h"

#include <png.h>

#include "apps/files/atomic_write.h"
#include "apps/files/file_error.h"

namespace fleet::render {

void save_png(const std::string& path, const Image& image) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::string bytes(size, '\0');
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) ==
      0) {
    throw files::FileError(path, "", std::string("libpng: ") + png.message);
  }
  bytes.resize(size);
  files::atomic_write(path, bytes);
}

}  // namespace fleet::render
