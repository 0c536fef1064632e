#pragma once

#include <cassert>
#include <span>

#include "cuda/policy_contract.h"

namespace fleet::agents {

/// Writes the mirror image of a row: out[i] = sign[i] * in[source[i]]. `out` is other memory.
inline void mirror_row(const Mirror& mirror, std::span<const float> in,
                       std::span<float> out) {
  assert(mirror.source.size() == in.size() && mirror.sign.size() == in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    out[i] = mirror.sign[i] * in[static_cast<std::size_t>(mirror.source[i])];
  }
}

}  // namespace fleet::agents
