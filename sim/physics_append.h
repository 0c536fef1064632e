#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include <mujoco/mujoco.h>

// How numbers of an mjModel become arrays of a physics::PhysicsModel.

namespace fleet::sim {

/// Appends count numbers of any type.
template <class To, class From>
void append(std::vector<To>& to, const From* from, mjtSize count) {
  for (mjtSize i = 0; i < count; ++i) {
    to.push_back(static_cast<To>(from[i]));
  }
}

template <class T, std::size_t N>
void copy_array(std::array<T, N>& to, const mjtNum* from) {
  for (std::size_t i = 0; i < N; ++i) {
    to[i] = static_cast<T>(from[i]);
  }
}

}  // namespace fleet::sim
