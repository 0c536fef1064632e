#pragma once

#include <array>

#include "cuda/physics/collide_round.h"

// Contacts of a cylinder, which is geom2, with a sphere or a capsule, in the cylinder's frame,
// where it is |z| <= height and |(x, y)| <= radius.
//
// A capsule is a segment with a radius. Outside, the squared distance to the cylinder is a convex
// function along the segment, and Newton finds its minimum; where the segment itself is inside, the
// shortest way out is the best of four: by either cap, by the side and over a rim. A capsule that
// lies on a cap, tilted by at most 5 degrees, touches in two points; MuJoCo has for this a cap with
// 16 corners, which is inscribed:
//
//     -----o==============o--------  the line of the capsule's surface; o: its ends above the cap
//         +--------------+
//         |   cylinder   |

namespace fleet::physics {

/// A way out of or to a cylinder: to the nearest point of its surface.
template <class R>
struct WayOut {
  Vec3<R> core;     ///< from here
  Vec3<R> outward;  ///< unit vector
  R distance;       ///< m, below 0: inside
};

template <class R>
FLEET_HD WayOut<R> shorter(const WayOut<R>& a, const WayOut<R>& b) {
  const auto use_b = less(a.distance, b.distance);
  return {select<R>(use_b, b.core, a.core), select<R>(use_b, b.outward, a.outward),
          select(use_b, b.distance, a.distance)};
}

/// 1 or -1; -1 for 0, as MuJoCo chooses caps.
template <class R>
FLEET_HD R side_of(R x) {
  return select(less(R(0.0), x), R(1.0), R(-1.0));
}

template <class R>
struct Cylinder {
  R radius, height;   ///< height: half
  Vec3<R> from_axis;  ///< outward for points on the axis

  FLEET_HD R distance_to_axis(const Vec3<R>& p) const { return sqrt(fma(p.y, p.y, p.x * p.x)); }

  FLEET_HD WayOut<R> by_side(const Vec3<R>& p) const {
    const R from = distance_to_axis(p);
    const auto centred = less(from, R(1e-15));
    const R scale = R(1.0) / select(centred, R(1.0), from);
    return {p, select<R>(centred, from_axis, {p.x * scale, p.y * scale, R(0.0)}), from - radius};
  }
  FLEET_HD WayOut<R> by_cap(const Vec3<R>& p) const {
    return {p, {R(0.0), R(0.0), side_of(p.z)}, abs(p.z) - height};
  }
  FLEET_HD WayOut<R> from_point(const Vec3<R>& p) const {
    const WayOut<R> side = by_side(p);
    const WayOut<R> cap = by_cap(p);
    WayOut<R> way = shorter(side, cap);
    const auto corner = less_equal(R(0.0), side.distance) & less_equal(R(0.0), cap.distance);
    const R distance = sqrt(fma(side.distance, side.distance, cap.distance * cap.distance));
    const auto apart = corner & less(R(0.0), distance);
    const R scale = R(1.0) / select(apart, distance, R(1.0));
    const Vec3<R> out = (side.outward * side.distance + cap.outward * cap.distance) * scale;
    way.outward = select<R>(apart, out, way.outward);
    way.distance = select(corner, distance, way.distance);
    return way;
  }
};

template <class R>
FLEET_HD Cylinder<R> cylinder_of(const Candidate<R>& c) {
  const Vec3<R> normal = normal_of_coinciding(c);
  return {c.geom2.half(0), c.geom2.half(1), -transposed_times(load9(c.geom2.mat), normal)};
}

template <class R>
FLEET_HD void sphere_cylinder(const Candidate<R>& c, auto& contacts) {
  const Vec3<R> centre = transposed_times(load9(c.geom2.mat), c.geom1.centre() - c.geom2.centre());
  const WayOut<R> way = cylinder_of(c).from_point(centre);
  append(contacts, c, 0, core_contact(c, way.core, way.outward, way.distance));
}

/// A segment centre + t half, |t| <= 1, and a cylinder.
template <class R>
struct CylinderAndSegment {
  Cylinder<R> cylinder;
  Vec3<R> centre, half;

  FLEET_HD Vec3<R> at(R t) const { return add_scaled(centre, half, t); }

  /// First and second derivative by t of half the squared distance.
  FLEET_HD void slope(R t, R& first, R& second) const {
    const R zero(0.0), one(1.0);
    const Vec3<R> p = at(t);
    const R from = cylinder.distance_to_axis(p);
    const R inverse = one / select(less(zero, from), from, one);
    const R above = maximum(abs(p.z) - cylinder.height, zero);
    const R beside = maximum(from - cylinder.radius, zero);
    const R leaving = fma(p.y, half.y, p.x * half.x) * inverse;
    const R across = fma(half.y, half.y, half.x * half.x) - leaving * leaving;
    first = fma(above * side_of(p.z), half.z, beside * leaving);
    second = select(less(zero, above), half.z * half.z, zero) +
             select(less(zero, beside), fma(beside * inverse, across, leaving * leaving), zero);
  }

