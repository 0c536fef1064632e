#pragma once

#include <cstddef>
#include <type_traits>

#include "cuda/physics/data.h"
#include "cuda/physics/vec.h"

// What the narrow phase reads and writes: geoms with their poses, points of contact, and the list
// that they end up in.

namespace fleet::physics {

/// A geom of one pack of worlds: its pose in each, its size, which is the same in all.
template <class R>
struct PosedGeom {
  const R* pos;  ///< (3) m
  const R* mat;  ///< (9)
  const ScalarOf<R>* size;

  FLEET_HD Vec3<R> centre() const { return load3(pos); }
  /// Column i of its rotation: a unit vector.
  FLEET_HD Vec3<R> axis(int i) const { return {mat[i], mat[3 + i], mat[6 + i]}; }
  FLEET_HD R half(int i) const { return R(size[i]); }
};

/// Two geoms whose bounds touch in some world of the pack.
template <class R>
struct Candidate {
  PosedGeom<R> geom1, geom2;
  ScalarOf<R> reach;  ///< m, margin + gap: the distance below which there is a contact
  MaskOf<R> near;     ///< worlds in which the bounds touch
  int pair, first_slot, num_slots;
};

/// One point of contact. What it holds where it does not exist means nothing.
template <class R>
struct ContactPoint {
  MaskOf<R> exists{false};
  R dist;  ///< m
  Vec3<R> pos;
  Vec3<R> normal;  ///< unit vector from geom1 to geom2
};

template <class R>
FLEET_HD ContactPoint<R> select(const MaskOf<R>& mask, const ContactPoint<R>& a,
                                const ContactPoint<R>& b) {
  return {(mask & a.exists) | ((!mask) & b.exists), select(mask, a.dist, b.dist),
          select<R>(mask, a.pos, b.pos), select<R>(mask, a.normal, b.normal)};
}

/// What the broad phase reads, pair by pair, from the model's pairs and geoms.
template <class T>
std::vector<PairBounds<T>> make_pair_bounds(const PhysicsModel<T>& m) {
  std::vector<PairBounds<T>> bounds;
  for (const GeomPair<T>& pair : m.pairs) {
    bounds.push_back(
        {pair.geom1, pair.geom2,
         pair.margin + pair.gap + m.geom_rbound[pair.geom1] + m.geom_rbound[pair.geom2],
         static_cast<GeomType>(m.geom_type[pair.geom1]) == GeomType::kPlane});
  }
  return bounds;
}

/// Rows: a unit normal and two tangents, the first as near to y, or z, as can be.
template <class R>
FLEET_HD Mat3<R> make_frame(const Vec3<R>& normal) {
  const auto far_from_y = less(abs(normal.y), R(0.5));
  const R along = select(far_from_y, normal.y, normal.z);
  const Vec3<R> y{R(0.0), select(far_from_y, R(1.0), R(0.0)), select(far_from_y, R(0.0), R(1.0))};
  const Vec3<R> tangent = add_scaled(y, normal, -along);
  const Vec3<R> unit = tangent * (R(1.0) / norm(tangent));
  return {normal, unit, cross(normal, unit)};
}

/// The same, with a unit vector that the first tangent is to follow. Where it is the normal, the
/// first tangent follows x, as in MuJoCo (y where the normal is nearer to x).
template <class R>
FLEET_HD Mat3<R> make_frame(const Vec3<R>& normal, const Vec3<R>& hint) {
  constexpr double kParallel = std::is_same_v<ScalarOf<R>, double> ? 1e-15 : 1e-6;
  Vec3<R> tangent = add_scaled(hint, normal, -dot(normal, hint));
  const R length = norm(tangent);
  const auto parallel = less(length, R(kParallel));
  tangent = tangent * (R(1.0) / select(parallel, R(1.0), length));
  const auto near_x = less(R(0.5), abs(normal.x));
  const Vec3<R> other{select(near_x, R(0.0), R(1.0)), select(near_x, R(1.0), R(0.0)), R(0.0)};
  tangent = select<R>(parallel, other, tangent);
  tangent =
      add_scaled(tangent, normal, -dot(normal, tangent));  // what cancelled before is gone now
  tangent = tangent * (R(1.0) / norm(tangent));
  return {normal, tangent, cross(normal, tangent)};
}

/// The contact of a sphere or a capsule, geom1, whose centre or segment has `core` as its nearest
/// point to geom2's surface, `distance` away along the unit vector `outward` (below 0: inside).
/// Both vectors are in geom2's frame.
template <class R>
FLEET_HD ContactPoint<R> core_contact(const Candidate<R>& c, const Vec3<R>& core,
                                      const Vec3<R>& outward, R distance) {
  const R radius = c.geom1.half(0);
  const Mat3<R> mat = load9(c.geom2.mat);
  ContactPoint<R> point;
  point.dist = distance - radius;
  point.exists = c.near & less_equal(point.dist, R(c.reach));
  const Vec3<R> pos = add_scaled(core, outward, R(-0.5) * (distance + radius));
  point.pos = c.geom2.centre() + mat * pos;
  point.normal = -(mat * outward);
  return point;
}

/// A normal that is one also where the point does not exist.
template <class R>
FLEET_HD Vec3<R> sound_normal(const ContactPoint<R>& point) {
  return select<R>(point.exists, point.normal, Vec3<R>{R(0.0), R(0.0), R(1.0)});
}

/// Appends point `index` of a pair to a list that is Contacts, or has the same arrays, if some
/// world has it. Slots must come in ascending order.
template <class R>
FLEET_HD void append(auto& contacts, const Candidate<R>& candidate, int index,
                     const ContactPoint<R>& point, const Mat3<R>& frame) {
  const auto i = static_cast<std::size_t>(contacts.num++);
  contacts.slot[i] = candidate.first_slot + index;
  contacts.pair[i] = candidate.pair;
  contacts.active[i] = point.exists;
  contacts.dist[i] = select(point.exists, point.dist, R(1.0));
  const R zero(0.0);
  store3(&contacts.pos[3 * i], select<R>(point.exists, point.pos, Vec3<R>{zero, zero, zero}));
  store9(&contacts.frame[9 * i], frame);
}

template <class R>
FLEET_HD void append(auto& contacts, const Candidate<R>& candidate, int index,
                     const ContactPoint<R>& point) {
  if (any(point.exists)) {
    append(contacts, candidate, index, point, make_frame(sound_normal(point)));
  }
}

/// Moves the second of two points into the first's place in worlds where only the second exists.
template <class R>
FLEET_HD void close_gap(ContactPoint<R>& first, ContactPoint<R>& second) {
  const auto both = first.exists & second.exists;
  first = select<R>(first.exists, first, second);
  second.exists = both;
}

}  // namespace fleet::physics
