#pragma once

#include "cuda/physics/pack_math.h"

// Small vectors, quaternions (w, x, y, z) and 3 x 3 matrices (row-major) of numbers or packs.

namespace fleet::physics {

template <class R>
struct Vec3 {
  R x, y, z;
};
template <class R>
struct Quat {
  R w, x, y, z;
};
template <class R>
struct Mat3 {
  Vec3<R> row0, row1, row2;
};

template <class R>
FLEET_HD Vec3<R> load3(const R* from) {
  return {from[0], from[1], from[2]};
}
template <class R>
FLEET_HD void store3(R* to, const Vec3<R>& v) {
  to[0] = v.x;
  to[1] = v.y;
  to[2] = v.z;
}
/// A model's constants, the same in every world.
template <class R, class T>
FLEET_HD Vec3<R> constant3(const T* from) {
  return {R(from[0]), R(from[1]), R(from[2])};
}
template <class R, class T>
FLEET_HD Quat<R> constant4(const T* from) {
  return {R(from[0]), R(from[1]), R(from[2]), R(from[3])};
}
template <class R>
FLEET_HD Quat<R> load4(const R* from) {
  return {from[0], from[1], from[2], from[3]};
}
template <class R>
FLEET_HD void store4(R* to, const Quat<R>& q) {
  to[0] = q.w;
  to[1] = q.x;
  to[2] = q.y;
  to[3] = q.z;
}
template <class R>
FLEET_HD Mat3<R> load9(const R* from) {
  return {load3(from), load3(from + 3), load3(from + 6)};
}
template <class R>
FLEET_HD void store9(R* to, const Mat3<R>& m) {
  store3(to, m.row0);
  store3(to + 3, m.row1);
  store3(to + 6, m.row2);
}

template <class R>
FLEET_HD Vec3<R> operator+(const Vec3<R>& a, const Vec3<R>& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
template <class R>
FLEET_HD Vec3<R> operator-(const Vec3<R>& a, const Vec3<R>& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
template <class R>
FLEET_HD Vec3<R> operator-(const Vec3<R>& a) {
  return {-a.x, -a.y, -a.z};
}
template <class R>
FLEET_HD Vec3<R> operator*(const Vec3<R>& a, R s) {
  return {a.x * s, a.y * s, a.z * s};
}
/// a + b * s
template <class R>
FLEET_HD Vec3<R> add_scaled(const Vec3<R>& a, const Vec3<R>& b, R s) {
  return {fma(b.x, s, a.x), fma(b.y, s, a.y), fma(b.z, s, a.z)};
}
template <class R>
FLEET_HD R dot(const Vec3<R>& a, const Vec3<R>& b) {
  return fma(a.z, b.z, fma(a.y, b.y, a.x * b.x));
}
template <class R>
FLEET_HD Vec3<R> cross(const Vec3<R>& a, const Vec3<R>& b) {
  return {fma(a.y, b.z, -(a.z * b.y)), fma(a.z, b.x, -(a.x * b.z)), fma(a.x, b.y, -(a.y * b.x))};
}
template <class R>
FLEET_HD R norm(const Vec3<R>& a) {
  return sqrt(dot(a, a));
}
template <class R>
FLEET_HD Vec3<R> select(const MaskOf<R>& mask, const Vec3<R>& a, const Vec3<R>& b) {
  return {select(mask, a.x, b.x), select(mask, a.y, b.y), select(mask, a.z, b.z)};
}

/// m v
template <class R>
FLEET_HD Vec3<R> operator*(const Mat3<R>& m, const Vec3<R>& v) {
  return {dot(m.row0, v), dot(m.row1, v), dot(m.row2, v)};
}
template <class R>
FLEET_HD Vec3<R> column(const Mat3<R>& m, int i) {
  return i == 0   ? Vec3<R>{m.row0.x, m.row1.x, m.row2.x}
         : i == 1 ? Vec3<R>{m.row0.y, m.row1.y, m.row2.y}
                  : Vec3<R>{m.row0.z, m.row1.z, m.row2.z};
}
/// The transpose of m times v: a vector of the world seen from the frame whose axes are m's columns.
template <class R>
FLEET_HD Vec3<R> transposed_times(const Mat3<R>& m, const Vec3<R>& v) {
  return add_scaled(add_scaled(m.row0 * v.x, m.row1, v.y), m.row2, v.z);
}
template <class R>
FLEET_HD Mat3<R> operator*(const Mat3<R>& a, const Mat3<R>& b) {
  const auto row = [&](const Vec3<R>& r) {
    return add_scaled(add_scaled(b.row0 * r.x, b.row1, r.y), b.row2, r.z);
  };
  return {row(a.row0), row(a.row1), row(a.row2)};
}

template <class R>
FLEET_HD Quat<R> operator*(const Quat<R>& a, const Quat<R>& b) {
  return {fma(-a.z, b.z, fma(-a.y, b.y, fma(-a.x, b.x, a.w * b.w))),
          fma(-a.z, b.y, fma(a.y, b.z, fma(a.x, b.w, a.w * b.x))),
          fma(a.z, b.x, fma(a.y, b.w, fma(-a.x, b.z, a.w * b.y))),
          fma(a.z, b.w, fma(-a.y, b.x, fma(a.x, b.y, a.w * b.z)))};
}
template <class R>
FLEET_HD Quat<R> conjugate(const Quat<R>& q) {
  return {q.w, -q.x, -q.y, -q.z};
}
template <class R>
FLEET_HD Vec3<R> rotate(const Quat<R>& q, const Vec3<R>& v) {
  const Vec3<R> axis{q.x, q.y, q.z};
  const Vec3<R> t = cross(axis, v) * R(2.0);
  return add_scaled(v, t, q.w) + cross(axis, t);
}
/// Of length one; the identity where its length is below MuJoCo's mjMINVAL.
template <class R>
FLEET_HD Quat<R> normalised(const Quat<R>& q) {
  const R length = sqrt(fma(q.z, q.z, fma(q.y, q.y, fma(q.x, q.x, q.w * q.w))));
  const auto bad = less(length, R(1e-15));
  const R scale = R(1.0) / select(bad, R(1.0), length);
  return {select(bad, R(1.0), q.w * scale), select(bad, R(0.0), q.x * scale),
          select(bad, R(0.0), q.y * scale), select(bad, R(0.0), q.z * scale)};
}
template <class R>
FLEET_HD Mat3<R> matrix(const Quat<R>& q) {
  const R xx = q.x * q.x, yy = q.y * q.y, zz = q.z * q.z, ww = q.w * q.w;
  const R xy = q.x * q.y, xz = q.x * q.z, yz = q.y * q.z;
  const R wx = q.w * q.x, wy = q.w * q.y, wz = q.w * q.z;
  const R two(2.0);
  return {{ww + xx - yy - zz, two * (xy - wz), two * (xz + wy)},
          {two * (xy + wz), ww - xx + yy - zz, two * (yz - wx)},
          {two * (xz - wy), two * (yz + wx), ww - xx - yy + zz}};
}
/// The rotation by `angle` rad about a unit axis.
template <class R>
FLEET_HD Quat<R> axis_angle(const Vec3<R>& axis, R angle) {
  R sine, cosine;
  sincos(R(0.5) * angle, sine, cosine);
  return {cosine, axis.x * sine, axis.y * sine, axis.z * sine};
}

/// The rotation of a unit quaternion as axis times angle, |angle| <= pi.
template <class R>
FLEET_HD Vec3<R> rotation_vector(const Quat<R>& q) {
  const Vec3<R> axis{q.x, q.y, q.z};
  const R sine = norm(axis);
  R angle = R(2.0) * atan2(sine, q.w);
  angle = select(less(R(3.14159265358979323846), angle), angle - R(6.28318530717958647693), angle);
  const auto none = less(sine, R(1e-15));
  return axis * select(none, R(0.0), angle / select(none, R(1.0), sine));
}

}  // namespace fleet::physics