  /// Where the segment is nearest to the cylinder.
  FLEET_HD R nearest(const MaskOf<R>& near) const {
    constexpr bool kDouble = std::is_same_v<ScalarOf<R>, double>;
    constexpr double kResolution = kDouble ? 1e-14 : 5e-7;
    constexpr int kMaxSteps = 60;  // some 3, seldom more than 10
    const R zero(0.0), one(1.0);
    R first, second, first_at_start, second_at_start;
    slope(-one, first_at_start, second_at_start);
    slope(one, first, second);
    const auto start = less_equal(zero, first_at_start);
    const auto end = less_equal(first, zero) & !start;
    auto searching = near & !(start | end);
    R low(-1.0), high(1.0);
    R t = select(start, -one, select(end, one, zero));
    for (int i = 0; i < kMaxSteps && any(searching); ++i) {
      slope(t, first, second);
      low = select(less(first, zero), t, low);
      high = select(less(zero, first), t, high);
      const auto flat = less_equal(second, zero);
      const R newton = t - first / select(flat, one, second);
      const auto settled = less_equal(abs(newton - t), R(kResolution)) & !flat;
      const auto inside = less(low, newton) & less(newton, high) & !flat;
      const R next = select(inside, newton, R(0.5) * (low + high));
      const auto level = less_equal(abs(first), zero);
      t = select(searching & !(settled | level), next, t);
      searching = searching & !(settled | level);
    }
    return t;
  }

  FLEET_HD WayOut<R> by_side() const {
    const R squared = fma(half.y, half.y, half.x * half.x);
    const auto upright = less_equal(squared, R(0.0));
    const R along = -fma(centre.y, half.y, centre.x * half.x);
    return cylinder.by_side(at(clamp(along / select(upright, R(1.0), squared), R(-1.0), R(1.0))));
  }
  FLEET_HD WayOut<R> by_cap(double side) const {
    const R low_end = select(less(R(0.0), half.z), R(-side), R(side));
    const Vec3<R> core = at(low_end);
    return {core, {R(0.0), R(0.0), R(side)}, fma(R(side), core.z, -cylinder.height)};
  }

  /// Over a rim, square to the segment. Seen along the segment, this is a point (a, b) and the rim,
  /// an ellipse of radius and radius * squashed. The way out, along (c, s), ends at the ellipse's
  /// point whose first coordinate is radius * y: a = radius * y + distance * c, solved by Newton.
  /// A y that does not solve it is a longer way out, no wrong one.
  FLEET_HD WayOut<R> by_rim() const {
    constexpr int kSteps = 12;
    const R one(1.0), zero(0.0);
    const R flat = sqrt(fma(half.y, half.y, half.x * half.x));
    const R inverse = one / sqrt(fma(half.z, half.z, flat * flat));
    const auto upright = less(flat * inverse, R(1e-12));
    const R scale = one / select(upright, one, flat);
    const R ex = select(upright, one, half.x * scale);
    const R ey = half.y * scale;
    const R sine = half.z * inverse;
    const R cosine = flat * inverse;
    Vec3<R> u{-ey, ex, zero};
    Vec3<R> v{-sine * ex, -sine * ey, cosine};
    u = u * side_of(dot(centre, u));
    v = v * side_of(dot(centre, v));
    const R a = dot(centre, u);
    const R b = fma(-cylinder.height, cosine, dot(centre, v));
    const R squashed = abs(sine);
    R y(0.0), c(0.0), s(1.0), distance = fma(-cylinder.radius, squashed, b);
    for (int i = 0; i < kSteps; ++i) {
      const R off = fma(cylinder.radius, y, fma(distance, c, -a));
      const R turn = s / sqrt(fma(-y, y, one));
      const R slope = fma(distance * squashed, turn * turn * turn, cylinder.radius);
      y = clamp(y - off / maximum(slope, R(0.1) * cylinder.radius), zero, R(0.99999));
      const R slant = squashed * y / sqrt(fma(-y, y, one));
      s = one / sqrt(fma(slant, slant, one));
      c = slant * s;
      const R squashed_s = squashed * s;
      distance = fma(a, c, b * s) - cylinder.radius * sqrt(fma(squashed_s, squashed_s, c * c));
    }
    const Vec3<R> out = add_scaled(u * c, v, s);
    const R level = cylinder.distance_to_axis(out);
    const R to_rim = cylinder.radius / select(less(zero, level), level, one);
    const Vec3<R> rim{out.x * to_rim, out.y * to_rim, cylinder.height * side_of(out.z)};
    return {add_scaled(rim, out, distance), out, distance};
  }

