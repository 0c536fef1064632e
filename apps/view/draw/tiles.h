#pragma once

#include <optional>
#include <vector>

#include <mujoco/mujoco.h>

namespace fleet::view {

/// Where several envs are drawn side by side: as many rows as columns, or one less.
class Tiles {
 public:
  /// @param area pixels  @param count of tiles, at least 1
  Tiles(mjrRect area, int count);

  int count() const { return static_cast<int>(tiles_.size()); }
  /// Row by row from the top left.
  mjrRect tile(int index) const { return tiles_[static_cast<std::size_t>(index)]; }
  /// The tile that holds a pixel; nullopt: none.
  std::optional<int> find(int x, int y) const;

 private:
  std::vector<mjrRect> tiles_;
};

}  // namespace fleet::view
