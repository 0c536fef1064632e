#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fleet::agents::flashsac {

/// Where a batch norm keeps its numbers: offsets in a member's parameters and statistics.
struct NormShape {
  int dim = 0;
  std::size_t scale = 0, shift = 0;
  std::size_t mean = 0, variance = 0;
};

/// y = W x + bias, then batch norm, ReLU, and the sum with what entered the block; each if asked
/// for.
struct LayerShape {
  int in = 0, out = 0;
  bool has_bias = false;
  bool has_norm = false;
  bool has_relu = false;
  bool opens_block = false;  ///< its input is kept for the layer that closes the block
  bool closes_block = false;
  std::size_t weight = 0;  ///< (out, padded_stride(in)), offset in a member's parameters
  std::size_t bias = 0;    ///< (padded(out))
  NormShape norm{};
};

/// One named array of a member.
struct ArrayShape {
  std::string name;
  std::vector<std::int64_t> shape;
  std::size_t offset = 0;
  std::size_t row_stride = 0;  ///< numbers between rows
  bool is_statistic = false;   ///< not a parameter
};

/// A stack of layers and the layout of its parameters. All members of an ensemble have the same.
///
/// Rows of weights are padded for gemm(); pads are zeros and stay so.
struct NetworkShape {
  /// As in FlashSAC: batch norm, linear, residual blocks (width, 4 width, width), RMS norm, head.
  static NetworkShape residual(int in, int width, int num_blocks, int out);
  /// Linear layers with ReLU between them.
  static NetworkShape mlp(int in, const std::vector<int>& hidden_dims, int out);

  int input_dim() const { return layers.front().in; }
  int output_dim() const { return layers.back().out; }
  int num_layers() const { return static_cast<int>(layers.size()); }
  const LayerShape& layer(int index) const { return layers[static_cast<std::size_t>(index)]; }
  int widest() const;  ///< number of columns, input included

  /// "input_norm.scale", "0.weight", "1.norm.mean", ..., "feature_norm.scale"; the last layer is
  /// the head.
  std::vector<ArrayShape> arrays() const;

  std::vector<LayerShape> layers;
  bool has_input_norm = false;
  bool has_feature_norm = false;  ///< RMS norm before the head
  bool has_small_head = false;    ///< its weights start near 0 and are not projected
  NormShape input_norm;
  std::size_t feature_scale = 0;
  std::size_t num_parameters = 0;  ///< of a member, pads included
  std::size_t num_statistics = 0;

 private:
  void lay_out();
};

}  // namespace fleet::agents::flashsac
