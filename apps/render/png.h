#pragma once

#include <string>

#include "apps/render/renderer.h"

namespace fleet::render {

/// Writes a picture as PNG, completely or not at all. @throws files::FileError
void save_png(const std::string& path, const Image& image);

}  // namespace fleet::render
