#pragma once

#include "cuda/physics/collide_box.h"
#include "cuda/physics/collide_box_box.h"
#include "cuda/physics/collide_capsule_box.h"
#include "cuda/physics/collide_cylinder.h"
#include "cuda/physics/collide_ellipsoid.h"
#include "cuda/physics/collide_plane.h"
#include "cuda/physics/collide_round.h"
#include "cuda/physics/contacts.h"
#include "cuda/physics/data.h"

// mj_collision for a pack of worlds. The list of pairs is the model's, so a contact's slot, and
// with it the columns of its Jacobian, are known before the run; a pack has the contacts that any
// of its worlds has.

namespace fleet::physics {

/// Worlds in which a pair's bounding spheres, or such a sphere and the plane, come near enough.
template <class R>
FLEET_HD MaskOf<R> bounds_touch(const PairBounds<ScalarOf<R>>& bounds, const R* geom_xpos,
                                const R* geom_xmat) {
  const Vec3<R> between = load3(geom_xpos + 3 * bounds.geom2) - load3(geom_xpos + 3 * bounds.geom1);
  if (bounds.is_plane) {
    const R* const mat = geom_xmat + 9 * bounds.geom1;
    return less_equal(dot(between, {mat[2], mat[5], mat[8]}), R(bounds.distance));
  }
  return less_equal(dot(between, between), R(bounds.distance * bounds.distance));
}

template <class R>
FLEET_HD void narrow_phase(const Candidate<R>& c, GeomType type1, GeomType type2, auto& contacts) {
  constexpr auto both = [](GeomType a, GeomType b) {
    return static_cast<int>(a) * 8 + static_cast<int>(b);
  };
  switch (both(type1, type2)) {
    case both(GeomType::kPlane, GeomType::kSphere):
      return plane_sphere(c, contacts);
    case both(GeomType::kPlane, GeomType::kCapsule):
      return plane_capsule(c, contacts);
    case both(GeomType::kPlane, GeomType::kEllipsoid):
      return plane_ellipsoid(c, contacts);
    case both(GeomType::kPlane, GeomType::kCylinder):
      return plane_cylinder(c, contacts);
    case both(GeomType::kPlane, GeomType::kBox):
      return plane_box(c, contacts);
    case both(GeomType::kSphere, GeomType::kSphere):
      return sphere_sphere(c, contacts);
    case both(GeomType::kSphere, GeomType::kCapsule):
      return sphere_capsule(c, contacts);
    case both(GeomType::kCapsule, GeomType::kCapsule):
      return capsule_capsule(c, contacts);
    case both(GeomType::kSphere, GeomType::kEllipsoid):
      return sphere_ellipsoid(c, contacts);
    case both(GeomType::kCapsule, GeomType::kEllipsoid):
      return capsule_ellipsoid(c, contacts);
    case both(GeomType::kSphere, GeomType::kCylinder):
      return sphere_cylinder(c, contacts);
    case both(GeomType::kCapsule, GeomType::kCylinder):
      return capsule_cylinder(c, contacts);
    case both(GeomType::kSphere, GeomType::kBox):
      return sphere_box(c, contacts);
    case both(GeomType::kCapsule, GeomType::kBox):
      return capsule_box(c, contacts);
    case both(GeomType::kBox, GeomType::kBox):
      return box_box(c, contacts);
  }
}

/// Appends the contacts of pair i, in the worlds of `near`.
template <class R>
FLEET_HD void collide_pair(const auto& m, int i, const MaskOf<R>& near, const R* geom_xpos,
                           const R* geom_xmat, auto& contacts) {
  const auto posed = [&](int geom) {
    return PosedGeom<R>{geom_xpos + 3 * geom, geom_xmat + 9 * geom, &m.geom_size[3 * geom]};
  };
  const auto type = [&](int geom) { return static_cast<GeomType>(m.geom_type[geom]); };
  const GeomPair<ScalarOf<R>>& pair = m.pairs[i];
  narrow_phase<R>({posed(pair.geom1), posed(pair.geom2), pair.margin + pair.gap, near, i,
                   pair.first_slot, pair.num_slots},
                  type(pair.geom1), type(pair.geom2), contacts);
}

/// Finds the contacts of geoms with these poses: geom_xpos (ngeom x 3), geom_xmat (ngeom x 9).
template <class R>
void collide(const auto& m, const R* geom_xpos, const R* geom_xmat, auto& contacts) {
  contacts.num = 0;
  if (!m.contacts) {
    return;
  }
  for (int i = 0; i < static_cast<int>(m.pair_bounds.size()); ++i) {
    const auto near = bounds_touch<R>(m.pair_bounds[i], geom_xpos, geom_xmat);
    if (any(near)) {
      collide_pair(m, i, near, geom_xpos, geom_xmat, contacts);
    }
  }
}

/// Fills d.contact from the geoms' poses.
template <class R>
void collide(const auto& m, PhysicsData<R>& d) {
  collide<R>(m, d.geom_xpos.data(), d.geom_xmat.data(), d.contact);
}

}  // namespace fleet::physics
