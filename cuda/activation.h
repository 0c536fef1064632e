#pragma once

#include <cstddef>

#include "cuda/mlp.h"

namespace fleet::kernels {

/// x becomes activation(x). @param size a multiple of kColumnBlock
void apply_activation(Activation activation, float* x, std::size_t size);

/// gradient becomes gradient * activation'(x), told from y = activation(x) alone.
void apply_activation_gradient(Activation activation, const float* y, float* gradient,
                               std::size_t size);

}  // namespace fleet::kernels
