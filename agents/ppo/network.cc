#include "agents/ppo/network.h"

#include <cstdint>
#include <utility>

namespace fleet::agents {

Network::Network(kernels::MlpShape shape, int num_extra)
    : mlp_(std::move(shape)), num_mlp_(mlp_.shape().num_parameters()) {
  const std::size_t size = num_mlp_ + static_cast<std::size_t>(num_extra);
  parameters.resize(size);
  gradient.resize(size);
  mean.resize(size);
  square.resize(size);
}

Fields Network::parameter_fields(const std::string& prefix) {
  const kernels::MlpShape& shape = mlp_.shape();
  Fields fields;
  for (int layer = 0; layer < shape.num_layers(); ++layer) {
    const std::string name = prefix + std::to_string(layer);
    fields.push_back(make_field(name + ".weight", {shape.out(layer), shape.in(layer)},
                                parameters.data() + shape.weight_offset(layer)));
    fields.push_back(make_field(name + ".bias", {shape.out(layer)},
                                parameters.data() + shape.bias_offset(layer)));
  }
  return fields;
}

Fields Network::moment_fields(const std::string& prefix) {
  const auto size = static_cast<std::int64_t>(mean.size());
  return {make_field(prefix + "adam_mean", {size}, mean.data()),
          make_field(prefix + "adam_square", {size}, square.data())};
}

}  // namespace fleet::agents
