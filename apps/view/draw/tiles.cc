#include "apps/view/draw/tiles.h"

#include <algorithm>
#include <cmath>

namespace fleet::view {

Tiles::Tiles(mjrRect area, int count) {
  const int columns = static_cast<int>(std::ceil(std::sqrt(count)));
  const int rows = (count + columns - 1) / columns;
  const int gap = count > 1 ? 2 : 0;  // pixels
  for (int i = 0; i < count; ++i) {
    const int left = area.width * (i % columns) / columns;
    const int right = area.width * (i % columns + 1) / columns;
    const int top = area.height * (i / columns) / rows;
    const int bottom = area.height * (i / columns + 1) / rows;
    tiles_.push_back({area.left + left, area.bottom + area.height - bottom,
                      std::max(1, right - left - gap), std::max(1, bottom - top - gap)});
  }
}

std::optional<int> Tiles::find(int x, int y) const {
  for (int i = 0; i < count(); ++i) {
    const mjrRect& tile = tiles_[static_cast<std::size_t>(i)];
    if (x >= tile.left && x < tile.left + tile.width && y >= tile.bottom &&
        y < tile.bottom + tile.height) {
      return i;
    }
  }
  return std::nullopt;
}

}  // namespace fleet::view
