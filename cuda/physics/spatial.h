#pragma once

#include "cuda/physics/vec.h"

// Spatial vectors, rotation first, in a frame with the world's axes centred at the tree's centre of
// mass, as MuJoCo's cdof, cvel, cinert; see "cinert" in mjdata.h for the ten numbers of an inertia.

namespace fleet::physics {

template <class R>
struct Vec6 {
  Vec3<R> angular, linear;
};

template <class R>
FLEET_HD Vec6<R> load6(const R* from) {
  return {load3(from), load3(from + 3)};
}
template <class R>
FLEET_HD void store6(R* to, const Vec6<R>& v) {
  store3(to, v.angular);
  store3(to + 3, v.linear);
}
template <class R>
FLEET_HD Vec6<R> operator+(const Vec6<R>& a, const Vec6<R>& b) {
  return {a.angular + b.angular, a.linear + b.linear};
}
template <class R>
FLEET_HD Vec6<R> add_scaled(const Vec6<R>& a, const Vec6<R>& b, R s) {
  return {add_scaled(a.angular, b.angular, s), add_scaled(a.linear, b.linear, s)};
}
template <class R>
FLEET_HD R dot(const Vec6<R>& a, const Vec6<R>& b) {
  const R sum = fma(a.angular.z, b.angular.z, fma(a.angular.y, b.angular.y, a.angular.x * b.angular.x));
  return fma(b.linear.z, a.linear.z, fma(b.linear.y, a.linear.y, fma(b.linear.x, a.linear.x, sum)));
}

/// v x m: how a motion changes when it moves along with v.
template <class R>
FLEET_HD Vec6<R> cross_motion(const Vec6<R>& v, const Vec6<R>& m) {
  return {cross(v.angular, m.angular), cross(v.angular, m.linear) + cross(v.linear, m.angular)};
}
/// v x* f
template <class R>
FLEET_HD Vec6<R> cross_force(const Vec6<R>& v, const Vec6<R>& f) {
  return {cross(v.angular, f.angular) + cross(v.linear, f.linear), cross(v.angular, f.linear)};
}

/// An inertia: the rotational part's xx, yy, zz, xy, xz, yz, then mass times offset, then mass.
template <class R>
FLEET_HD Vec6<R> inertia_times(const R* i, const Vec6<R>& v) {
  const Vec3<R> moment = load3(i + 6);
  const Vec3<R>& w = v.angular;
  const Vec3<R> rotational{fma(i[4], w.z, fma(i[3], w.y, i[0] * w.x)),
                           fma(i[5], w.z, fma(i[1], w.y, i[3] * w.x)),
                           fma(i[2], w.z, fma(i[5], w.y, i[4] * w.x))};
  return {rotational + cross(moment, v.linear),
          Vec3<R>{i[9] * v.linear.x, i[9] * v.linear.y, i[9] * v.linear.z} - cross(moment, w)};
}

/// Writes the inertia of a body whose principal axes are the columns of `axes` and whose centre of
/// mass is `offset` away from the frame's centre.
template <class R>
FLEET_HD void write_inertia(R* out, const Vec3<R>& principal, const Mat3<R>& axes,
                            const Vec3<R>& offset, R mass) {
  const auto product = [&](const Vec3<R>& a, const Vec3<R>& b) {
    return fma(a.z * principal.z, b.z, fma(a.y * principal.y, b.y, a.x * principal.x * b.x));
  };
  const Vec3<R> moment = offset * mass;
  out[0] = product(axes.row0, axes.row0) + fma(moment.y, offset.y, moment.z * offset.z);
  out[1] = product(axes.row1, axes.row1) + fma(moment.x, offset.x, moment.z * offset.z);
  out[2] = product(axes.row2, axes.row2) + fma(moment.x, offset.x, moment.y * offset.y);
  out[3] = product(axes.row0, axes.row1) - moment.x * offset.y;
  out[4] = product(axes.row0, axes.row2) - moment.x * offset.z;
  out[5] = product(axes.row1, axes.row2) - moment.y * offset.z;
  store3(out + 6, moment);
  out[9] = mass;
}

}  // namespace fleet::physics
