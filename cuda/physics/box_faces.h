#pragma once

#include <utility>

#include "cuda/physics/box_pair.h"

// Two boxes that touch along the normal of a face: the opposing face of the other box, cut off at
// the sides of this one. Each corner that is left, and low enough, is a point of contact.

namespace fleet::physics {

/// A corner of the opposing face: coordinates in the plane of the face, and its height above, in m.
template <class T>
struct FaceCorner {
  T x, y, height;
};

template <class T>
struct FacePolygon {
  static constexpr int kMaxCorners = 12;  // four, and two for each cut
  int num = 0;
  std::array<FaceCorner<T>, kMaxCorners> corners;

  FLEET_HD void add(const FaceCorner<T>& corner) {
    if (num < kMaxCorners) {
      corners[static_cast<std::size_t>(num++)] = corner;
    }
  }
};

/// A face of one box, and the other box seen from there.
template <class T>
struct BoxFace {
  const Box<T>*box, *other;
  Array3<T> centre;               ///< of the other box
  std::array<Array3<T>, 3> axes;  ///< [i][j]: component i of axis j of the other box
  int axis, x, y;                 ///< the normal's axis, and those in the face
  T sign;                         ///< of the normal, towards the other box

  FLEET_HD BoxFace(const BoxPair<T>& pair, int code) {
    const bool of_first = code < 3;
    box = of_first ? &pair.box1 : &pair.box2;
    other = of_first ? &pair.box2 : &pair.box1;
    centre = of_first ? pair.centre2 : pair.centre1;
    for (int i = 0; i < 3; ++i) {
      axes[i] = of_first ? pair.axes[i] : column(pair.axes, i);
    }
    axis = of_first ? code : code - 3;
    x = (axis + 1) % 3;
    y = (axis + 2) % 3;
    sign = centre[axis] >= 0 ? T(1) : T(-1);
  }
};

/// The face of the other box that is most opposed to this one, corner after corner.
template <class T>
FLEET_HD FacePolygon<T> opposing_face(const BoxFace<T>& face) {
  const Array3<T>& along = face.axes[face.axis];
  int k = 0;
  for (int i = 1; i < 3; ++i) {
    k = std::abs(along[i]) > std::abs(along[k]) ? i : k;
  }
  const T side = face.sign * along[k] > 0 ? T(-1) : T(1);
  const int u = (k + 1) % 3, v = (k + 2) % 3;
  const Array3<T>& size = face.other->size;
  FacePolygon<T> polygon;
  for (const auto& [sign_u, sign_v] : {std::pair(1, 1), {-1, 1}, {-1, -1}, {1, -1}}) {
    const T step_u = static_cast<T>(sign_u) * size[u];
    const T step_v = static_cast<T>(sign_v) * size[v];
    const auto coordinate = [&](int i) {
      const Array3<T>& axes = face.axes[i];
      return face.centre[i] + side * size[k] * axes[k] + step_u * axes[u] + step_v * axes[v];
    };
    polygon.add({coordinate(face.x), coordinate(face.y),
                 face.sign * coordinate(face.axis) - face.box->size[face.axis]});
  }
  return polygon;
}

/// Cuts off what lies beyond sign * coordinate = limit.
template <class T>
FLEET_HD void cut(FacePolygon<T>& polygon, T FaceCorner<T>::* coordinate, T sign, T limit) {
  const auto beyond = [&](const FaceCorner<T>& corner) {
    return sign * corner.*coordinate - limit;
  };
  FacePolygon<T> rest;
  for (int i = 0; i < polygon.num; ++i) {
    const FaceCorner<T>& from = polygon.corners[i];
    const FaceCorner<T>& to = polygon.corners[i + 1 == polygon.num ? 0 : i + 1];
    const T a = beyond(from), b = beyond(to);
    if (a <= 0) {
      rest.add(from);
    }
    if ((a < 0 && b > 0) || (a > 0 && b < 0)) {
      const T t = a / (a - b);
      const auto between = [t](T p, T q) { return p + t * (q - p); };
      rest.add({between(from.x, to.x), between(from.y, to.y), between(from.height, to.height)});
    }
  }
  polygon = rest;
}

/// Corners that are low enough; of those that coincide, the first.
template <class T>
FLEET_HD FacePolygon<T> low_corners(const FacePolygon<T>& polygon, T reach, T same_squared) {
  FacePolygon<T> low;
  for (int i = 0; i < polygon.num; ++i) {
    const FaceCorner<T>& corner = polygon.corners[i];
    const bool is_new =
        std::none_of(low.corners.begin(), low.corners.begin() + low.num, [&](const auto& other) {
          const T x = other.x - corner.x, y = other.y - corner.y;
          return x * x + y * y < same_squared;
        });
    if (corner.height <= reach && is_new) {
      low.add(corner);
    }
  }
  return low;
}

/// @returns the number of points
template <class T, std::size_t kMaxPoints>
FLEET_HD int face_contacts(const BoxPair<T>& pair, int code,
                           std::array<BoxPoint<T>, kMaxPoints>& out) {
  const BoxFace<T> face(pair, code);
  const Array3<T>& size = face.box->size;
  FacePolygon<T> polygon = opposing_face(face);
  for (const T sign : {T(1), T(-1)}) {
    cut(polygon, &FaceCorner<T>::x, sign, size[face.x]);
  }
  for (const T sign : {T(1), T(-1)}) {
    cut(polygon, &FaceCorner<T>::y, sign, size[face.y]);
  }
  const T same =
      BoxTolerance<T>::kSamePoint * (size[face.x] * size[face.x] + size[face.y] * size[face.y]);
  polygon = low_corners(polygon, pair.reach, same);
  const int num = std::min(polygon.num, static_cast<int>(kMaxPoints));
  const T outwards = code < 3 ? face.sign : -face.sign;  // from box 1 to box 2
  for (int i = 0; i < num; ++i) {
    const FaceCorner<T>& corner = polygon.corners[i];
    Array3<T> point;
    point[face.x] = corner.x;
    point[face.y] = corner.y;
    point[face.axis] = face.sign * (size[face.axis] + T(0.5) * corner.height);
    out[i].dist = corner.height;
    out[i].pos = face.box->to_world(point);
    for (int k = 0; k < 3; ++k) {
      out[i].normal[k] = outwards * face.box->mat[k][face.axis];
    }
  }
  return num;
}

}  // namespace fleet::physics
