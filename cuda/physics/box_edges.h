#pragma once

#include "cuda/physics/box_pair.h"

// Two boxes that touch with an edge each: one point, midway between the nearest points of the
// edges.

namespace fleet::physics {

/// An axis of the box, other than `edge`, that is square to the direction; -1 if there is none.
template <class T>
FLEET_HD int ambiguous_axis(const Array3<T>& direction, int edge) {
  for (const int k : {(edge + 1) % 3, (edge + 2) % 3}) {
    if (std::abs(direction[k]) < BoxTolerance<T>::kAmbiguous) {
      return k;
    }
  }
  return -1;
}

/// The middle of the edge along axis `edge` that lies farthest along sign * direction. `flip` takes
/// the other side of the ambiguous axis, where both sides lie equally far.
template <class T>
FLEET_HD Array3<T> middle_of_edge(const Array3<T>& size, const Array3<T>& direction, int edge,
                                  T sign, bool flip) {
  Array3<T> middle{};
  for (const int k : {(edge + 1) % 3, (edge + 2) % 3}) {
    middle[k] = direction[k] >= 0 ? sign * size[k] : -sign * size[k];
  }
  if (flip) {
    T& other = middle[static_cast<std::size_t>(ambiguous_axis(direction, edge))];
    other = -other;
  }
  return middle;
}

template <class T>
struct NearestPoints {
  T squared = T(1e30);  ///< m^2
  Array3<T> point1{}, point2{};
};

/// Nearest points of two edges with these middles: along axis i of box 1 and j of box 2.
template <class T>
FLEET_HD NearestPoints<T> nearest_on_edges(const BoxPair<T>& pair, int i, int j,
                                           const Array3<T>& middle1, const Array3<T>& middle2) {
  const auto clamp = [](T x, T limit) { return std::clamp(x, -limit, limit); };
  const Array3<T> axis2 = column(pair.axes, j);
  const Array3<T> between{middle2[0] - middle1[0], middle2[1] - middle1[1],
                          middle2[2] - middle1[2]};
  const T cosine = axis2[i];
  const T sine_squared = 1 - cosine * cosine;
  const T along1 = between[i];
  const T along2 = dot(axis2, between);
  T s = sine_squared < T(1e-15) ? T(0) : (along1 - cosine * along2) / sine_squared;
  s = clamp(s, pair.box1.size[i]);
  const T t = clamp(cosine * s - along2, pair.box2.size[j]);
  s = clamp(along1 + cosine * t, pair.box1.size[i]);
  NearestPoints<T> nearest{0, middle1, middle2};
  nearest.point1[i] += s;
  for (int k = 0; k < 3; ++k) {
    nearest.point2[k] += axis2[k] * t;
    const T gap = nearest.point2[k] - nearest.point1[k];
    nearest.squared += gap * gap;
  }
  return nearest;
}

/// The nearest points of the edges that support the two boxes along a direction.
template <class T>
FLEET_HD NearestPoints<T> nearest_of_edges(const BoxPair<T>& pair, const BoxAxis<T>& axis,
                                           const Array3<T>& direction) {
  const int edge1 = axis.edge1(), edge2 = axis.edge2();
  Array3<T> direction2;
  for (int k = 0; k < 3; ++k) {
    direction2[k] = dot(column(pair.axes, k), direction);
  }
  const int tries1 = ambiguous_axis(direction, edge1) >= 0 ? 2 : 1;
  const int tries2 = ambiguous_axis(direction2, edge2) >= 0 ? 2 : 1;
  NearestPoints<T> nearest;
  for (int flip1 = 0; flip1 < tries1; ++flip1) {
    const auto middle1 = middle_of_edge(pair.box1.size, direction, edge1, T(1), flip1 == 1);
    for (int flip2 = 0; flip2 < tries2; ++flip2) {
      const auto middle = middle_of_edge(pair.box2.size, direction2, edge2, T(-1), flip2 == 1);
      Array3<T> middle2;
      for (int k = 0; k < 3; ++k) {
        middle2[k] = dot(pair.axes[k], middle) + pair.centre2[k];
      }
      const NearestPoints<T> found = nearest_on_edges(pair, edge1, edge2, middle1, middle2);
      nearest = found.squared < nearest.squared ? found : nearest;
    }
  }
  return nearest;
}

/// @returns whether the edges touch
template <class T>
FLEET_HD bool edge_contact(const BoxPair<T>& pair, const BoxAxis<T>& axis, BoxPoint<T>& out) {
  Array3<T> direction = axis.direction;
  if (dot(direction, pair.centre2) < 0) {
    direction = {-direction[0], -direction[1], -direction[2]};
  }
  const NearestPoints<T> nearest = nearest_of_edges(pair, axis, direction);
  Array3<T> middle, gap;
  for (int k = 0; k < 3; ++k) {
    middle[k] = T(0.5) * (nearest.point1[k] + nearest.point2[k]);
    gap[k] = nearest.point2[k] - nearest.point1[k];
    out.normal[k] = dot(pair.box1.mat[k], direction);
  }
  out.dist = dot(gap, direction);
  out.pos = pair.box1.to_world(middle);
  return out.dist <= pair.slack;
}

}  // namespace fleet::physics
