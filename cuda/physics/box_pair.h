#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "cuda/host_device.h"

// Two boxes of one world, and the axis along which they are farthest apart: the normal of a face of
// either, or the cross product of two edges. box_edges.h and box_faces.h make contacts of that.
//
// Without fma, as MuJoCo rounds: several axes separate aligned boxes equally, and rounding chooses.

namespace fleet::physics {

template <class T>
using Array3 = std::array<T, 3>;

template <class T>
FLEET_HD T dot(const Array3<T>& a, const Array3<T>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
template <class T>
FLEET_HD Array3<T> column(const std::array<Array3<T>, 3>& mat, int i) {
  return {mat[0][i], mat[1][i], mat[2][i]};
}

/// What rounding leaves uncertain, relative to sizes.
template <class T>
struct BoxTolerance {
  static constexpr bool kDouble = std::is_same_v<T, double>;
  static constexpr T kSeparation = kDouble ? T(1e-13) : T(1e-6);  // of a distance along an axis
  static constexpr T kParallel = kDouble ? T(1e-16) : T(1e-7);    // squared sine between edges
  static constexpr T kAmbiguous = kDouble ? T(1e-9) : T(1e-5);    // cosine of axis and face
  static constexpr T kSamePoint = kDouble ? T(1e-14) : T(1e-10);  // squared distance of corners
};

template <class T>
struct Box {
  Array3<T> pos;                 ///< m
  std::array<Array3<T>, 3> mat;  ///< rows
  Array3<T> size;                ///< m, half of each side

  FLEET_HD Array3<T> to_world(const Array3<T>& point) const {
    return {dot(mat[0], point) + pos[0], dot(mat[1], point) + pos[1], dot(mat[2], point) + pos[2]};
  }
};

/// A point of contact in the world's frame.
template <class T>
struct BoxPoint {
  T dist;  ///< m
  Array3<T> pos, normal;
};

template <class T>
struct BoxPair {
  Box<T> box1, box2;
  T reach;                        ///< m, the distance below which there is a contact
  T slack;                        ///< m, reach and what rounding may add to a separation
  Array3<T> centre1, centre2;     ///< m, of one box in the frame of the other
  std::array<Array3<T>, 3> axes;  ///< [i][j]: component i of axis j of box 2 in box 1's frame

  FLEET_HD BoxPair(const Box<T>& first, const Box<T>& second, T max_distance)
      : box1(first), box2(second), reach(max_distance) {
    Array3<T> between;
    T sizes = 0;
    for (int i = 0; i < 3; ++i) {
      between[i] = box2.pos[i] - box1.pos[i];
      sizes += box1.size[i] + box2.size[i];
    }
    slack = reach + BoxTolerance<T>::kSeparation * sizes;
    for (int i = 0; i < 3; ++i) {
      centre2[i] = dot(column(box1.mat, i), between);
      centre1[i] = -dot(column(box2.mat, i), between);
      for (int j = 0; j < 3; ++j) {
        axes[i][j] = dot(column(box1.mat, i), column(box2.mat, j));
      }
    }
  }
};

/// An axis between two boxes. Codes below 3 are faces of box 1, below 6 those of box 2; the others
/// are edges: 6 + 3 * edge of box 1 + edge of box 2.
template <class T>
struct BoxAxis {
  T separation = T(-1e30);  ///< m
  int code = -1;
  Array3<T> direction{};  ///< of edges: a unit vector in the frame of box 1

  FLEET_HD bool is_face() const { return code < 6; }
  FLEET_HD int edge1() const { return (code - 6) / 3; }
  FLEET_HD int edge2() const { return (code - 6) % 3; }
};

/// @returns false if a face's normal separates the boxes
template <class T>
FLEET_HD bool find_face(const BoxPair<T>& pair, BoxAxis<T>& best) {
  const auto take = [&](int code, T separation) {
    if (separation > best.separation) {
      best = {separation, code, {}};
    }
    return separation <= pair.slack;
  };
  const auto extent = [](const Array3<T>& axis, const Array3<T>& size) {
    return std::abs(axis[0]) * size[0] + std::abs(axis[1]) * size[1] + std::abs(axis[2]) * size[2];
  };
  for (int i = 0; i < 3; ++i) {
    const T other = extent(pair.axes[i], pair.box2.size);
    if (!take(i, std::abs(pair.centre2[i]) - pair.box1.size[i] - other)) {
      return false;
    }
  }
  for (int j = 0; j < 3; ++j) {
    const T other = extent(column(pair.axes, j), pair.box1.size);
    if (!take(3 + j, std::abs(pair.centre1[j]) - pair.box2.size[j] - other)) {
      return false;
    }
  }
  return true;
}

/// Edge i of box 1 across edge j of box 2. An edge must win clearly: a face gives more points.
/// @returns false if this axis separates the boxes
template <class T>
FLEET_HD bool try_edges(const BoxPair<T>& pair, int i, int j, const BoxAxis<T>& face,
                        BoxAxis<T>& best) {
  const auto& axes = pair.axes;
  const int i1 = (i + 1) % 3, i2 = (i + 2) % 3;
  const int j1 = (j + 1) % 3, j2 = (j + 2) % 3;
  T x = -axes[i2][j];
  T y = axes[i1][j];
  const T squared = x * x + y * y;
  if (squared < BoxTolerance<T>::kParallel) {
    return true;  // no direction to speak of, and the faces cover it
  }
  const T scale = 1 / std::sqrt(squared);
  x *= scale;
  y *= scale;
  const auto along2 = [&](int k) { return std::abs(x * axes[i1][k] + y * axes[i2][k]); };
  const T extent1 = pair.box1.size[i1] * std::abs(x) + pair.box1.size[i2] * std::abs(y);
  const T extent2 = pair.box2.size[j1] * along2(j1) + pair.box2.size[j2] * along2(j2);
  const T separation = std::abs(x * pair.centre2[i1] + y * pair.centre2[i2]) - extent1 - extent2;
  if (separation - T(1e-6) * std::abs(separation) > best.separation &&
      separation > face.separation) {
    best = {separation, 6 + 3 * i + j, {}};
    best.direction[i1] = x;
    best.direction[i2] = y;
  }
  return separation <= pair.slack;
}

/// The axis of largest separation. Edges whose axis is nearly the best face's normal give way,
/// unless they are better by 5 % of the depth: resting boxes would go to and fro between the two.
/// @returns false if some axis separates the boxes
template <class T>
FLEET_HD bool find_axis(const BoxPair<T>& pair, BoxAxis<T>& best) {
  if (!find_face(pair, best)) {
    return false;
  }
  const BoxAxis<T> face = best;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      if (!try_edges(pair, i, j, face, best)) {
        return false;
      }
    }
  }
  if (!best.is_face()) {
    const T cosine = face.code < 3 ? best.direction[face.code]
                                   : dot(best.direction, column(pair.axes, face.code - 3));
    const T limit = face.separation + T(0.05) * std::abs(face.separation) + T(1e-15);
    if (std::abs(cosine) > T(0.99) && best.separation < limit) {
      best = face;
    }
  }
  return true;
}

}  // namespace fleet::physics
