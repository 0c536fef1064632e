#pragma once

#include "cuda/physics/collide_box.h"

// A capsule and a box touch in up to two spheres on the capsule's segment: one around the point
// nearest to the box, and one as far from it along the segment as the segment stays above the box.
//
//     ------o=========o---        o: the two points; a segment that points away from the
//        +-------------+             box, or crosses only one edge, has the first alone
//        |     box     |
//
// Fractions of the segment run from -1 to 1.

namespace fleet::physics {

/// What of the box is nearest to a segment, and where on the segment that is.
template <class R>
struct NearestFeature {
  using M = MaskOf<R>;
  R squared{1e30};  ///< m^2, distance from the segment
  R on_segment{0.0};
  R on_edge{0.0};                              ///< where the feature is an edge
  R corner[3]{};                               ///< -1 or 1; along an edge -1 in between
  R edge{0.0};                                 ///< axis of the edge
  M is_face{false};                            ///< an end of the segment is above a face, or inside
  M is_edge{false};                            ///< between corners
  M outside[3]{M(false), M(false), M(false)};  ///< for an end: the axis of the face
};

/// A segment centre + f * half and a box |x| <= size.
template <class R>
struct SegmentAndBox {
  R centre[3], half[3], size[3];
  R squared_length;  ///< of half

  FLEET_HD void visit_end(double end, NearestFeature<R>& nearest) const {
    R squared(0.0), num_outside(0.0);
    MaskOf<R> outside[3]{MaskOf<R>(false), MaskOf<R>(false), MaskOf<R>(false)};
    for (int i = 0; i < 3; ++i) {
      const R x = fma(R(end), half[i], centre[i]);
      const R offset = x - clamp(x, -size[i], size[i]);
      outside[i] = less(size[i], abs(x));
      num_outside += select(outside[i], R(1.0), R(0.0));
      squared = fma(offset, offset, squared);
    }
    const auto nearer = less(num_outside, R(1.5)) & less(squared, nearest.squared);
    nearest.squared = select(nearer, squared, nearest.squared);
    nearest.on_segment = select(nearer, R(end), nearest.on_segment);
    nearest.is_face = nearest.is_face | nearer;
    for (int i = 0; i < 3; ++i) {
      nearest.outside[i] = (nearer & outside[i]) | ((!nearer) & nearest.outside[i]);
    }
  }

  /// The edge along axis j at the given sides of the axes a and b.
  FLEET_HD void visit_edge(int j, int a, int b, double side_a, double side_b,
                           NearestFeature<R>& nearest) const {
    const R one(1.0);
    const R to_a = R(side_a) * size[a] - centre[a];
    const R to_b = R(side_b) * size[b] - centre[b];
    const R across = fma(half[a], half[a], half[b] * half[b]);
    const auto crossing = !less(size[j] * size[j] * across, R(1e-15));
    const R along = fma(half[a], to_a, half[b] * to_b);
    R segment = along / select(crossing, across, one);
    R edge = fma(half[j], segment, centre[j]) / size[j];

    // Whoever leaves its line goes to the end of it, and the other follows.
    auto high = less(one, edge);
    auto low = less(edge, -one);
    const R end = select(high, one, -one);
    const R followed = fma(half[j], fma(size[j], end, -centre[j]), along) / squared_length;
    segment = select(high | low, followed, segment);
    edge = select(high | low, end, edge);
    const auto beyond = less(one, abs(segment));
    segment = clamp(segment, -one, one);
    const R moved = fma(half[j], segment, centre[j]) / size[j];
    edge = select(beyond, clamp(moved, -one, one), edge);
    const auto moved_high = less(one, moved);
    const auto moved_low = less(moved, -one);
    high = select_mask(beyond & (moved_high | moved_low), moved_high, high);
    low = select_mask(beyond & (moved_high | moved_low), moved_low, low);

    const R offset_a = fma(-half[a], segment, to_a);
    const R offset_b = fma(-half[b], segment, to_b);
    const R offset_j = fma(size[j], edge, -fma(half[j], segment, centre[j]));
    const R squared = fma(offset_j, offset_j, fma(offset_b, offset_b, offset_a * offset_a));
    const auto nearer = crossing & less(squared, nearest.squared - R(1e-15));
    nearest.squared = select(nearer, squared, nearest.squared);
    nearest.on_segment = select(nearer, segment, nearest.on_segment);
    nearest.on_edge = select(nearer, edge, nearest.on_edge);
    nearest.corner[a] = select(nearer, R(side_a), nearest.corner[a]);
    nearest.corner[b] = select(nearer, R(side_b), nearest.corner[b]);
    nearest.corner[j] = select(nearer, select(high, one, -one), nearest.corner[j]);
    nearest.edge = select(nearer, R(j), nearest.edge);
    nearest.is_face = nearest.is_face & !nearer;
    nearest.is_edge = select_mask(nearer, !(high | low), nearest.is_edge);
  }

