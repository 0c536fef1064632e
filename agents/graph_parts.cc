#include "agents/graph_parts.h"

#include <cstdint>
#include <limits>

namespace fleet::agents {

std::string add_finite_or_zero(PolicyGraph& graph, const std::string& tested, const std::string& x,
                               const std::string& output) {
  const std::string prefix = "finite" + std::to_string(graph.nodes.size());
  const std::string largest =
      graph.add_constant(prefix + ".largest", {}, {std::numeric_limits<float>::max()});
  const std::string zero = graph.add_constant(prefix + ".zero", {}, {0.0F});
  const std::string size = graph.add_node("Abs", {tested});
  const std::string is_finite = graph.add_node("LessOrEqual", {size, largest});  // false for NaN
  return graph.add_node("Where", {is_finite, x, zero}, {}, output);
}

std::string add_linear(PolicyGraph& graph, const std::string& x, const LinearPart& part) {
  std::vector<float> weight;
  weight.reserve(static_cast<std::size_t>(part.in) * static_cast<std::size_t>(part.out));
  for (int row = 0; row < part.out; ++row) {
    const float* const from = part.weight + row * part.row_stride;
    weight.insert(weight.end(), from, from + part.in);
  }
  std::vector<std::string> inputs{
      x, graph.add_constant(part.name + ".weight", {part.out, part.in}, std::move(weight))};
  if (!part.bias.empty()) {
    inputs.push_back(add_row(graph, part.name + ".bias", part.bias));
  }
  return graph.add_node("Gemm", std::move(inputs), {{"transB", {1.0}}});
}

std::string add_row(PolicyGraph& graph, const std::string& name, std::span<const float> values) {
  return graph.add_constant(name, {static_cast<std::int64_t>(values.size())},
                            {values.begin(), values.end()});
}

}  // namespace fleet::agents
