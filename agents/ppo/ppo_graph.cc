// PPO's deterministic policy as a graph: what Ppo::act() computes, and the env's clip after it.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "agents/graph_parts.h"
#include "agents/ppo/ppo.h"

namespace fleet::agents {
namespace {

const char* operator_of(kernels::Activation activation) {
  return activation == kernels::Activation::kTanh   ? "Tanh"
         : activation == kernels::Activation::kRelu ? "Relu"
                                                    : "Elu";
}

std::string add_clip(PolicyGraph& graph, const std::string& x, const std::string& name,
                     const std::vector<float>& bound, const std::string& output = "") {
  std::vector<float> lower(bound);
  for (float& value : lower) {
    value = -value;
  }
  const std::string below = graph.add_node("Min", {x, add_row(graph, name + ".upper", bound)});
  return graph.add_node("Max", {below, add_row(graph, name + ".lower", lower)}, {}, output);
}

std::string add_normaliser(PolicyGraph& graph, const kernels::ObservationNormaliser& normaliser) {
  std::string x =
      graph.add_node("Sub", {graph.input, add_row(graph, "normaliser.mean", normaliser.mean())});
  x = graph.add_node("Mul", {x, add_row(graph, "normaliser.scale", normaliser.scale())});
  if (normaliser.clip() < std::numeric_limits<float>::max()) {
    x = add_clip(graph, x, "normaliser",
                 std::vector<float>(normaliser.mean().size(), normaliser.clip()));
  }
  return add_finite_or_zero(graph, graph.input, x);
}

}  // namespace

PolicyGraph Ppo::graph() const {
  const kernels::MlpShape& shape = model_.actor.mlp().shape();
  PolicyGraph graph;
  graph.input_dim = shape.input_dim();
  graph.output_dim = shape.output_dim();
  std::string x = add_normaliser(graph, model_.actor_normaliser);
  const float* const parameters = model_.actor.parameters.data();
  for (int layer = 0; layer < shape.num_layers(); ++layer) {
    const float* const bias = parameters + shape.bias_offset(layer);
    x = add_linear(graph, x,
                   {.name = "actor." + std::to_string(layer),
                    .in = shape.in(layer),
                    .out = shape.out(layer),
                    .weight = parameters + shape.weight_offset(layer),
                    .row_stride = shape.in(layer),
                    .bias = {bias, static_cast<std::size_t>(shape.out(layer))}});
    if (layer + 1 < shape.num_layers()) {
      x = graph.add_node(operator_of(shape.activation), {x});
    }
  }
  const bool has_bound =
      std::ranges::any_of(action_bound_, [](float bound) { return std::isfinite(bound); });
  x = add_finite_or_zero(graph, x, x, has_bound ? "" : graph.output);
  if (has_bound) {
    add_clip(graph, x, "action_bound", action_bound_, graph.output);
  }
  return graph;
}

}  // namespace fleet::agents
