#pragma once

#include "cuda/physics/data.h"
#include "cuda/physics/vec.h"

// The cost of one block of rows as a function of jar = J qacc - aref (Todorov 2014; MuJoCo's manual,
// "Computation"): its value, minus its gradient (the force), its second derivative, and its slope
// along a line. A world without the block has D = 0, and everything here comes out as zero.
//
// A pyramid of dim axes has 2 (dim - 1) edges, n + mu_k t_k and n - mu_k t_k. They share D, so in
// terms of the axes' rows the cost is a function of dim numbers, as an elliptic cone's is.

namespace fleet::physics {

inline constexpr int kMaxDim = 6;

/// One block's numbers: D, mu and friction as in RowBlocks.
template <class R>
struct BlockView {
  BlockKind kind;
  int dim;
  const R* D;
  R mu;
  const R* friction;
};

/// Where an elliptic cone stands: N and T of the dual cone space, and the two outer zones.
template <class R>
struct ConeZone {
  R N, T;
  MaskOf<R> top, bottom;
};

template <class R>
FLEET_HD ConeZone<R> cone_zone(R mu, R normal, R tangent_squared) {
  const R N = normal * mu;
  const R T = sqrt(tangent_squared);
  const auto no_slip = less_equal(T, R(0.0));
  const auto top = less_equal(mu * T, N) | (no_slip & less_equal(R(0.0), N));
  const auto bottom = (!top) & (less_equal(fma(mu, N, T), R(0.0)) | no_slip);
  return {N, T, top, bottom};
}

/// Writes force (dim) and, if H is not null, the lower triangle of H (dim x dim). @returns the cost
template <class R>
FLEET_HD R elliptic_update(const BlockView<R>& b, const R* jar, R* force, R* H) {
  R U[kMaxDim];
  R tangent_squared(0.0);
  R quadratic(0.0);
  for (int k = 0; k < b.dim; ++k) {
    U[k] = jar[k] * (k == 0 ? b.mu : b.friction[k - 1]);
    tangent_squared = k == 0 ? tangent_squared : fma(U[k], U[k], tangent_squared);
    quadratic = fma(b.D[k] * jar[k], jar[k], quadratic);
  }
  const ConeZone<R> z = cone_zone(b.mu, jar[0], tangent_squared);
  const auto outside = z.top | z.bottom;
  const R T = select(outside, R(1.0), z.T);
  const R inverse_T = R(1.0) / T;
  const R mu2 = b.mu * b.mu;
  const R Dm = b.D[0] / (mu2 * (R(1.0) + mu2));
  const R NmT = z.N - b.mu * z.T;
  const R cone_normal = -(Dm * NmT * b.mu);
  const auto choose = [&](R in_bottom, R in_cone) {
    return select(z.top, R(0.0), select(z.bottom, in_bottom, in_cone));
  };
  for (int k = 0; k < b.dim; ++k) {
    const R in_cone = k == 0 ? cone_normal : -(cone_normal * inverse_T * U[k] * b.friction[k - 1]);
    force[k] = choose(-(b.D[k] * jar[k]), in_cone);
  }
  if (H != nullptr) {
    const R curve = b.mu * z.N * inverse_T * inverse_T * inverse_T;
    const R diagonal = mu2 - b.mu * z.N * inverse_T;
    for (int k = 0; k < b.dim; ++k) {
      const R scale_k = Dm * (k == 0 ? b.mu : b.friction[k - 1]);
      for (int j = 0; j <= k; ++j) {
        const R scale = scale_k * (j == 0 ? b.mu : b.friction[j - 1]);
        R value = k == 0   ? R(1.0)
                  : j == 0 ? -(b.mu * inverse_T * U[k])
                           : curve * U[j] * U[k];
        value = k > 0 && j == k ? value + diagonal : value;
        H[k * b.dim + j] = choose(j == k ? b.D[k] : R(0.0), value * scale);
      }
    }
  }
  return choose(R(0.5) * quadratic, R(0.5) * Dm * NmT * NmT);
}

/// As elliptic_update(), for a pyramid.
template <class R>
FLEET_HD R pyramidal_update(const BlockView<R>& b, const R* jar, R* force, R* H) {
  const R D = b.D[0];
  R cost(0.0);
  R normal(0.0);
  R weight(0.0);
  for (int k = 1; k < b.dim; ++k) {
    const R mu = b.friction[k - 1];
    const R plus = minimum(fma(mu, jar[k], jar[0]), R(0.0));
    const R minus = minimum(fma(-mu, jar[k], jar[0]), R(0.0));
    cost = fma(plus, plus, fma(minus, minus, cost));
    normal = normal + plus + minus;
    force[k] = -(D * mu * (plus - minus));
    if (H != nullptr) {
      const R a = select(less(plus, R(0.0)), D, R(0.0));
      const R c = select(less(minus, R(0.0)), D, R(0.0));
      weight = weight + a + c;
      for (int j = 1; j < k; ++j) {
        H[k * b.dim + j] = R(0.0);
      }
      H[k * b.dim] = mu * (a - c);
      H[k * b.dim + k] = mu * mu * (a + c);
    }
  }
  force[0] = -(D * normal);
  if (H != nullptr) {
    H[0] = weight;
  }
  return R(0.5) * D * cost;
}

/// One row with a quadratic cost: where it is violated, or up to a limit of force.
template <class R>
FLEET_HD R scalar_update(R D, R jar, R frictionloss, bool is_friction, R& force, R& curvature) {
  if (is_friction) {
    const R unlimited = -(D * jar);
    const auto linear = less_equal(frictionloss, abs(unlimited));
    force = clamp(unlimited, -frictionloss, frictionloss);
    curvature = select(linear, R(0.0), D);
    // Beyond the limit: |f jar| - f^2 / (2 D); f = D = 0 where a world lacks the row.
    const R half_width = frictionloss / select(less(R(0.0), D), D, R(1.0));
    return select(linear, frictionloss * (abs(jar) - R(0.5) * half_width),
                  R(0.5) * D * jar * jar);
  }
  const auto violated = less(jar, R(0.0));
  force = select(violated, -(D * jar), R(0.0));
  curvature = select(violated, D, R(0.0));
  return R(-0.5) * force * jar;
}

/// Whether a row pushes both ways: friction up to its limit, an equality without one.
FLEET_HD inline bool pushes_both_ways(BlockKind kind) {
  return kind == BlockKind::kFrictionLoss || kind == BlockKind::kEquality;
}

/// Force, second derivative (unless H is null) and cost of any block.
template <class R>
FLEET_HD R block_update(const BlockView<R>& b, const R* jar, R* force, R* H) {
  if (b.kind == BlockKind::kElliptic) {
    return elliptic_update(b, jar, force, H);
  }
  if (b.kind == BlockKind::kPyramidal) {
    return pyramidal_update(b, jar, force, H);
  }
  R curvature;
  const R cost = scalar_update(b.D[0], jar[0], b.friction[0], pushes_both_ways(b.kind), force[0],
                               curvature);
  if (H != nullptr) {
    H[0] = curvature;
  }
  return cost;
}

}  // namespace fleet::physics
