#pragma once

#include "cuda/physics/sensor_frame.h"

// Sites as volumes: whether a point is inside, whether a ray meets them.

namespace fleet::physics {

/// A half-line in a site's frame; `direction` has length one.
template <class R>
struct Ray {
  Vec3<R> origin, direction;
};

/// The part of a line, as distances along it, that lies in a convex volume; empty if from > to.
template <class R>
struct Stretch {
  R from, to;
};

template <class R>
FLEET_HD Vec3<R> to_site(const PhysicsData<R>& d, int site, const Vec3<R>& point) {
  return transposed_times(load9(&d.site_xmat[9 * site]), point - load3(&d.site_xpos[3 * site]));
}

/// Whether a point of the world is inside a site.
template <class R>
FLEET_HD MaskOf<R> inside_site(const auto& m, const PhysicsData<R>& d, int site,
                               const Vec3<R>& point) {
  const Vec3<R> p = to_site(d, site, point);
  const Vec3<R> size = constant3<R>(&m.site_size[3 * site]);
  switch (static_cast<GeomType>(m.site_type[site])) {
    case GeomType::kCapsule: {
      const R beyond = p.z - clamp(p.z, -size.y, size.y);
      return less(p.x * p.x + p.y * p.y + beyond * beyond, size.x * size.x);
    }
    case GeomType::kEllipsoid:
      return less(squared(p.x / size.x) + squared(p.y / size.y) + squared(p.z / size.z), R(1.0));
    case GeomType::kCylinder:
      return less(abs(p.z), size.y) & less(p.x * p.x + p.y * p.y, size.x * size.x);
    case GeomType::kBox:
      return less(abs(p.x), size.x) & less(abs(p.y), size.y) & less(abs(p.z), size.z);
    default:
      return less(dot(p, p), size.x * size.x);
  }
}

/// Where a t^2 + 2 b t + c <= 0; a flat one (a = 0) is everywhere or nowhere.
template <class R>
FLEET_HD Stretch<R> below_parabola(R a, R b, R c) {
  const R everywhere(1e10);
  const auto flat = less(a, R(1e-15));
  const R det = b * b - a * c;
  const R safe_a = select(flat, R(1.0), a);
  const R root = sqrt(maximum(det, R(0.0)));
  const auto none = select(flat, -c, det);
  const R from = select(flat, -everywhere, (-b - root) / safe_a);
  const R to = select(flat, everywhere, (-b + root) / safe_a);
  return {select(less(none, R(0.0)), everywhere, from),
          select(less(none, R(0.0)), -everywhere, to)};
}

/// Where |p + t v| <= half.
template <class R>
FLEET_HD Stretch<R> in_slab(R p, R v, R half) {
  return below_parabola(v * v, p * v, p * p - half * half);
}

template <class R>
FLEET_HD Stretch<R> both(const Stretch<R>& a, const Stretch<R>& b) {
  return {maximum(a.from, b.from), minimum(a.to, b.to)};
}

/// Whether a stretch has a part at or after the ray's origin.
template <class R>
FLEET_HD MaskOf<R> ahead(const Stretch<R>& s) {
  return less_equal(maximum(s.from, R(0.0)), s.to);
}

template <class R>
FLEET_HD Stretch<R> in_sphere(const Ray<R>& ray, R radius) {
  return below_parabola(dot(ray.direction, ray.direction), dot(ray.origin, ray.direction),
                        dot(ray.origin, ray.origin) - radius * radius);
}

template <class R>
FLEET_HD Stretch<R> in_cylinder(const Ray<R>& ray, R radius, R half) {
  const Vec3<R>& p = ray.origin;
  const Vec3<R>& v = ray.direction;
  const Stretch<R> round = below_parabola(v.x * v.x + v.y * v.y, p.x * v.x + p.y * v.y,
                                          p.x * p.x + p.y * p.y - radius * radius);
  return both(round, in_slab(p.z, v.z, half));
}

/// Whether a ray of the world's axes meets a site; true if it starts inside.
template <class R>
FLEET_HD MaskOf<R> ray_meets_site(const auto& m, const PhysicsData<R>& d, int site,
                                  const Ray<R>& world) {
  const Vec3<R> v = transposed_times(load9(&d.site_xmat[9 * site]), world.direction);
  const Vec3<R> p = to_site(d, site, world.origin);
  const Vec3<R> size = constant3<R>(&m.site_size[3 * site]);
  switch (static_cast<GeomType>(m.site_type[site])) {
    case GeomType::kCapsule: {
      const Vec3<R> end{R(0.0), R(0.0), size.y};
      return ahead(in_cylinder<R>({p, v}, size.x, size.y)) |
             ahead(in_sphere<R>({p - end, v}, size.x)) | ahead(in_sphere<R>({p + end, v}, size.x));
    }
    case GeomType::kEllipsoid: {
      const Vec3<R> origin{p.x / size.x, p.y / size.y, p.z / size.z};
      return ahead(in_sphere<R>({origin, {v.x / size.x, v.y / size.y, v.z / size.z}}, R(1.0)));
    }
    case GeomType::kCylinder:
      return ahead(in_cylinder<R>({p, v}, size.x, size.y));
    case GeomType::kBox:
      return ahead(both(both(in_slab(p.x, v.x, size.x), in_slab(p.y, v.y, size.y)),
                        in_slab(p.z, v.z, size.z)));
    default:
      return ahead(in_sphere<R>({p, v}, size.x));
  }
}

}  // namespace fleet::physics
