// The deterministic policy of FlashSAC and SAC as a graph: what Policy::act() computes.

#include <cmath>
#include <string>
#include <vector>

#include "agents/flashsac/flashsac.h"
#include "agents/flashsac/pass.h"
#include "agents/graph_parts.h"
#include "cuda/gemm.h"

namespace fleet::agents {
namespace {

using flashsac::Network;
using flashsac::NormShape;

/// Batch norm over the running statistics: (x - mean) * scale + shift.
std::string add_norm(PolicyGraph& graph, const std::string& x, const Network<float>& network,
                     const NormShape& norm, const std::string& name) {
  const float* const parameters = network.member(network.parameters, 0);
  const float* const statistics = network.member_statistics(0);
  const auto dim = static_cast<std::size_t>(norm.dim);
  std::vector<float> scale(dim);
  for (std::size_t j = 0; j < dim; ++j) {
    const auto inverse_std =
        static_cast<float>(1.0 / std::sqrt(static_cast<double>(statistics[norm.variance + j]) +
                                           flashsac::kNormEpsilon));
    scale[j] = inverse_std * parameters[norm.scale + j];
  }
  const std::span mean(statistics + norm.mean, dim);
  const std::span shift(parameters + norm.shift, dim);
  const std::string centred = graph.add_node("Sub", {x, add_row(graph, name + ".mean", mean)});
  const std::string scaled =
      graph.add_node("Mul", {centred, add_row(graph, name + ".scale", scale)});
  return graph.add_node("Add", {scaled, add_row(graph, name + ".shift", shift)});
}

/// scale * x / rms(x).
std::string add_feature_norm(PolicyGraph& graph, const std::string& x,
                             const Network<float>& network) {
  const auto dim = static_cast<std::size_t>(network.shape().layers.back().in);
  const float* const scale = network.member(network.parameters, 0) + network.shape().feature_scale;
  const auto epsilon = static_cast<float>(flashsac::kFeatureEpsilon);
  const std::string squares = graph.add_node("Mul", {x, x});
  const std::string mean =
      graph.add_node("ReduceMean", {squares}, {{"axes", {-1.0}}, {"keepdims", {1.0}}});
  const std::string sum =
      graph.add_node("Add", {mean, graph.add_constant("feature_norm.epsilon", {1}, {epsilon})});
  const std::string normal = graph.add_node("Div", {x, graph.add_node("Sqrt", {sum})});
  return graph.add_node("Mul", {normal, add_row(graph, "feature_norm.scale", {scale, dim})});
}

}  // namespace

PolicyGraph FlashSac::graph() const {
  const Network<float>& network = learner_.actor;
  const flashsac::NetworkShape& shape = network.shape();
  const float* const parameters = network.member(network.parameters, 0);
  const int action_dim = shape.output_dim() / 2;  // the other half is the exploration's width
  PolicyGraph graph;
  graph.input_dim = shape.input_dim();
  graph.output_dim = action_dim;
  std::string x = graph.input;
  if (shape.has_input_norm) {
    x = add_norm(graph, x, network, shape.input_norm, "input_norm");
  }
  std::string opened;
  for (int index = 0; index < shape.num_layers(); ++index) {
    const flashsac::LayerShape& layer = shape.layer(index);
    const bool is_head = index + 1 == shape.num_layers();
    const std::string name = "actor." + std::to_string(index);
    const int out = is_head ? action_dim : layer.out;
    opened = layer.opens_block ? x : opened;
    if (is_head && shape.has_feature_norm) {
      x = add_feature_norm(graph, x, network);
    }
    x = add_linear(
        graph, x,
        {.name = name,
         .in = layer.in,
         .out = out,
         .weight = parameters + layer.weight,
         .row_stride = kernels::padded_stride(layer.in),
         .bias = {parameters + layer.bias, static_cast<std::size_t>(layer.has_bias ? out : 0)}});
    x = layer.has_norm ? add_norm(graph, x, network, layer.norm, name + ".norm") : x;
    x = layer.has_relu ? graph.add_node("Relu", {x}) : x;
    x = layer.closes_block ? graph.add_node("Add", {x, opened}) : x;
  }
  x = graph.add_node("Tanh", {x});
  x = add_finite_or_zero(graph, x, x);
  graph.add_node("Mul", {x, add_row(graph, "action_bound", policy_.bound)}, {}, graph.output);
  return graph;
}

}  // namespace fleet::agents
