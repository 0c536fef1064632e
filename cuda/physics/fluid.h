#pragma once

#include "cuda/physics/wrench.h"

// Drag of bodies in a fluid by MuJoCo's inertia-box model: each body is the box that has its mass
// and inertia; every axis of its motion is slowed by viscosity and by what stands in the fluid's
// way.

namespace fleet::physics {

/// Drag along one axis is -(viscous + quadratic |v|) v.
template <class R>
struct Drag {
  Vec6<R> viscous, quadratic;
};

template <class R>
FLEET_HD Drag<R> drag_of(const auto& m, const PhysicsData<R>& d, int body) {
  using T = ScalarOf<R>;
  constexpr T kPi = T(3.14159265358979323846);
  const Vec3<R> inertia = load3(&d.field.body_inertia[3 * body]);
  const R scale = R(6.0) / d.field.body_mass[body];
  const auto side = [&](R sum) { return sqrt(maximum(R(1e-15), sum) * scale); };
  const R x = side(inertia.y + inertia.z - inertia.x);
  const R y = side(inertia.x + inertia.z - inertia.y);
  const R z = side(inertia.x + inertia.y - inertia.z);
  const R diameter = (x + y + z) * R(1.0 / 3.0);
  const R turning = R(kPi * m.viscosity) * diameter * diameter * diameter;
  const R moving = R(T(3) * kPi * m.viscosity) * diameter;
  const auto paddle = [&](R along, R a, R b) {
    const R a2 = a * a;
    const R b2 = b * b;
    return R(m.density / T(64)) * along * fma(a2, a2, b2 * b2);
  };
  const R half_density(m.density / T(2));
  return {{{turning, turning, turning}, {moving, moving, moving}},
          {{paddle(x, y, z), paddle(y, x, z), paddle(z, x, y)},
           {half_density * y * z, half_density * x * z, half_density * x * y}}};
}

/// A body's velocity against the fluid, in the axes of its inertia.
template <class R>
FLEET_HD Vec6<R> velocity_in_fluid(const auto& m, const PhysicsData<R>& d, int body) {
  const Mat3<R> axes = load9(&d.ximat[9 * body]);
  const Vec6<R> v = load6(&d.cvel[6 * body]);
  const Vec3<R> arm = load3(&d.xipos[3 * body]) - load3(&d.subtree_com[3 * m.body_rootid[body]]);
  const Vec3<R> linear = v.linear + cross(v.angular, arm) - constant3<R>(m.wind.data());
  return {transposed_times(axes, v.angular), transposed_times(axes, linear)};
}

template <class R>
FLEET_HD Vec3<R> times_each(const Vec3<R>& a, const Vec3<R>& b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}
template <class R>
FLEET_HD Vec3<R> abs_each(const Vec3<R>& a) {
  return {abs(a.x), abs(a.y), abs(a.z)};
}

/// The fluid's force on a body, about the centre of its tree.
template <class R>
FLEET_HD Vec6<R> fluid_wrench(const auto& m, const PhysicsData<R>& d, int body) {
  const Drag<R> drag = drag_of(m, d, body);
  const Vec6<R> v = velocity_in_fluid(m, d, body);
  const auto along = [&](const Vec3<R>& viscous, const Vec3<R>& quadratic, const Vec3<R>& speed) {
    return -times_each(viscous + times_each(quadratic, abs_each(speed)), speed);
  };
  const Mat3<R> axes = load9(&d.ximat[9 * body]);
  return wrench_about_tree(m, d, body,
                           axes * along(drag.viscous.linear, drag.quadratic.linear, v.linear),
                           axes * along(drag.viscous.angular, drag.quadratic.angular, v.angular));
}

/// Adds the fluid's force on all bodies to `out`.
template <class R>
void fluid_force(const auto& m, const PhysicsData<R>& d, R* out) {
  for (const int body : m.fluid_bodies) {
    add_wrench(m, d, body, fluid_wrench(m, d, body), out);
  }
}

/// How much a body's drag grows with its speed, along the axes of its inertia.
template <class R>
FLEET_HD Vec6<R> drag_slope(const auto& m, const PhysicsData<R>& d, int body) {
  const Drag<R> drag = drag_of(m, d, body);
  const Vec6<R> v = velocity_in_fluid(m, d, body);
  return {add_scaled(drag.viscous.angular, times_each(drag.quadratic.angular, abs_each(v.angular)),
                     R(2.0)),
          add_scaled(drag.viscous.linear, times_each(drag.quadratic.linear, abs_each(v.linear)),
                     R(2.0))};
}

/// Fills fluid_axes of a dof: the motion of a body's centre of mass that it makes, in the body's
/// axes.
template <class R>
FLEET_HD void fluid_axis(const auto& m, PhysicsData<R>& d, int body, int dof) {
  const Mat3<R> axes = load9(&d.ximat[9 * body]);
  const Vec3<R> arm = load3(&d.xipos[3 * body]) - load3(&d.subtree_com[3 * m.body_rootid[body]]);
  const Vec6<R> axis = load6(&d.cdof[6 * dof]);
  const Vec3<R> linear = axis.linear + cross(axis.angular, arm);
  store6(&d.fluid_axes[6 * dof],
         {transposed_times(axes, axis.angular), transposed_times(axes, linear)});
}

/// The entry (row, column) of a body's minus d(fluid force)/d(velocity), fluid_axes being filled.
template <class R>
FLEET_HD R fluid_damping_of(const PhysicsData<R>& d, const Vec6<R>& slope, int row, int column) {
  const Vec6<R> axis = load6(&d.fluid_axes[6 * row]);
  const Vec6<R> drag_axis{times_each(slope.angular, axis.angular),
                          times_each(slope.linear, axis.linear)};
  return dot(drag_axis, load6(&d.fluid_axes[6 * column]));
}

/// Calls add(row, column, value) for the entries on and below the diagonal of minus d(fluid
/// force)/d(velocity), body by body.
template <class R, class F>
void fluid_damping(const auto& m, PhysicsData<R>& d, F&& add) {
  for (const int body : m.fluid_bodies) {
    for (int i = m.body_lastdof[body]; i >= 0; i = m.dof_parentid[i]) {
      fluid_axis(m, d, body, i);
    }
    const Vec6<R> slope = drag_slope(m, d, body);
    for (int i = m.body_lastdof[body]; i >= 0; i = m.dof_parentid[i]) {
      for (int j = i; j >= 0; j = m.dof_parentid[j]) {
        add(i, j, fluid_damping_of(d, slope, i, j));
      }
    }
  }
}

}  // namespace fleet::physics