  /// For a segment that is partly inside.
  FLEET_HD WayOut<R> from_inside() const {
    return shorter(shorter(by_side(), by_rim()), shorter(by_cap(1.0), by_cap(-1.0)));
  }
};

/// Two points where the capsule lies on a cap, instead of the one that was found. As in MuJoCo, an
/// end that the edge of the cap cuts off counts twice if the other end is out of reach.
template <class R>
FLEET_HD void lie_on_cap(const Candidate<R>& c, const CylinderAndSegment<R>& s,
                         const Vec3<R>& outward, ContactPoint<R>& first, ContactPoint<R>& second) {
  constexpr double kLargestTilt = 0.0888;  // its sine
  constexpr double kInscribed = 0.98078528040323043;
  constexpr std::array<std::array<double, 2>, 8> kEdges{
      {// the cosine and sine of odd 16ths of pi
       {0.98078528040323043, 0.19509032201612825},
       {0.83146961230254524, 0.55557023301960222},
       {0.55557023301960222, 0.83146961230254524},
       {0.19509032201612825, 0.98078528040323043},
       {-0.19509032201612825, 0.98078528040323043},
       {-0.55557023301960222, 0.83146961230254524},
       {-0.83146961230254524, 0.55557023301960222},
       {-0.98078528040323043, 0.19509032201612825}}};
  const R zero(0.0), one(1.0);
  const R length = c.geom1.half(1);
  const Vec3<R> axis = s.half * (one / length);
  auto lies = first.exists & less(abs(axis.z), R(kLargestTilt)) & less(zero, abs(outward.z));
  if (!any(lies)) {
    return;
  }
  const R up = side_of(outward.z);
  const R reach = R(0.5 * c.reach);
  const Vec3<R> square = add_scaled(outward, axis, -dot(outward, axis));
  const Vec3<R> middle = add_scaled(s.centre, square, -(c.geom1.half(0) + reach));

  R low(-1.0), high(1.0);
  const R edge = R(kInscribed) * s.cylinder.radius;
  for (const auto& normal : kEdges) {
    const R from = fma(R(normal[1]), middle.y, R(normal[0]) * middle.x);
    const R towards = fma(R(normal[1]), s.half.y, R(normal[0]) * s.half.x);
    const auto along = less_equal(abs(towards), zero);
    const R inverse = one / select(along, one, towards);
    const R t1 = (-edge - from) * inverse;
    const R t2 = (edge - from) * inverse;
    low = select(along, low, maximum(low, minimum(t1, t2)));
    high = select(along, high, minimum(high, maximum(t1, t2)));
    lies = lies & !(along & less(edge, abs(from)));
  }
  lies = lies & less(low, high);

  const Mat3<R> mat = load9(c.geom2.mat);
  const auto point = [&](R t) {
    Vec3<R> p = add_scaled(middle, s.half, t);
    const R distance = fma(up, p.z, -s.cylinder.height);
    ContactPoint<R> found;
    found.dist = distance + reach;
    found.exists = lies & less_equal(found.dist, R(c.reach));
    p.z = up * fma(R(0.5), found.dist, s.cylinder.height);
    found.pos = c.geom2.centre() + mat * p;
    found.normal = column(mat, 2) * -up;
    return found;
  };
  ContactPoint<R> begin = point(low);
  ContactPoint<R> end = point(high);
  const auto twice = (begin.exists & (!end.exists) & less(-one, low)) |
                     (end.exists & (!begin.exists) & less(high, one));
  close_gap(begin, end);
  end = select<R>(twice, begin, end);
  first = select<R>(begin.exists, begin, first);
  second = end;
}

template <class R>
FLEET_HD void capsule_cylinder(const Candidate<R>& candidate, auto& contacts) {
  Candidate<R> c = candidate;
  const Mat3<R> mat = load9(c.geom2.mat);
  const CylinderAndSegment<R> s{cylinder_of(c),
                                transposed_times(mat, c.geom1.centre() - c.geom2.centre()),
                                transposed_times(mat, c.geom1.axis(2)) * c.geom1.half(1)};
  const R reach = R(c.reach) + c.geom1.half(0);
  const R wide = s.cylinder.radius + reach;
  c.near = c.near & less_equal(abs(s.centre.x), wide + abs(s.half.x)) &
           less_equal(abs(s.centre.y), wide + abs(s.half.y)) &
           less_equal(abs(s.centre.z), s.cylinder.height + reach + abs(s.half.z));
  if (!any(c.near)) {
    return;
  }
  WayOut<R> way = s.cylinder.from_point(s.at(s.nearest(c.near)));
  // A segment that only just reaches the surface where it was nearest may be deeper elsewhere.
  constexpr double kReaches = std::is_same_v<ScalarOf<R>, double> ? 1e-10 : 1e-6;
  const auto inside = less_equal(way.distance, R(kReaches));
  if (any(inside & c.near)) {
    const WayOut<R> deep = s.from_inside();
    way = {select<R>(inside, deep.core, way.core), select<R>(inside, deep.outward, way.outward),
           select(inside, deep.distance, way.distance)};
  }
  ContactPoint<R> first = core_contact(c, way.core, way.outward, way.distance);
  ContactPoint<R> second;
  if (c.num_slots > 1) {
    lie_on_cap(c, s, way.outward, first, second);
  }
  append(contacts, c, 0, first);
  append(contacts, c, 1, second);
}

}  // namespace fleet::physics
