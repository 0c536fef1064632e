#pragma once

#include <type_traits>

#include "cuda/physics/contacts.h"

// Contacts of an ellipsoid, which is geom2, with a sphere or a capsule: a segment p(t) = centre +
// t half, |t| <= 1, with a radius (a sphere's half is 0). All in the ellipsoid's frame, where it is
// sum (x_i / s_i)^2 <= 1.
//
// If x is the point of its surface nearest to p, p - x is along the normal there:
//
//     p_i = x_i (1 + shift / s_i^2),    shift > 0 outside, -min(s)^2 < shift < 0 inside,
//
// and the t that belongs to a shift minimises sum p_i(t)^2 / (s_i^2 + shift): where it is not an
// end of the segment, the segment is square to the normal. What is left is one equation in the
// shift, |x / s| = 1. Its reciprocal is nearly linear, so that Newton takes some five steps (Moré
// and Sorensen, Computing a trust region step, 1983). A segment that is itself partly inside has
// several solutions; then the shortest way out is the best of three, each that of a point.

namespace fleet::physics {

template <class R>
struct Ellipsoid {
  R squared_size[3];
  R centre[3], half[3];  ///< of the segment
  int shortest;          ///< axis of the smallest size

  /// What a shift says about the nearest points.
  struct Guess {
    R fraction;   ///< t
    Vec3<R> out;  ///< along the normal, away from the ellipsoid; of any length
    R norm;       ///< of x / s: above 1 where the shift is too small
    R step;       ///< Newton's, of the shift, where the norm falls as the shift grows
    MaskOf<R> is_falling{true};
    R least_squared;  ///< m^2, a lower bound of the squared distance if the shift is positive
  };

  FLEET_HD Guess guess(R shift) const {
    const R zero(0.0), one(1.0);
    R weight[3], out[3];
    R curvature(0.0), slope(0.0);
    for (int i = 0; i < 3; ++i) {
      weight[i] = one / (squared_size[i] + shift);
      curvature = fma(half[i] * half[i], weight[i], curvature);
      slope = fma(centre[i] * half[i], weight[i], slope);
    }
    const auto is_point = less_equal(curvature, zero);
    const R inverse = one / select(is_point, one, curvature);
    const R free = -slope * inverse;
    const auto is_between = less(abs(free), one) & !is_point;

    Guess g;
    g.fraction = clamp(free, -one, one);
    R squared(0.0), fall(0.0), mixed(0.0), excess(-1.0);
    for (int i = 0; i < 3; ++i) {
      const R p = fma(g.fraction, half[i], centre[i]);
      out[i] = p * weight[i];
      const R along = squared_size[i] * out[i] * out[i];
      squared += along;
      fall = fma(along, weight[i], fall);
      mixed = fma(out[i] * weight[i], half[i], mixed);
      excess = fma(p, out[i], excess);
    }
    fall = fma(shift * inverse, select(is_between, mixed * mixed, zero), fall);
    g.out = {out[0], out[1], out[2]};
    g.norm = sqrt(squared);
    g.is_falling = less(zero, fall);
    g.step = squared * (g.norm - one) / select(g.is_falling, fall, one);
    g.least_squared = shift * excess;
    return g;
  }

  /// Where a point, or a segment that is outside, is nearest. Worlds in which they are farther
  /// apart than `farthest` are dropped from `searching` early.
  FLEET_HD Guess nearest(R farthest, MaskOf<R> searching) const {
    constexpr bool kDouble = std::is_same_v<ScalarOf<R>, double>;
    constexpr double kResolution = kDouble ? 1e-14 : 2e-7;
    constexpr int kMaxSteps = 40;  // some 5; more only near the centre, where it has to halve
    const R largest = maximum(squared_size[0], maximum(squared_size[1], squared_size[2]));
    R shift(0.0);
    R low = -squared_size[shortest];
    Guess result = guess(shift);
    for (int i = 0; i < kMaxSteps && any(searching); ++i) {
      low = select(less(R(1.0), result.norm), shift, low);
      R next = shift + result.step;
      next = select(result.is_falling & less(low, next), next, R(0.5) * (low + shift));
      const auto is_settled = less_equal(abs(next - shift), R(kResolution) * largest);
      shift = select(searching, next, shift);
      result = guess(shift);
      const auto is_far = less(R(0.0), shift) & less(farthest * farthest, result.least_squared);
      searching = searching & !(is_settled | is_far);
    }
    return result;
  }

  /// A unit vector along `out`; from the centre, where all is 0, along the shortest axis.
  FLEET_HD Vec3<R> direction(const Vec3<R>& out) const {
    const R length = norm(out);
    const auto is_none = less_equal(length, R(1e-30));
    const Vec3<R> axis{R(shortest == 0), R(shortest == 1), R(shortest == 2)};
    return select<R>(is_none, axis, out * (R(1.0) / select(is_none, R(1.0), length)));
  }

  /// How far the surface is from the centre along a normal, and its point there.
  FLEET_HD R support(const Vec3<R>& n) const {
    return sqrt(fma(squared_size[2] * n.z, n.z,
                    fma(squared_size[1] * n.y, n.y, squared_size[0] * n.x * n.x)));
  }
  FLEET_HD Vec3<R> surface(const Vec3<R>& n) const {
    const R scale = R(1.0) / support(n);
    return {squared_size[0] * n.x * scale, squared_size[1] * n.y * scale,
            squared_size[2] * n.z * scale};
  }

  /// How far the segment is from the ellipsoid along a direction; below 0 if they overlap there.
  FLEET_HD R gap(const Vec3<R>& n) const {
    return dot(n, load3(centre)) - abs(dot(n, load3(half))) - support(n);
  }

