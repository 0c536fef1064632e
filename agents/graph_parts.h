#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cuda/policy_graph.h"

namespace fleet::agents {

// Pieces of policies as graphs of ONNX operators. Each returns the name of what it adds last.

/// `x` where `tested` is a finite number, 0 elsewhere.
std::string add_finite_or_zero(PolicyGraph& graph, const std::string& tested, const std::string& x,
                               const std::string& output = "");

/// x W^T + bias, as torch.nn.Linear. @param weight (out, in), rows `row_stride` apart
/// @param bias (out), or empty
struct LinearPart {
  std::string name;  ///< "actor/0": its constants are called name + ".weight", ".bias"
  int in = 0, out = 0;
  const float* weight = nullptr;
  std::ptrdiff_t row_stride = 0;
  std::span<const float> bias;
};
std::string add_linear(PolicyGraph& graph, const std::string& x, const LinearPart& part);

/// A row of constants.
std::string add_row(PolicyGraph& graph, const std::string& name, std::span<const float> values);

}  // namespace fleet::agents
