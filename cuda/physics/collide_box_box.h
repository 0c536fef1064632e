#pragma once

#include <array>

#include "cuda/physics/box_pair.h"
#include "cuda/physics/contacts.h"

// Contacts of two boxes.

namespace fleet::physics {

/// Whether two boxes overlap along the axes of the first, and those of the second.
template <class R>
MaskOf<R> faces_touch(const Candidate<R>& c, const PosedGeom<R>& box1, const PosedGeom<R>& box2) {
  const Vec3<R> between = box2.centre() - box1.centre();
  auto touch = c.near;
  for (int i = 0; i < 3; ++i) {
    const Vec3<R> axis = box1.axis(i);
    R extent = R(c.reach) + box1.half(i);
    for (int j = 0; j < 3; ++j) {
      extent = fma(abs(dot(axis, box2.axis(j))), box2.half(j), extent);
    }
    touch = touch & less_equal(abs(dot(axis, between)), extent * R(1.001));
  }
  return touch;
}

/// A geom as one world has it.
template <class R>
typename BoxPair<ScalarOf<R>>::Box box_of_world(const PosedGeom<R>& geom, int world) {
  typename BoxPair<ScalarOf<R>>::Box box;
  for (int i = 0; i < 3; ++i) {
    box.pos[i] = lane(geom.pos[i], world);
    box.size[i] = geom.size[i];
    for (int j = 0; j < 3; ++j) {
      box.mat[i][j] = lane(geom.mat[3 * i + j], world);
    }
  }
  return box;
}

/// One world after the other: what two boxes do differs too much from world to world.
template <class R>
void box_box(const Candidate<R>& c, Contacts<R>& contacts) {
  using T = ScalarOf<R>;
  constexpr int kMaxPoints = BoxPair<T>::kMaxPoints;
  const auto near = faces_touch(c, c.geom1, c.geom2) & faces_touch(c, c.geom2, c.geom1);
  if (!any(near)) {
    return;
  }
  const Vec3<R> zero{R(0.0), R(0.0), R(0.0)};
  ContactPoint<R> points[kMaxPoints];
  for (ContactPoint<R>& point : points) {
    point = {MaskOf<R>(false), R(0.0), zero, zero};
  }
  std::array<BoxPoint<T>, kMaxPoints> found;
  for (int world = 0; world < kWidthOf<R>; ++world) {
    if (!lane(near, world)) {
      continue;
    }
    const BoxPair<T> boxes(box_of_world(c.geom1, world), box_of_world(c.geom2, world), c.reach);
    const int num = boxes.points(found);
    for (int i = 0; i < num; ++i) {
      const auto set3 = [&](Vec3<R>& to, const Array3<T>& from) {
        set_lane(to.x, world, from[0]);
        set_lane(to.y, world, from[1]);
        set_lane(to.z, world, from[2]);
      };
      set_lane(points[i].exists, world, true);
      set_lane(points[i].dist, world, found[i].dist);
      set3(points[i].pos, found[i].pos);
      set3(points[i].normal, found[i].normal);
    }
  }
  for (int i = 0; i < kMaxPoints; ++i) {
    append(contacts, c, i, points[i]);
  }
}

}  // namespace fleet::physics
