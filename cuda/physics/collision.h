#pragma once

#include "cuda/physics/collide_box.h"
#include "cuda/physics/collide_box_box.h"
#include "cuda/physics/collide_capsule_box.h"
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
MaskOf<R> bounds_touch(const PosedGeom<R>& geom1, const PosedGeom<R>& geom2, bool is_plane,
                       ScalarOf<R> reach) {
  const Vec3<R> between = geom2.centre() - geom1.centre();
  if (is_plane) {
    return less_equal(dot(between, geom1.axis(2)), R(reach));
  }
  return less_equal(dot(between, between), R(reach * reach));
}

template <class R>
void narrow_phase(const Candidate<R>& c, GeomType type1, GeomType type2, Contacts<R>& contacts) {
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
    case both(GeomType::kSphere, GeomType::kBox):
      return sphere_box(c, contacts);
    case both(GeomType::kCapsule, GeomType::kBox):
      return capsule_box(c, contacts);
    case both(GeomType::kBox, GeomType::kBox):
      return box_box(c, contacts);
  }
}

/// Finds the contacts of geoms with these poses: geom_xpos (ngeom x 3), geom_xmat (ngeom x 9).
template <class R>
void collide(const PhysicsModel<ScalarOf<R>>& m, const R* geom_xpos, const R* geom_xmat,
             Contacts<R>& contacts) {
  using T = ScalarOf<R>;
  contacts.num = 0;
  if (!m.contacts) {
    return;
  }
  const auto posed = [&](int geom) {
    return PosedGeom<R>{geom_xpos + 3 * geom, geom_xmat + 9 * geom, &m.geom_size[3 * geom]};
  };
  for (int i = 0; i < static_cast<int>(m.pairs.size()); ++i) {
    const GeomPair<T>& pair = m.pairs[i];
    const PosedGeom<R> geom1 = posed(pair.geom1);
    const PosedGeom<R> geom2 = posed(pair.geom2);
    const auto type1 = static_cast<GeomType>(m.geom_type[pair.geom1]);
    const T reach = pair.margin + pair.gap;
    const T bound = reach + m.geom_rbound[pair.geom1] + m.geom_rbound[pair.geom2];
    const auto near = bounds_touch(geom1, geom2, type1 == GeomType::kPlane, bound);
    if (any(near)) {
      narrow_phase<R>({geom1, geom2, reach, near, i, pair.first_slot}, type1,
                      static_cast<GeomType>(m.geom_type[pair.geom2]), contacts);
    }
  }
}

/// Fills d.contact from the geoms' poses.
template <class R>
void collide(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  collide<R>(m, d.geom_xpos.data(), d.geom_xmat.data(), d.contact);
}

}  // namespace fleet::physics
