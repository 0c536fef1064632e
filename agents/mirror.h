#pragma once

#include <algorithm>
#include <cassert>
#include <initializer_list>
#include <span>

#include "cuda/policy_contract.h"
#include "cuda/require.h"
#include "envs/batch_env.h"

namespace fleet::agents {

/// Writes the mirror image of a row: out[i] = sign[i] * in[source[i]]. `out` is other memory.
inline void mirror_row(const Mirror& mirror, std::span<const float> in, std::span<float> out) {
  assert(mirror.source.size() == in.size() && mirror.sign.size() == in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    out[i] = mirror.sign[i] * in[static_cast<std::size_t>(mirror.source[i])];
  }
}

/// @throws std::invalid_argument if `mirror` is not one of rows of `dim`
inline void require_mirror(const Mirror& mirror, int dim) {
  const auto size = static_cast<std::size_t>(dim);
  require(mirror.source.size() == size && mirror.sign.size() == size,
          "a mirror has another size than its row");
  require(std::ranges::all_of(mirror.source, [&](int i) { return i >= 0 && i < dim; }),
          "a mirror reads outside its row");
}

/// @throws std::invalid_argument if one of these groups, or the action, has no fitting mirror
inline void require_mirrors(const envs::EnvSpec& spec, std::initializer_list<int> groups) {
  require(spec.observation_mirror.size() == spec.observations.size(), "a group has no mirror");
  for (const int group : groups) {
    const auto at = static_cast<std::size_t>(group);
    require_mirror(spec.observation_mirror[at], spec.observations[at].dim());
  }
  require_mirror(spec.action_mirror, spec.action_dim);
}

}  // namespace fleet::agents
