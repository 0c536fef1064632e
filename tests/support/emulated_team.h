#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>

#include "cuda/physics/team/team.h"

// Teams of lanes on the host: cuda/physics/team/team.h says what a team is.

namespace fleet::testing {

/// The order of a reduction over lanes: in each round a lane adds the number of the lane whose
/// index differs in one bit, the highest first, as shuffles do on a device.
template <int kLanes, class T>
T sum_of_lanes(std::array<T, kLanes> partial) {
  for (int offset = kLanes / 2; offset > 0; offset /= 2) {
    const std::array<T, kLanes> before = partial;
    for (int lane = 0; lane < kLanes; ++lane) {
      partial[lane] = before[lane] + before[lane ^ offset];
    }
  }
  return partial[0];
}

/// Lanes one after the other within each call of the team. With reversed lanes, whatever depends on
/// the order of lanes comes out differently.
template <int kLanes>
struct EmulatedTeam {
  bool reversed = false;

  void for_each(int n, auto&& f) const {
    for (int k = 0; k < kLanes; ++k) {
      for (int i = reversed ? kLanes - 1 - k : k; i < n; i += kLanes) {
        f(i);
      }
    }
  }
  void once(auto&& f) const { f(); }

  template <class F>
  auto sum(int n, F&& f) const {
    std::array<std::decay_t<decltype(f(0))>, kLanes> partial{};
    for_each(n, [&](int i) { partial[i % kLanes] = partial[i % kLanes] + f(i); });
    return sum_of_lanes<kLanes>(partial);
  }

  int place(int n, auto&& make, auto&& emit) const {
    int total = 0;
    for (int base = 0; base < n; base += kLanes) {
      const int count = std::min(n - base, kLanes);
      const auto for_each_lane = [&](auto&& f) {
        for (int k = 0; k < count; ++k) {
          f(reversed ? count - 1 - k : k);
        }
      };
      std::array<std::optional<std::decay_t<decltype(make(0))>>, kLanes> made;
      for_each_lane([&](int lane) { made[lane] = make(base + lane); });
      std::array<int, kLanes + 1> begin{};
      for (int lane = 0; lane < count; ++lane) {
        begin[lane + 1] = begin[lane] + physics::size_of(*made[lane]);
      }
      for_each_lane([&](int lane) {
        if (begin[lane + 1] > begin[lane]) {
          emit(base + lane, total + begin[lane], *made[lane]);
        }
      });
      total += begin[count];
    }
    return total;
  }
};

}  // namespace fleet::testing
