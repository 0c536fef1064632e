#pragma once

#include "cuda/physics/contacts.h"

// Contacts of a box, which is geom2, with a sphere or a capsule. All in the box's frame, where it
// is |x| <= size.

namespace fleet::physics {

/// Nearest point of the box to a sphere, or, where the centre is inside, of its nearest face.
template <class R>
FLEET_HD ContactPoint<R> sphere_box_contact(const Candidate<R>& c, const Vec3<R>& centre) {
  const R radius = c.geom1.half(0);
  const R centres[3] = {centre.x, centre.y, centre.z};
  R offset[3];
  for (int i = 0; i < 3; ++i) {
    offset[i] = clamp(centres[i], -c.geom2.half(i), c.geom2.half(i)) - centres[i];
  }
  const Vec3<R> out{offset[0], offset[1], offset[2]};
  R dist = norm(out);
  const auto inside = less_equal(dist, R(1e-15));
  Vec3<R> normal = out * (R(1.0) / select(inside, R(1.0), dist));
  const auto exists = c.near & less_equal(dist - radius, R(c.reach));
  if (any(inside & exists)) {
    R depth(1e30);
    R towards[3]{R(0.0), R(0.0), R(0.0)};
    for (int i = 0; i < 3; ++i) {
      for (const double side : {-1.0, 1.0}) {
        const R to_face = abs(R(side) * c.geom2.half(i) - centres[i]);
        const auto nearer = less(to_face, depth);
        for (int k = 0; k < 3; ++k) {
          towards[k] = select(nearer, R(k == i ? -side : 0.0), towards[k]);
        }
        depth = select(nearer, to_face, depth);
      }
    }
    normal = select<R>(inside, Vec3<R>{towards[0], towards[1], towards[2]}, normal);
    dist = select(inside, -depth, dist);
  }
  ContactPoint<R> point;
  point.exists = exists;
  point.dist = dist - radius;
  const Vec3<R> pos = add_scaled(centre, normal, R(0.5) * (dist + radius));
  const Mat3<R> mat = load9(c.geom2.mat);
  point.pos = c.geom2.centre() + mat * pos;
  point.normal = mat * normal;
  return point;
}

template <class R>
FLEET_HD void sphere_box(const Candidate<R>& c, auto& contacts) {
  const Vec3<R> centre = transposed_times(load9(c.geom2.mat), c.geom1.centre() - c.geom2.centre());
  append(contacts, c, 0, sphere_box_contact(c, centre));
}

}  // namespace fleet::physics