  FLEET_HD NearestFeature<R> nearest() const {
    NearestFeature<R> nearest;
    visit_end(-1.0, nearest);
    visit_end(1.0, nearest);
    for (int j = 0; j < 3; ++j) {
      const int a = j == 0 ? 1 : 0;
      const int b = j == 2 ? 1 : 2;
      for (int k = 0; k < 4; ++k) {
        visit_edge(j, a, b, (k & 1) != 0 ? 1.0 : -1.0, (k & 2) != 0 ? 1.0 : -1.0, nearest);
      }
    }
    return nearest;
  }

  /// How far the segment goes within a box's extent along an axis, at most.
  FLEET_HD R extent(int i) const { return R(2.0) * size[i] / abs(half[i]); }

  FLEET_HD static MaskOf<R> select_mask(MaskOf<R> mask, MaskOf<R> a, MaskOf<R> b) {
    return (mask & a) | ((!mask) & b);
  }
};

/// A second point, as a step along the segment from the first.
template <class R>
struct SecondPoint {
  MaskOf<R> exists{false};
  R step{0.0};
};

/// From a corner, along the edge or over the face that the segment runs over.
template <class R>
FLEET_HD SecondPoint<R> second_from_corner(const SegmentAndBox<R>& s,
                                           const NearestFeature<R>& nearest,
                                           const MaskOf<R> (&inward)[3]) {
  SecondPoint<R> second;
  for (int i = 0; i < 3; ++i) {
    const int a = (i + 1) % 3;
    const int b = (i + 2) % 3;
    const auto differ = [&](const MaskOf<R>& x, const MaskOf<R>& y) {
      return (x & !y) | ((!x) & y);
    };
    const auto odd = differ(inward[i], inward[a]) & differ(inward[i], inward[b]);
    const R sign = select(inward[i], R(1.0), R(-1.0));
    const R ahead = fma(-sign, nearest.on_segment, R(1.0));
    const R behind = fma(sign, nearest.on_segment, R(1.0));
    const R along_edge = sign * minimum(ahead, s.extent(i));
    const R over_face = -sign * minimum(behind, minimum(s.extent(a), s.extent(b)));
    const auto steep = less(R(0.5) * s.squared_length, s.half[i] * s.half[i]);
    second.step = select(odd, select(steep, along_edge, over_face), second.step);
    second.exists = second.exists | odd;
  }
  return second;
}

/// From within an edge, over the face that is less steep, until the segment leaves it.
template <class R>
FLEET_HD SecondPoint<R> second_from_edge(const SegmentAndBox<R>& s,
                                         const NearestFeature<R>& nearest,
                                         const MaskOf<R> (&inward)[3]) {
  SecondPoint<R> second;
  for (int i = 0; i < 3; ++i) {
    const auto here = less(abs(nearest.edge - R(i)), R(0.5));
    const int a = (i + 1) % 3;
    const int b = (i + 2) % 3;
    const auto use_a = less(abs(s.half[b]), abs(s.half[a]));
    const auto crosses = (inward[a] & !inward[b]) | ((!inward[a]) & inward[b]);
    const auto forwards = SegmentAndBox<R>::select_mask(use_a, inward[a], inward[b]);
    const R sign = select(forwards, R(1.0), R(-1.0));
    const auto rising = less(R(0.0), s.half[i]);
    const auto same = (rising & forwards) | ((!rising) & !forwards);
    const R rest = R(1.0) + select(same, -nearest.on_edge, nearest.on_edge);
    R step = fma(-sign, nearest.on_segment, R(1.0));
    step = minimum(step, select(use_a, s.extent(a), s.extent(b)));
    step = minimum(step, R(0.5) * s.extent(i) * rest);
    second.step = select(here, sign * step, second.step);
    second.exists = second.exists | (here & crosses);
  }
  return second;
}

/// From an end above a face, until the segment leaves the face.
template <class R>
FLEET_HD SecondPoint<R> second_from_end(const SegmentAndBox<R>& s,
                                        const NearestFeature<R>& nearest) {
  R step(2.0);
  for (int i = 0; i < 3; ++i) {
    const R end = fma(nearest.on_segment, s.half[i], s.centre[i]);
    const R scale = -nearest.on_segment / s.half[i];
    for (const double side : {1.0, -1.0}) {
      const R to_side = fma(R(side), s.size[i], -end) * scale;
      const auto leaves = (!nearest.outside[i]) & less(R(0.0), to_side) & less(to_side, step);
      step = select(leaves, to_side, step);
    }
  }
  return {nearest.outside[0] | nearest.outside[1] | nearest.outside[2], -nearest.on_segment * step};
}

template <class R>
FLEET_HD void capsule_box(const Candidate<R>& candidate, auto& contacts) {
  Candidate<R> c = candidate;
  const Mat3<R> mat = load9(c.geom2.mat);
  const Vec3<R> centre = transposed_times(mat, c.geom1.centre() - c.geom2.centre());
  const Vec3<R> half = transposed_times(mat, c.geom1.axis(2)) * c.geom1.half(1);
  const R length = c.geom1.half(1);
  const SegmentAndBox<R> s{{centre.x, centre.y, centre.z},
                           {half.x, half.y, half.z},
                           {c.geom2.half(0), c.geom2.half(1), c.geom2.half(2)},
                           length * length};
  const R reach = R(c.reach) + c.geom1.half(0);
  for (int i = 0; i < 3; ++i) {
    c.near = c.near & less_equal(abs(s.centre[i]), s.size[i] + abs(s.half[i]) + reach);
  }
  if (!any(c.near)) {
    return;
  }
  const NearestFeature<R> nearest = s.nearest();
  c.near = c.near & less(nearest.squared, R(1e30));

  using M = MaskOf<R>;
  M inward[3]{M(false), M(false),
              M(false)};  // the segment goes from the corner into the box's range
  for (int i = 0; i < 3; ++i) {
    const auto rising = less(R(0.0), s.half[i]);
    const auto high = less(R(0.0), nearest.corner[i]);
    inward[i] = (rising & !high) | ((!rising) & high);
  }
  const SecondPoint<R> from_corner = second_from_corner(s, nearest, inward);
  const SecondPoint<R> from_edge = second_from_edge(s, nearest, inward);
  const SecondPoint<R> from_end = second_from_end(s, nearest);
  const R step = select(nearest.is_face, from_end.step,
                        select(nearest.is_edge, from_edge.step, from_corner.step));
  const auto has_second =
      s.select_mask(nearest.is_face, from_end.exists,
                    s.select_mask(nearest.is_edge, from_edge.exists, from_corner.exists));

  ContactPoint<R> first = sphere_box_contact(c, add_scaled(centre, half, nearest.on_segment));
  ContactPoint<R> second =
      sphere_box_contact(c, add_scaled(centre, half, nearest.on_segment + step));
  second.exists = second.exists & has_second;
  close_gap(first, second);
  append(contacts, c, 0, first);
  append(contacts, c, 1, second);
}

}  // namespace fleet::physics
