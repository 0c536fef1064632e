#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>
#include <utility>

// Two boxes of one world: the axis along which they are farthest apart (of 15: the faces of each,
// and the cross products of their edges), then the points of contact on it.
//
// Along a face's normal, the other box's opposing face is clipped to the sides of this face; each
// corner that remains is a point. Along a cross product, the two edges touch in one point.

namespace fleet::physics {

template <class T>
using Array3 = std::array<T, 3>;

template <class T>
T dot(const Array3<T>& a, const Array3<T>& b) {
  return std::fma(a[2], b[2], std::fma(a[1], b[1], a[0] * b[0]));
}

/// What rounding leaves uncertain, relative to sizes.
template <class T>
struct BoxTolerance {
  static constexpr bool kDouble = std::is_same_v<T, double>;
  static constexpr T kSeparation = kDouble ? T(1e-13) : T(1e-6);  // of a distance along an axis
  static constexpr T kParallel = kDouble ? T(1e-16) : T(1e-7);    // squared sine between edges
  static constexpr T kAmbiguous = kDouble ? T(1e-9) : T(1e-5);    // an axis along a face
  static constexpr T kSamePoint = kDouble ? T(1e-14) : T(1e-10);  // squared distance of corners
  static constexpr T kSmallest = kDouble ? T(1e-15) : T(1e-15);
};

/// A point of contact in world coordinates.
template <class T>
struct BoxPoint {
  T dist;  ///< m
  Array3<T> pos, normal;
};

/// Box 1 and box 2; `axes[i][j]` is component i of axis j of box 2 in the frame of box 1.
template <class T>
class BoxPair {
 public:
  static constexpr int kMaxPoints = 8;
  struct Box {
    Array3<T> pos;
    std::array<Array3<T>, 3> mat;  ///< rows
    Array3<T> size;
  };

  BoxPair(const Box& box1, const Box& box2, T reach) : box1_(box1), box2_(box2), reach_(reach) {
    Array3<T> between;
    for (int i = 0; i < 3; ++i) {
      between[i] = box2.pos[i] - box1.pos[i];
      slack_ += box1.size[i] + box2.size[i];
    }
    slack_ = std::fma(BoxTolerance<T>::kSeparation, slack_, reach);
    for (int i = 0; i < 3; ++i) {
      centre2_[i] = dot(column(box1.mat, i), between);
      centre1_[i] = -dot(column(box2.mat, i), between);
      for (int j = 0; j < 3; ++j) {
        axes_[i][j] = dot(column(box1.mat, i), column(box2.mat, j));
      }
    }
  }

  /// @returns the number of points of contact
  int points(std::array<BoxPoint<T>, kMaxPoints>& out) const {
    Axis best;
    if (!find_axis(best)) {
      return 0;
    }
    if (best.code >= kFirstEdge) {
      return edge_point(best, out[0]);
    }
    return face_points(best.code, out);
  }

 private:
  using Vec = Array3<T>;
  static constexpr int kFirstEdge = 6;  // codes: faces of box 1, faces of box 2, pairs of edges
  static constexpr int kMaxCorners = 12;

  struct Axis {
    T separation = T(-1e30);
    int code = -1;
    int edge1 = 0, edge2 = 0;
    Vec direction{};  ///< of a pair of edges, in the frame of box 1
  };

  static Vec column(const std::array<Vec, 3>& mat, int i) {
    return {mat[0][i], mat[1][i], mat[2][i]};
  }

  static Vec to_world(const Box& box, const Vec& point) {
    Vec world;
    for (int i = 0; i < 3; ++i) {
      world[i] = dot(box.mat[i], point) + box.pos[i];
    }
    return world;
  }

