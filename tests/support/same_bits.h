#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace fleet::testing {

/// Whether two rows of numbers are the same to the bit: NaNs are, 0 and -0 are not.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  const auto bits = [](float x) { return std::bit_cast<std::uint32_t>(x); };
  return std::ranges::equal(a, b, {}, bits, bits);
}

}  // namespace fleet::testing