  /// The same ellipsoid and a point. Of the two ways out from its middle plane, one is taken.
  FLEET_HD Ellipsoid with_point(const Vec3<R>& p) const {
    constexpr double kTiny = std::is_same_v<ScalarOf<R>, double> ? 1e-12 : 1e-6;
    Ellipsoid e{{squared_size[0], squared_size[1], squared_size[2]}, {p.x, p.y, p.z}, {}, shortest};
    for (R& x : e.half) {
      x = R(0.0);
    }
    R& x = e.centre[shortest];
    const R least = R(kTiny) * sqrt(squared_size[shortest]);
    x = select(less(abs(x), least), least, x);
    return e;
  }

  /// The way out square to the segment: along it, both are a point and an ellipse.
  FLEET_HD Vec3<R> way_out_sideways(const MaskOf<R>& searching) const {
    const R zero(0.0), one(1.0);
    const Vec3<R> span = load3(half);
    const Mat3<R> frame = make_frame(span * (one / norm(span)));
    const Vec3<R> u = frame.row1;
    const Vec3<R> v = frame.row2;
    const auto scaled = [&](const Vec3<R>& a) {
      return Vec3<R>{squared_size[0] * a.x, squared_size[1] * a.y, squared_size[2] * a.z};
    };
    const R uu = dot(u, scaled(u));
    const R uv = dot(u, scaled(v));
    const R vv = dot(v, scaled(v));
    const R middle = R(0.5) * (uu + vv);
    const R differ = R(0.5) * (uu - vv);
    const R radius = sqrt(fma(uv, uv, differ * differ));
    const auto is_u = less_equal(zero, differ);
    const R along_u = select(is_u, radius + differ, uv);
    const R along_v = select(is_u, uv, radius - differ);
    const R length = sqrt(fma(along_v, along_v, along_u * along_u));
    const auto is_circle = less_equal(length, zero);
    const R scale = one / select(is_circle, one, length);
    const R cosine = select(is_circle, one, along_u * scale);
    const R sine = along_v * scale;
    const Vec3<R> wide = add_scaled(u * cosine, v, sine);
    const Vec3<R> narrow = add_scaled(v * cosine, u, -sine);
    const Vec3<R> point = load3(centre);
    const R thin = maximum(middle - radius, squared_size[shortest]);
    const Ellipsoid shadow{{middle + radius, thin, middle + radius}, {}, {}, 1};
    const Ellipsoid flat = shadow.with_point({dot(point, wide), dot(point, narrow), zero});
    const Vec3<R> out = flat.direction(flat.nearest(R(1e15), searching).out);
    return add_scaled(wide * out.x, narrow, out.y);
  }

  /// The shortest way out for a segment that is partly inside: past one of its ends, or sideways.
  FLEET_HD Vec3<R> way_out(const MaskOf<R>& searching) const {
    Vec3<R> best = way_out_sideways(searching);
    R best_gap = gap(best);
    for (const double end : {-1.0, 1.0}) {
      const Ellipsoid e = with_point(add_scaled(load3(centre), load3(half), R(end)));
      const Vec3<R> n = e.direction(e.nearest(R(1e15), searching).out);
      const R found = gap(n);
      const auto is_better = less(best_gap, found);
      best = select<R>(is_better, n, best);
      best_gap = select(is_better, found, best_gap);
    }
    return best;
  }
};

template <class R>
FLEET_HD Ellipsoid<R> ellipsoid_of(const Candidate<R>& c) {
  const ScalarOf<R>* const size = c.geom2.size;
  Ellipsoid<R> e{{R(size[0] * size[0]), R(size[1] * size[1]), R(size[2] * size[2])}, {}, {}, 0};
  for (int i = 1; i < 3; ++i) {
    e.shortest = size[i] < size[e.shortest] ? i : e.shortest;
  }
  return e;
}

template <class R>
FLEET_HD void sphere_ellipsoid(const Candidate<R>& c, auto& contacts) {
  const Vec3<R> centre = transposed_times(load9(c.geom2.mat), c.geom1.centre() - c.geom2.centre());
  const Ellipsoid<R> e = ellipsoid_of(c).with_point(centre);
  const Vec3<R> out = e.direction(e.nearest(R(c.reach) + c.geom1.half(0), c.near).out);
  append(contacts, c, 0, core_contact(c, centre, out, e.gap(out)));
}

template <class R>
FLEET_HD void capsule_ellipsoid(const Candidate<R>& c, auto& contacts) {
  const Mat3<R> mat = load9(c.geom2.mat);
  const Vec3<R> centre = transposed_times(mat, c.geom1.centre() - c.geom2.centre());
  const Vec3<R> half = transposed_times(mat, c.geom1.axis(2)) * c.geom1.half(1);
  Ellipsoid<R> e = ellipsoid_of(c);
  store3(e.centre, centre);
  store3(e.half, half);
  const auto is_outside = less(R(1.0), e.guess(R(0.0)).norm);
  const auto nearest = e.nearest(R(c.reach) + c.geom1.half(0), c.near & is_outside);
  Vec3<R> core = add_scaled(centre, half, nearest.fraction);
  Vec3<R> out = e.direction(nearest.out);
  if (any(c.near & !is_outside)) {
    const Vec3<R> way = e.way_out(c.near & !is_outside);
    out = select<R>(is_outside, out, way);
    core = select<R>(is_outside, core, add_scaled(e.surface(way), way, e.gap(way)));
  }
  append(contacts, c, 0, core_contact(c, core, out, e.gap(out)));
}

}  // namespace fleet::physics
