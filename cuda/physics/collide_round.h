#pragma once

#include "cuda/physics/contacts.h"

// Contacts of spheres and capsules with each other. A capsule is a segment with a radius; what is
// nearest to it is a sphere on that segment.

namespace fleet::physics {

/// A normal for spheres with the same centre: square to both geoms' z axes, or x.
template <class R>
FLEET_HD Vec3<R> normal_of_coinciding(const Candidate<R>& c) {
  const Vec3<R> square = cross(c.geom1.axis(2), c.geom2.axis(2));
  const R length = norm(square);
  const auto parallel = less(length, R(1e-15));
  const Vec3<R> unit = square * (R(1.0) / select(parallel, R(1.0), length));
  return select<R>(parallel, Vec3<R>{R(1.0), R(0.0), R(0.0)}, unit);
}

/// Two spheres, with the radii of the candidate's geoms.
template <class R>
FLEET_HD ContactPoint<R> sphere_contact(const Candidate<R>& c, const Vec3<R>& centre1,
                                        const Vec3<R>& centre2) {
  const R radius1 = c.geom1.half(0);
  const R radius2 = c.geom2.half(0);
  const Vec3<R> between = centre2 - centre1;
  const R distance_squared = dot(between, between);
  const R farthest = R(c.reach) + radius1 + radius2;
  ContactPoint<R> point;
  point.exists = c.near & less_equal(distance_squared, farthest * farthest);
  const R distance = sqrt(distance_squared);
  const auto coincide = less(distance, R(1e-15));
  point.normal = between * (R(1.0) / select(coincide, R(1.0), distance));
  if (any(coincide)) {
    point.normal = select<R>(coincide, normal_of_coinciding(c), point.normal);
  }
  point.dist = distance - radius1 - radius2;
  point.pos = add_scaled(centre1, point.normal, fma(R(0.5), point.dist, radius1));
  return point;
}

template <class R>
FLEET_HD void sphere_sphere(const Candidate<R>& c, auto& contacts) {
  append(contacts, c, 0, sphere_contact(c, c.geom1.centre(), c.geom2.centre()));
}

template <class R>
FLEET_HD void sphere_capsule(const Candidate<R>& c, auto& contacts) {
  const Vec3<R> sphere = c.geom1.centre();
  const Vec3<R> axis = c.geom2.axis(2);
  const R length = c.geom2.half(1);
  const R along = clamp(dot(axis, sphere - c.geom2.centre()), -length, length);
  append(contacts, c, 0, sphere_contact(c, sphere, add_scaled(c.geom2.centre(), axis, along)));
}

/// Two segments: from start1 along span1, from start2 along span2.
template <class R>
struct SegmentPair {
  Vec3<R> start1, span1, start2, span2;
  R inverse1, inverse2;  ///< 1 / squared length
  R across;              ///< span1 . span2
  R back1, back2;        ///< of start1 - start2 along span1, span2

  /// The point of segment 2 nearest to a point of segment 1, a fraction of each; the first is
  /// moved where the second would leave its segment.
  FLEET_HD void settle(R& fraction1, R& fraction2) const {
    const R zero(0.0), one(1.0);
    const R free2 = fma(across, fraction1, back2) * inverse2;
    const auto below = less(free2, zero);
    const auto above = less(one, free2);
    const R from_start = clamp(-back1 * inverse1, zero, one);
    const R from_end = clamp((across - back1) * inverse1, zero, one);
    fraction1 = select(below, from_start, select(above, from_end, fraction1));
    fraction2 = clamp(free2, zero, one);
  }
};

/// Nearest points of the two segments; parallel ones get two points, one from each end of the
/// first, as MuJoCo has it.
template <class R>
FLEET_HD void capsule_capsule(const Candidate<R>& c, auto& contacts) {
  constexpr double kParallel = 1e-8;  // squared sine
  using T = ScalarOf<R>;
  const T squared1 = 4 * c.geom1.size[1] * c.geom1.size[1];
  const T squared2 = 4 * c.geom2.size[1] * c.geom2.size[1];
  SegmentPair<R> s;
  s.span1 = c.geom1.axis(2) * (R(2.0) * c.geom1.half(1));
  s.span2 = c.geom2.axis(2) * (R(2.0) * c.geom2.half(1));
  s.start1 = add_scaled(c.geom1.centre(), s.span1, R(-0.5));
  s.start2 = add_scaled(c.geom2.centre(), s.span2, R(-0.5));
  s.inverse1 = R(1 / squared1);
  s.inverse2 = R(1 / squared2);
  const Vec3<R> between = s.start1 - s.start2;
  s.across = dot(s.span1, s.span2);
  s.back1 = dot(s.span1, between);
  s.back2 = dot(s.span2, between);

  const Vec3<R> square = cross(s.span1, s.span2);
  const R determinant = dot(square, square);
  const auto parallel = less_equal(determinant, R(static_cast<T>(kParallel) * squared1 * squared2));
  const R crossing = dot(square, cross(s.span2, between)) / select(parallel, R(1.0), determinant);
  R fraction1 = select(parallel, R(0.0), clamp(crossing, R(0.0), R(1.0)));
  R fraction2;
  const auto contact = [&] {
    s.settle(fraction1, fraction2);
    return sphere_contact(c, add_scaled(s.start1, s.span1, fraction1),
                          add_scaled(s.start2, s.span2, fraction2));
  };
  ContactPoint<R> first = contact();
  if (!any(parallel & c.near)) {
    append(contacts, c, 0, first);
    return;
  }
  fraction1 = R(1.0);
  ContactPoint<R> second = contact();
  second.exists = second.exists & parallel;
  close_gap(first, second);
  append(contacts, c, 0, first);
  append(contacts, c, 1, second);
}

}  // namespace fleet::physics
