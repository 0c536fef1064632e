#pragma once

#include "cuda/physics/cone.h"

// How the cost of a block of rows changes along a line: what the line search asks for.

namespace fleet::physics {

/// First and second derivative along a line.
template <class R>
struct Slope {
  R first{0.0}, second{0.0};
};

/// Adds the slope of the block's cost at jar + alpha jv.
template <class R>
FLEET_HD void add_slope(const BlockView<R>& b, const R* jar, const R* jv, R alpha,
                        Slope<R>& slope) {
  const R normal = fma(alpha, jv[0], jar[0]);
  if (b.kind == BlockKind::kPyramidal) {
    R first(0.0);
    R second(0.0);
    for (int k = 1; k < b.dim; ++k) {
      const R mu = b.friction[k - 1];
      const R tangent = mu * fma(alpha, jv[k], jar[k]);
      for (const R sign : {R(1.0), R(-1.0)}) {
        const R v = fma(sign * mu, jv[k], jv[0]);
        const R x = fma(sign, tangent, normal);
        const auto violated = less(x, R(0.0));
        first = select(violated, fma(x, v, first), first);
        second = select(violated, fma(v, v, second), second);
      }
    }
    slope.first = fma(b.D[0], first, slope.first);
    slope.second = fma(b.D[0], second, slope.second);
    return;
  }
  if (b.kind != BlockKind::kElliptic) {
    R force, curvature;
    scalar_update(b.D[0], normal, b.friction[0], pushes_both_ways(b.kind), force, curvature);
    slope.first = fma(-force, jv[0], slope.first);
    slope.second = fma(curvature * jv[0], jv[0], slope.second);
    return;
  }
  R UU(0.0), UV(0.0), VV(0.0);
  R bottom_first = b.D[0] * normal * jv[0];
  R bottom_second = b.D[0] * jv[0] * jv[0];
  for (int k = 1; k < b.dim; ++k) {
    const R x = fma(alpha, jv[k], jar[k]);
    const R u = b.friction[k - 1] * x;
    const R v = b.friction[k - 1] * jv[k];
    UU = fma(u, u, UU);
    UV = fma(u, v, UV);
    VV = fma(v, v, VV);
    bottom_first = fma(b.D[k] * x, jv[k], bottom_first);
    bottom_second = fma(b.D[k] * jv[k], jv[k], bottom_second);
  }
  const ConeZone<R> z = cone_zone(b.mu, normal, UU);
  const R inverse_T = R(1.0) / select(z.top | z.bottom, R(1.0), z.T);
  const R mu2 = b.mu * b.mu;
  const R Dm = b.D[0] / (mu2 * (R(1.0) + mu2));
  const R NmT = z.N - b.mu * z.T;
  const R T1 = UV * inverse_T;
  const R T2 = (VV - T1 * T1) * inverse_T;
  const R change = b.mu * jv[0] - b.mu * T1;
  const R cone_first = Dm * NmT * change;
  const R cone_second = Dm * (change * change - NmT * b.mu * T2);
  slope.first += select(z.top, R(0.0), select(z.bottom, bottom_first, cone_first));
  slope.second += select(z.top, R(0.0), select(z.bottom, bottom_second, cone_second));
}

}  // namespace fleet::physics
