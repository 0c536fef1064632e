#pragma once

#include <cstdint>

#include "cuda/batch_view.h"
#include "cuda/philox.h"

namespace fleet {

/// Fills actions with uniform numbers in [-1, 1], the same for a seed, step and row each time.
inline void draw_actions(std::uint64_t seed, int step, BatchView<float> actions) {
  for (int row = 0; row < actions.num_rows(); ++row) {
    Random random(seed, static_cast<std::uint32_t>(row), 0, static_cast<std::uint32_t>(step),
                  static_cast<std::uint32_t>(Purpose::kPolicy));
    for (float& action : actions.row(row)) {
      action = static_cast<float>(random.uniform(-1.0, 1.0));
    }
  }
}

}  // namespace fleet
