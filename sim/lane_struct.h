#pragma once

#include <cstddef>
#include <type_traits>

#include "cuda/physics/pack.h"

// A struct that holds nothing but Reals and arrays of them (a task's Memory), for packs of worlds:
// the same members, taken out of and put into one lane.

namespace fleet::sim {

/// How many Reals a struct consists of.
template <class Real, class Struct>
constexpr std::size_t num_reals() {
  static_assert(std::is_trivially_copyable_v<Struct>);
  return std::is_empty_v<Struct> ? 0 : sizeof(Struct) / sizeof(Real);
}

/// Copies one world of a pack. @tparam R of the pack  @tparam Real of the world: double, float
template <class R, class Real, class Pack, class One>
void extract_lane(const Pack& pack, int lane, One& one) {
  static_assert(num_reals<R, Pack>() == num_reals<Real, One>());
  const R* const from = reinterpret_cast<const R*>(&pack);
  Real* const to = reinterpret_cast<Real*>(&one);
  for (std::size_t i = 0; i < num_reals<R, Pack>(); ++i) {
    to[i] = physics::lane(from[i], lane);
  }
}

/// The way back; rounds to what a pack holds.
template <class R, class Real, class Pack, class One>
void insert_lane(const One& one, int lane, Pack& pack) {
  static_assert(num_reals<R, Pack>() == num_reals<Real, One>());
  const Real* const from = reinterpret_cast<const Real*>(&one);
  R* const to = reinterpret_cast<R*>(&pack);
  for (std::size_t i = 0; i < num_reals<R, Pack>(); ++i) {
    physics::set_lane(to[i], lane, static_cast<physics::ScalarOf<R>>(from[i]));
  }
}

/// Copies the worlds that `mask` names.
template <class R, class Pack>
void assign_lanes(const physics::MaskOf<R>& mask, const Pack& from, Pack& to) {
  const R* const source = reinterpret_cast<const R*>(&from);
  R* const target = reinterpret_cast<R*>(&to);
  for (std::size_t i = 0; i < num_reals<R, Pack>(); ++i) {
    target[i] = select(mask, source[i], target[i]);
  }
}

}  // namespace fleet::sim
