#pragma once

#include <array>

#include "cuda/physics/box_edges.h"
#include "cuda/physics/box_faces.h"
#include "cuda/physics/contacts.h"

// Contacts of two boxes.

namespace fleet::physics {

/// Worlds in which no normal of the first box's faces keeps the boxes apart.
template <class R>
FLEET_HD MaskOf<R> faces_touch(const Candidate<R>& c, const PosedGeom<R>& box1,
                               const PosedGeom<R>& box2) {
  const R rounding(1.001);
  const Vec3<R> between = box2.centre() - box1.centre();
  auto touch = c.near;
  for (int i = 0; i < 3; ++i) {
    const Vec3<R> axis = box1.axis(i);
    R extent = R(c.reach) + box1.half(i);
    for (int j = 0; j < 3; ++j) {
      extent = fma(abs(dot(axis, box2.axis(j))), box2.half(j), extent);
    }
    touch = touch & less_equal(abs(dot(axis, between)), extent * rounding);
  }
  return touch;
}

/// A geom as one world has it.
template <class R>
FLEET_HD Box<ScalarOf<R>> box_of_world(const PosedGeom<R>& geom, int world) {
  Box<ScalarOf<R>> box;
  for (int i = 0; i < 3; ++i) {
    box.pos[i] = lane(geom.pos[i], world);
    box.size[i] = geom.size[i];
    for (int j = 0; j < 3; ++j) {
      box.mat[i][j] = lane(geom.mat[3 * i + j], world);
    }
  }
  return box;
}

template <class R>
FLEET_HD void set_world(ContactPoint<R>& to, int world, const BoxPoint<ScalarOf<R>>& from) {
  const auto set3 = [&](Vec3<R>& vector, const Array3<ScalarOf<R>>& value) {
    set_lane(vector.x, world, value[0]);
    set_lane(vector.y, world, value[1]);
    set_lane(vector.z, world, value[2]);
  };
  set_lane(to.exists, world, true);
  set_lane(to.dist, world, from.dist);
  set3(to.pos, from.pos);
  set3(to.normal, from.normal);
}

/// One world after the other: what two boxes do differs too much from world to world.
template <class R>
FLEET_HD void box_box(const Candidate<R>& c, auto& contacts) {
  using T = ScalarOf<R>;
  constexpr std::size_t kMaxPoints = 8;
  const auto near = faces_touch(c, c.geom1, c.geom2) & faces_touch(c, c.geom2, c.geom1);
  if (!any(near)) {
    return;
  }
  const Vec3<R> zero{R(0.0), R(0.0), R(0.0)};
  std::array<ContactPoint<R>, kMaxPoints> points;
  points.fill({MaskOf<R>(false), R(0.0), zero, zero});
  std::array<BoxPoint<T>, kMaxPoints> found;
  for (int world = 0; world < kWidthOf<R>; ++world) {
    if (!lane(near, world)) {
      continue;
    }
    const BoxPair<T> pair(box_of_world(c.geom1, world), box_of_world(c.geom2, world), c.reach);
    BoxAxis<T> axis;
    if (!find_axis(pair, axis)) {
      continue;
    }
    const int num = axis.is_face() ? face_contacts(pair, axis.code, found)
                                   : static_cast<int>(edge_contact(pair, axis, found[0]));
    for (int i = 0; i < num; ++i) {
      set_world(points[i], world, found[i]);
    }
  }
  for (int i = 0; i < static_cast<int>(kMaxPoints); ++i) {
    append(contacts, c, i, points[i]);
  }
}

}  // namespace fleet::physics
