#pragma once

#include "cuda/words.h"

// The words that task formulas are written in; they are those of cuda/words.h.

namespace fleet::sim {
using fleet::clamp, fleet::less, fleet::less_equal, fleet::Mask, fleet::select, fleet::squared;
}  // namespace fleet::sim
