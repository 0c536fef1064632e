#pragma once

#include <cstdint>
#include <type_traits>

#include "cuda/physics/cone_slope.h"
#include "cuda/physics/team/team.h"

// A team (team.h) of kLanes neighbouring threads of a warp. Worlds of one warp may be at different
// places of the program: every exchange names its own lanes.

namespace fleet::physics {

template <int kLanes>
class WarpTeam {
 public:
  __device__ WarpTeam()
      : lane_(static_cast<int>(threadIdx.x) % kLanes),
        mask_((kLanes == 32 ? ~0U : (1U << kLanes) - 1)
              << (static_cast<int>(threadIdx.x) % 32 / kLanes * kLanes)) {}

  template <class F>
  __device__ void for_each(int n, F&& f) const {
    for (int i = lane_; i < n; i += kLanes) {
      f(i);
    }
    __syncwarp(mask_);
  }

  template <class F>
  __device__ void once(F&& f) const {
    if (lane_ == 0) {
      f();
    }
    __syncwarp(mask_);
  }

  template <class F>
  __device__ auto sum(int n, F&& f) const {
    std::decay_t<decltype(f(0))> total{};
    for (int i = lane_; i < n; i += kLanes) {
      total = total + f(i);
    }
    __syncwarp(mask_);
    for (int offset = kLanes / 2; offset > 0; offset /= 2) {
      total = total + exchange(total, offset);
    }
    return total;
  }

  template <class Make, class Emit>
  __device__ int place(int n, Make&& make, Emit&& emit) const {
    int total = 0;
    for (int base = 0; base < n; base += kLanes) {
      const int i = base + lane_;
      using Made = std::decay_t<decltype(make(0))>;
      Made made;
      int size = 0;
      if (i < n) {
        made = make(i);
        size = size_of(made);
      }
      const int end = inclusive_sum(size);
      if (size > 0) {
        emit(i, total + end - size, made);
      }
      total += __shfl_sync(mask_, end, kLanes - 1, kLanes);
    }
    __syncwarp(mask_);
    return total;
  }

 private:
  __device__ float exchange(float x, int offset) const {
    return __shfl_xor_sync(mask_, x, offset, kLanes);
  }
  __device__ Slope<float> exchange(const Slope<float>& x, int offset) const {
    return {exchange(x.first, offset), exchange(x.second, offset)};
  }
  __device__ int inclusive_sum(int x) const {
    for (int offset = 1; offset < kLanes; offset *= 2) {
      const int before = __shfl_up_sync(mask_, x, offset, kLanes);
      x += lane_ >= offset ? before : 0;
    }
    return x;
  }

  int lane_;
  unsigned mask_;
};

}  // namespace fleet::physics
