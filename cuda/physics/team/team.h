#pragma once

#include <type_traits>

#include "cuda/host_device.h"

// The device schedule of the physics engine: a team of lanes works on one world, whose arrays lie
// in memory that all lanes see. Each lane runs the same code; what is spread over the lanes goes
// through the team. A Team is one of WarpTeam (warp_team.cuh) and, on the host, the emulations of
// tests/support/emulated_team.h, and has:
//
//   for_each(n, f)        f(i) for i in [0, n), spread over the lanes. All lanes then see what
//                         was written. No f(i) may read what another of the same call writes.
//   once(f)               f() by one lane; all lanes then see what was written.
//   sum(n, f)             The sum of f(i), which every lane gets, in an order that depends on
//                         nothing but n and the number of lanes.
//   place(n, make, emit)  For i in [0, n): made = make(i), whose size is an int or made.num;
//                         emit(i, at, made), where size > 0, with the sum of the sizes before it.
//                         Returns the sum of all sizes.
//
// Outside of f a lane may only read what all lanes share, and nothing that the next call writes.

namespace fleet::physics {

/// How many places something takes that make() of Team::place returned.
template <class Made>
FLEET_HD int size_of(const Made& made) {
  if constexpr (std::is_integral_v<Made>) {
    return static_cast<int>(made);
  } else {
    return made.num;
  }
}

template <class Team, class R>
FLEET_HD void fill(const Team& team, R* to, int count, R value) {
  team.for_each(count, [&](int i) { to[i] = value; });
}
template <class Team, class R>
FLEET_HD void copy(const Team& team, const R* from, int count, R* to) {
  team.for_each(count, [&](int i) { to[i] = from[i]; });
}

}  // namespace fleet::physics
