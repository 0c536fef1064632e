#pragma once

#include <cmath>

#include "cuda/physics/vec.h"
#include "sim/words.h"

// The words of this folder's formulas, which are of one number or a pack.

namespace fleet::tasks {

using physics::abs, physics::sqrt, std::exp;
using physics::MaskOf, physics::Quat, physics::Vec3;
using sim::clamp, sim::less, sim::less_equal, sim::select, sim::squared;

inline constexpr double kGravity = 9.81;  ///< m/s^2
inline constexpr double kNever = 100.0;   ///< s: the time of what does not happen in a step

/// Whether a flag of a memory, 0 or 1, is set.
template <class R>
MaskOf<R> holds(R flag) {
  return less(R(0.5), flag);
}

/// On the ground plan.
template <class R>
R distance_xy(const Vec3<R>& a, const Vec3<R>& b) {
  return sqrt(squared(a.x - b.x) + squared(a.y - b.y));
}

}  // namespace fleet::tasks
