#include "apps/view/draw/tiles.h"

#include <gtest/gtest.h>

namespace fleet::view {
namespace {

TEST(TilesTest, OneTileIsTheWholeArea) {
  const Tiles tiles({10, 20, 300, 200}, 1);
  EXPECT_EQ(tiles.tile(0).left, 10);
  EXPECT_EQ(tiles.tile(0).bottom, 20);
  EXPECT_EQ(tiles.tile(0).width, 300);
  EXPECT_EQ(tiles.tile(0).height, 200);
}

TEST(TilesTest, EveryTileIsInsideAndFindsItself) {
  for (int count = 1; count <= 16; ++count) {
    const Tiles tiles({10, 20, 303, 205}, count);
    ASSERT_EQ(tiles.count(), count);
    for (int i = 0; i < count; ++i) {
      const mjrRect tile = tiles.tile(i);
      EXPECT_GE(tile.left, 10);
      EXPECT_GE(tile.bottom, 20);
      EXPECT_LE(tile.left + tile.width, 313);
      EXPECT_LE(tile.bottom + tile.height, 225);
      EXPECT_EQ(tiles.find(tile.left + tile.width / 2, tile.bottom + tile.height / 2), i);
    }
  }
}

TEST(TilesTest, TheFirstIsAtTheTopLeft) {
  const Tiles tiles({0, 0, 100, 100}, 4);
  EXPECT_EQ(tiles.find(5, 95), 0);
  EXPECT_EQ(tiles.find(95, 95), 1);
  EXPECT_EQ(tiles.find(5, 5), 2);
  EXPECT_EQ(tiles.find(95, 5), 3);
  EXPECT_FALSE(tiles.find(200, 5));
}

}  // namespace
}  // namespace fleet::view
