#pragma once

#include <cmath>

#include "cuda/physics/contacts.h"

// Contacts of a plane, which is geom1, with everything else. Its normal is its z axis.

namespace fleet::physics {

/// The point midway between the plane and a surface point that is `dist` above it.
template <class R>
FLEET_HD ContactPoint<R> plane_contact(const MaskOf<R>& exists, const Vec3<R>& normal,
                                       const Vec3<R>& surface, R dist) {
  return {exists, dist, add_scaled(surface, normal, R(-0.5) * dist), normal};
}

/// How far above the plane the other geom's centre is, in m.
template <class R>
FLEET_HD R height_of_centre(const Candidate<R>& c) {
  return dot(c.geom2.centre() - c.geom1.centre(), c.geom1.axis(2));
}

template <class R>
FLEET_HD ContactPoint<R> plane_sphere_contact(const Candidate<R>& c, const Vec3<R>& centre,
                                              R radius) {
  const Vec3<R> normal = c.geom1.axis(2);
  const R dist = dot(centre - c.geom1.centre(), normal) - radius;
  return plane_contact<R>(c.near & less_equal(dist, R(c.reach)), normal,
                          add_scaled(centre, normal, -radius), dist);
}

template <class R>
FLEET_HD void plane_sphere(const Candidate<R>& c, auto& contacts) {
  append(contacts, c, 0, plane_sphere_contact(c, c.geom2.centre(), c.geom2.half(0)));
}

/// Two spheres at the capsule's ends; the first tangent follows the capsule.
template <class R>
FLEET_HD void plane_capsule(const Candidate<R>& c, auto& contacts) {
  const Vec3<R> axis = c.geom2.axis(2);
  const Vec3<R> centre = c.geom2.centre();
  const R length = c.geom2.half(1);
  ContactPoint<R> first =
      plane_sphere_contact(c, add_scaled(centre, axis, length), c.geom2.half(0));
  ContactPoint<R> second =
      plane_sphere_contact(c, add_scaled(centre, axis, -length), c.geom2.half(0));
  close_gap(first, second);
  if (!any(first.exists)) {
    return;
  }
  const Mat3<R> frame = make_frame(c.geom1.axis(2), axis);
  append(contacts, c, 0, first, frame);
  if (any(second.exists)) {
    append(contacts, c, 1, second, frame);
  }
}

/// The surface point that lies deepest: where the ellipsoid's normal is opposite to the plane's.
template <class R>
FLEET_HD void plane_ellipsoid(const Candidate<R>& c, auto& contacts) {
  const Vec3<R> normal = c.geom1.axis(2);
  const R s[3] = {c.geom2.half(0), c.geom2.half(1), c.geom2.half(2)};
  const Vec3<R> scaled{s[0] * dot(c.geom2.axis(0), normal), s[1] * dot(c.geom2.axis(1), normal),
                       s[2] * dot(c.geom2.axis(2), normal)};
  const Vec3<R> unit = scaled * (R(-1.0) / norm(scaled));
  const Vec3<R> offset =
      add_scaled(add_scaled(c.geom2.axis(0) * (s[0] * unit.x), c.geom2.axis(1), s[1] * unit.y),
                 c.geom2.axis(2), s[2] * unit.z);
  const R dist = height_of_centre(c) + dot(offset, normal);
  append(contacts, c, 0,
         plane_contact<R>(c.near & less_equal(dist, R(c.reach)), normal, c.geom2.centre() + offset,
                          dist));
}

/// The first four corners, in binary order, that are low enough and on the box's lower side.
template <class R>
FLEET_HD void plane_box(const Candidate<R>& c, auto& contacts) {
  constexpr int kMaxPoints = 4;
  const Vec3<R> normal = c.geom1.axis(2);
  const R height = height_of_centre(c);
  const Vec3<R> x = c.geom2.axis(0) * c.geom2.half(0);
  const Vec3<R> y = c.geom2.axis(1) * c.geom2.half(1);
  const Vec3<R> z = c.geom2.axis(2) * c.geom2.half(2);
  ContactPoint<R> points[kMaxPoints];
  for (int corner = 0; corner < 8; ++corner) {
    const Vec3<R> xy = ((corner & 1) != 0 ? x : -x) + ((corner & 2) != 0 ? y : -y);
    const Vec3<R> offset = xy + ((corner & 4) != 0 ? z : -z);
    const R rise = dot(offset, normal);
    ContactPoint<R> next =
        plane_contact<R>(c.near & less_equal(height + rise, R(c.reach)) & less_equal(rise, R(0.0)),
                         normal, c.geom2.centre() + offset, height + rise);
    for (int i = 0; i < kMaxPoints && any(next.exists); ++i) {
      const auto taken = points[i].exists;
      points[i] = select<R>(taken, points[i], next);
      next.exists = next.exists & taken;
    }
  }
  for (int i = 0; i < kMaxPoints && any(points[i].exists); ++i) {
    append(contacts, c, i, points[i]);
  }
}

/// The lowest point of the lower rim, that of the other rim, and two more of the lower rim that
/// make an equilateral triangle with the first.
template <class R>
FLEET_HD void plane_cylinder(const Candidate<R>& c, auto& contacts) {
  constexpr double kParallel = std::is_same_v<ScalarOf<R>, double> ? 1e-15 : 1e-6;
  const Vec3<R> normal = c.geom1.axis(2);
  const Vec3<R> centre = c.geom2.centre();
  const R radius = c.geom2.half(0);
  const R height = height_of_centre(c);

  // Half the axis, towards the plane, and the radius that points down most.
  R cosine = dot(normal, c.geom2.axis(2));
  Vec3<R> axis = select<R>(less(R(0.0), cosine), -c.geom2.axis(2), c.geom2.axis(2));
  cosine = -abs(cosine);
  const Vec3<R> down = axis * cosine - normal;
  const R length = norm(down);
  const auto upright = less(length, R(kParallel));
  const Vec3<R> rim = select<R>(upright, c.geom2.axis(0) * radius,
                                down * (radius / select(upright, R(1.0), length)));
  axis = axis * c.geom2.half(1);
  const R rise_axis = cosine * c.geom2.half(1);
  const R rise_rim = dot(rim, normal);

  const R low = height + rise_axis + rise_rim;
  const R high = height - rise_axis + rise_rim;
  const R side = height + rise_axis - R(0.5) * rise_rim;
  const R reach(c.reach);
  const auto touches = c.near & less_equal(low, reach);
  if (!any(touches)) {
    return;
  }
  const Vec3<R> lower = centre + axis;
  append(contacts, c, 0, plane_contact<R>(touches, normal, lower + rim, low));

  const Vec3<R> sideways = cross(rim, axis);
  const R sideways_length = norm(sideways);
  const Vec3<R> across = sideways * (R(std::sqrt(0.75)) * radius / sideways_length);
  const Vec3<R> middle = add_scaled(lower, rim, R(-0.5));
  const auto has_sides = touches & less_equal(side, reach);
  ContactPoint<R> second =
      plane_contact<R>(touches & less_equal(high, reach), normal, (centre - axis) + rim, high);
  ContactPoint<R> third = plane_contact<R>(has_sides, normal, middle + across, side);
  ContactPoint<R> fourth = plane_contact<R>(has_sides, normal, middle - across, side);
  close_gap(second, third);
  close_gap(third, fourth);
  append(contacts, c, 1, second);
  append(contacts, c, 2, third);
  append(contacts, c, 3, fourth);
}

}  // namespace fleet::physics