  /// The axis of largest separation. @returns false if one separates the boxes
  bool find_axis(Axis& best) const {
    for (int i = 0; i < 3; ++i) {
      T extent = box1_.size[i];
      for (int j = 0; j < 3; ++j) {
        extent += std::abs(axes_[i][j]) * box2_.size[j];
      }
      if (!take_face(i, std::abs(centre2_[i]) - extent, best)) {
        return false;
      }
    }
    for (int j = 0; j < 3; ++j) {
      T extent = box2_.size[j];
      for (int i = 0; i < 3; ++i) {
        extent += std::abs(axes_[i][j]) * box1_.size[i];
      }
      if (!take_face(3 + j, std::abs(centre1_[j]) - extent, best)) {
        return false;
      }
    }
    const Axis face = best;
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        if (!take_edges(i, j, face, best)) {
          return false;
        }
      }
    }
    prefer_face(face, best);
    return true;
  }

  bool take_face(int code, T separation, Axis& best) const {
    if (separation > best.separation) {
      best.separation = separation;
      best.code = code;
    }
    return separation <= slack_;
  }

  /// An edge must win clearly: a face gives more points.
  bool take_edges(int i, int j, const Axis& face, Axis& best) const {
    const int i1 = (i + 1) % 3, i2 = (i + 2) % 3;
    const int j1 = (j + 1) % 3, j2 = (j + 2) % 3;
    T x = -axes_[i2][j];
    T y = axes_[i1][j];
    const T squared = std::fma(x, x, y * y);
    if (squared < BoxTolerance<T>::kParallel) {
      return true;  // no direction to speak of; the faces cover it
    }
    const T scale = 1 / std::sqrt(squared);
    x *= scale;
    y *= scale;
    const auto along2 = [&](int k) {
      return std::abs(std::fma(x, axes_[i1][k], y * axes_[i2][k]));
    };
    const T extent1 = box1_.size[i1] * std::abs(x) + box1_.size[i2] * std::abs(y);
    const T extent2 = box2_.size[j1] * along2(j1) + box2_.size[j2] * along2(j2);
    const T separation = std::abs(std::fma(x, centre2_[i1], y * centre2_[i2])) - extent1 - extent2;
    if (separation - T(1e-6) * std::abs(separation) > best.separation &&
        separation > face.separation) {
      best = {separation, kFirstEdge + 3 * i + j, i, j, {}};
      best.direction[i1] = x;
      best.direction[i2] = y;
    }
    return separation <= slack_;
  }

  /// Edges whose direction is nearly that of the best face give way, unless they are better by 5 %
  /// of the depth: resting boxes would go to and fro between the two.
  void prefer_face(const Axis& face, Axis& best) const {
    if (best.code < kFirstEdge) {
      return;
    }
    Vec normal{};
    if (face.code < 3) {
      normal[face.code] = 1;
    } else {
      normal = column(axes_, face.code - 3);
    }
    const T limit =
        face.separation + T(0.05) * std::abs(face.separation) + BoxTolerance<T>::kSmallest;
    if (std::abs(dot(best.direction, normal)) > T(0.99) && best.separation < limit) {
      best = face;
    }
  }

  /// A corner of the edge along axis `edge` that lies farthest along `direction`. Where an axis of
  /// the box is square to the direction, both signs do; `flip` takes the other one.
  static Vec edge_corner(const Vec& size, const Vec& direction, int edge, T sign, bool flip) {
    Vec corner{};
    for (const int k : {(edge + 1) % 3, (edge + 2) % 3}) {
      corner[k] = direction[k] >= 0 ? sign * size[k] : -sign * size[k];
    }
    if (flip) {
      const int k = ambiguous_axis(direction, edge);
      corner[k] = -corner[k];
    }
    return corner;
  }

  static int ambiguous_axis(const Vec& direction, int edge) {
    for (const int k : {(edge + 1) % 3, (edge + 2) % 3}) {
      if (std::abs(direction[k]) < BoxTolerance<T>::kAmbiguous) {
        return k;
      }
    }
    return -1;
  }

  struct NearestPoints {
    T squared = T(1e30);
    Vec point1{}, point2{};
  };

  /// Nearest points of two edges, given by their middles: along axis i of box 1 and j of box 2.
  void nearest_on_edges(int i, int j, const Vec& middle1, const Vec& middle2,
                        NearestPoints& nearest) const {
    const Vec axis2 = column(axes_, j);
    Vec between;
    for (int k = 0; k < 3; ++k) {
      between[k] = middle2[k] - middle1[k];
    }
    const T cosine = axis2[i];
    const T sine_squared = 1 - cosine * cosine;
    const T along1 = between[i];
    const T along2 = dot(axis2, between);
    const auto clamp = [](T x, T limit) { return std::clamp(x, -limit, limit); };
    T s = sine_squared < BoxTolerance<T>::kSmallest ? T(0)
                                                    : (along1 - cosine * along2) / sine_squared;
    s = clamp(s, box1_.size[i]);
    const T t = clamp(cosine * s - along2, box2_.size[j]);
    s = clamp(along1 + cosine * t, box1_.size[i]);
    NearestPoints found{0, middle1, middle2};
    found.point1[i] += s;
    for (int k = 0; k < 3; ++k) {
      found.point2[k] += axis2[k] * t;
      const T gap = found.point2[k] - found.point1[k];
      found.squared += gap * gap;
    }
    if (found.squared < nearest.squared) {
      nearest = found;
    }
  }

  int edge_point(const Axis& axis, BoxPoint<T>& out) const {
    Vec direction = axis.direction;
    if (dot(direction, centre2_) < 0) {
      direction = {-direction[0], -direction[1], -direction[2]};
    }
    Vec direction2;
    for (int k = 0; k < 3; ++k) {
      direction2[k] = dot(column(axes_, k), direction);
    }
    const int tries1 = ambiguous_axis(direction, axis.edge1) >= 0 ? 2 : 1;
    const int tries2 = ambiguous_axis(direction2, axis.edge2) >= 0 ? 2 : 1;
    NearestPoints nearest;
    for (int flip1 = 0; flip1 < tries1; ++flip1) {
      for (int flip2 = 0; flip2 < tries2; ++flip2) {
        const Vec middle1 = edge_corner(box1_.size, direction, axis.edge1, T(1), flip1 == 1);
        const Vec corner2 = edge_corner(box2_.size, direction2, axis.edge2, T(-1), flip2 == 1);
        Vec middle2;
        for (int k = 0; k < 3; ++k) {
          middle2[k] = dot(axes_[k], corner2) + centre2_[k];
        }
        nearest_on_edges(axis.edge1, axis.edge2, middle1, middle2, nearest);
      }
    }
    Vec middle, gap;
    for (int k = 0; k < 3; ++k) {
      middle[k] = T(0.5) * (nearest.point1[k] + nearest.point2[k]);
      gap[k] = nearest.point2[k] - nearest.point1[k];
      out.normal[k] = dot(box1_.mat[k], direction);
    }
    out.dist = dot(gap, direction);
    out.pos = to_world(box1_, middle);
    return out.dist <= slack_ ? 1 : 0;
  }

  /// A corner of the opposing face: two coordinates in the plane of the face, and its height above.
  struct Corner {
    T x, y, height;
    T& coordinate(int i) { return i == 0 ? x : y; }
    T coordinate(int i) const { return i == 0 ? x : y; }
  };
  struct Polygon {
    int num = 0;
    std::array<Corner, kMaxCorners> corners;
    void add(const Corner& corner) {
      if (num < kMaxCorners) {
        corners[num++] = corner;
      }
    }
  };

  /// The box whose face it is, and the other, seen from the first.
  struct Face {
    const Box* box;
    const Box* other;
    Vec centre;               ///< of the other box
    std::array<Vec, 3> axes;  ///< rows: components; columns: the other box's axes
    int axis, x, y;           ///< the normal, and the coordinates in the face
    T sign;                   ///< of the normal, towards the other box
  };

  Face make_face(int code) const {
    Face face;
    const bool of_first = code < 3;
    face.box = of_first ? &box1_ : &box2_;
    face.other = of_first ? &box2_ : &box1_;
    face.centre = of_first ? centre2_ : centre1_;
    for (int i = 0; i < 3; ++i) {
      face.axes[i] = of_first ? axes_[i] : column(axes_, i);
    }
    face.axis = of_first ? code : code - 3;
    face.x = (face.axis + 1) % 3;
    face.y = (face.axis + 2) % 3;
    face.sign = face.centre[face.axis] >= 0 ? T(1) : T(-1);
    return face;
  }

  /// The face of the other box that is most opposed to this one.
  static Polygon opposing_face(const Face& face) {
    const Vec& along = face.axes[face.axis];
    int k = 0;
    for (int i = 1; i < 3; ++i) {
      k = std::abs(along[i]) > std::abs(along[k]) ? i : k;
    }
    const T side = face.sign * along[k] > 0 ? T(-1) : T(1);
    const int u = (k + 1) % 3, v = (k + 2) % 3;
    const Vec& size = face.other->size;
    Polygon polygon;
    for (const auto& [sign_u, sign_v] : {std::pair(1, 1), {-1, 1}, {-1, -1}, {1, -1}}) {
      const auto coordinate = [&](int i) {
        const Vec& axes = face.axes[i];
        return face.centre[i] + side * size[k] * axes[k] +
               static_cast<T>(sign_u) * (size[u] * axes[u]) +
               static_cast<T>(sign_v) * (size[v] * axes[v]);
      };
      polygon.add({coordinate(face.x), coordinate(face.y),
                   face.sign * coordinate(face.axis) - face.box->size[face.axis]});
    }
    return polygon;
  }

  /// Cuts off what lies beyond sign * coordinate = limit.
  static void clip(Polygon& polygon, int coordinate, T sign, T limit) {
    const auto beyond = [&](const Corner& corner) {
      return sign * corner.coordinate(coordinate) - limit;
    };
    Polygon clipped;
    for (int i = 0; i < polygon.num; ++i) {
      const Corner& from = polygon.corners[i];
      const Corner& to = polygon.corners[i + 1 == polygon.num ? 0 : i + 1];
      const T a = beyond(from), b = beyond(to);
      if (a <= 0) {
        clipped.add(from);
      }
      if ((a < 0 && b > 0) || (a > 0 && b < 0)) {
        const T t = a / (a - b);
        const auto between = [t](T p, T q) { return p + t * (q - p); };
        clipped.add(
            {between(from.x, to.x), between(from.y, to.y), between(from.height, to.height)});
      }
    }
    polygon = clipped;
  }

  int face_points(int code, std::array<BoxPoint<T>, kMaxPoints>& out) const {
    const Face face = make_face(code);
    const Vec& size = face.box->size;
    Polygon polygon = opposing_face(face);
    for (const auto& [coordinate, limit] : {std::pair(0, size[face.x]), {1, size[face.y]}}) {
      clip(polygon, coordinate, T(1), limit);
      clip(polygon, coordinate, T(-1), limit);
    }
    const T same =
        BoxTolerance<T>::kSamePoint * (size[face.x] * size[face.x] + size[face.y] * size[face.y]);
    Polygon kept;
    for (int i = 0; i < polygon.num; ++i) {
      const Corner& corner = polygon.corners[i];
      const bool is_new = std::none_of(kept.corners.begin(), kept.corners.begin() + kept.num,
                                       [&](const Corner& other) {
                                         const T x = other.x - corner.x, y = other.y - corner.y;
                                         return x * x + y * y < same;
                                       });
      if (corner.height <= reach_ && is_new) {
        kept.add(corner);
      }
    }
    const int num = std::min(kept.num, kMaxPoints);
    const T outwards = code < 3 ? face.sign : -face.sign;
    for (int i = 0; i < num; ++i) {
      const Corner& corner = kept.corners[i];
      Vec point;
      point[face.x] = corner.x;
      point[face.y] = corner.y;
      point[face.axis] = face.sign * (size[face.axis] + T(0.5) * corner.height);
      out[i].dist = corner.height;
      out[i].pos = to_world(*face.box, point);
      for (int k = 0; k < 3; ++k) {
        out[i].normal[k] = outwards * face.box->mat[k][face.axis];
      }
    }
    return num;
  }

  Box box1_, box2_;
  T reach_;
  T slack_ = 0;  ///< m, the separation above which there is no contact
  Vec centre1_, centre2_;
  std::array<Vec, 3> axes_;
};

}  // namespace fleet::physics
