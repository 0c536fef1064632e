#pragma once

#include <cstdint>
#include <span>

#include "cuda/mlp.h"

namespace fleet::agents {

/// As torch.nn.Linear: weights and biases uniform in +-1 / sqrt(in).
/// @param network tells apart the networks of one seed
void initialise_uniform(const kernels::MlpShape& shape, std::uint64_t seed, int network,
                        std::span<float> parameters);

/// Weights with orthonormal rows or columns (whichever are fewer), times sqrt(2), in the last layer
/// times `last_gain`; zero biases.
void initialise_orthogonal(const kernels::MlpShape& shape, std::uint64_t seed, int network,
                           double last_gain, std::span<float> parameters);

}  // namespace fleet::agents
