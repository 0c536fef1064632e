#include "agents/flashsac/network_shape.h"

#include <algorithm>

#include "cuda/gemm.h"

namespace fleet::agents::flashsac {
namespace {

using kernels::padded;
using kernels::padded_stride;

constexpr int kExpansion = 4;  // of a block's inner width

void add_norm(std::vector<ArrayShape>& arrays, const std::string& name, const NormShape& norm) {
  const auto add = [&](const char* part, std::size_t offset, bool is_statistic) {
    arrays.push_back({name + part, {norm.dim}, offset, 1, is_statistic});
  };
  add(".scale", norm.scale, false);
  add(".shift", norm.shift, false);
  add(".mean", norm.mean, true);
  add(".variance", norm.variance, true);
}

}  // namespace

NetworkShape NetworkShape::residual(int in, int width, int num_blocks, int out) {
  NetworkShape shape;
  shape.has_input_norm = true;
  shape.has_feature_norm = true;
  shape.layers.push_back({.in = in, .out = width});
  for (int block = 0; block < num_blocks; ++block) {
    shape.layers.push_back({.in = width,
                            .out = kExpansion * width,
                            .has_norm = true,
                            .has_relu = true,
                            .opens_block = true});
    shape.layers.push_back({.in = kExpansion * width,
                            .out = width,
                            .has_norm = true,
                            .has_relu = true,
                            .closes_block = true});
  }
  shape.layers.push_back({.in = width, .out = out, .has_bias = true});
  shape.lay_out();
  return shape;
}

NetworkShape NetworkShape::mlp(int in, const std::vector<int>& hidden_dims, int out) {
  NetworkShape shape;
  for (const int dim : hidden_dims) {
    shape.layers.push_back({.in = in, .out = dim, .has_bias = true, .has_relu = true});
    in = dim;
  }
  shape.layers.push_back({.in = in, .out = out, .has_bias = true});
  shape.lay_out();
  return shape;
}

int NetworkShape::widest() const {
  int widest = input_dim();
  for (const LayerShape& layer : layers) {
    widest = std::max(widest, layer.out);
  }
  return widest;
}

void NetworkShape::lay_out() {
  const auto take = [](std::size_t& end, int count) {
    const std::size_t begin = end;
    end += static_cast<std::size_t>(count);
    return begin;
  };
  const auto take_norm = [&](NormShape& norm, int dim) {
    norm.dim = dim;
    norm.scale = take(num_parameters, padded(dim));
    norm.shift = take(num_parameters, padded(dim));
    norm.mean = take(num_statistics, padded(dim));
    norm.variance = take(num_statistics, padded(dim));
  };
  if (has_input_norm) {
    take_norm(input_norm, input_dim());
  }
  for (LayerShape& layer : layers) {
    layer.weight = take(num_parameters, layer.out * padded_stride(layer.in));
    if (layer.has_bias) {
      layer.bias = take(num_parameters, padded(layer.out));
    }
    if (layer.has_norm) {
      take_norm(layer.norm, layer.out);
    }
  }
  if (has_feature_norm) {
    feature_scale = take(num_parameters, padded(layers.back().in));
  }
}

std::vector<ArrayShape> NetworkShape::arrays() const {
  std::vector<ArrayShape> arrays;
  if (has_input_norm) {
    add_norm(arrays, "input_norm", input_norm);
  }
  for (int index = 0; index < num_layers(); ++index) {
    const LayerShape& l = layer(index);
    const std::string name = std::to_string(index);
    arrays.push_back({name + ".weight",
                      {l.out, l.in},
                      l.weight,
                      static_cast<std::size_t>(padded_stride(l.in)),
                      false});
    if (l.has_bias) {
      arrays.push_back({name + ".bias", {l.out}, l.bias, 1, false});
    }
    if (l.has_norm) {
      add_norm(arrays, name + ".norm", l.norm);
    }
  }
  if (has_feature_norm) {
    arrays.push_back({"feature_norm.scale", {layers.back().in}, feature_scale, 1, false});
  }
  return arrays;
}

}  // namespace fleet::agents::flashsac
