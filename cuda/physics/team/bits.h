#pragma once

#include <cstdint>

#include "cuda/host_device.h"

// Sets of up to 64 dofs as bits.

namespace fleet::physics {

FLEET_HD inline int count_bits(std::uint64_t bits) {
#ifdef __CUDA_ARCH__
  return __popcll(bits);
#else
  return __builtin_popcountll(bits);
#endif
}
/// Of bits that are not all 0.
FLEET_HD inline int highest_bit(std::uint64_t bits) {
#ifdef __CUDA_ARCH__
  return 63 - __clzll(static_cast<long long>(bits));
#else
  return 63 - __builtin_clzll(bits);
#endif
}
FLEET_HD inline std::uint64_t bit(int i) { return std::uint64_t{1} << i; }
FLEET_HD inline std::uint64_t bits_below(int i) { return bit(i) - 1; }

}  // namespace fleet::physics
