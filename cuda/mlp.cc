#include "cuda/mlp.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "cuda/activation.h"
#include "cuda/gemm.h"
#include "cuda/lanes.h"
#include "cuda/require.h"

namespace fleet::kernels {
namespace {

std::size_t count(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

/// bias[j] += sum over rows of gradient(row, j), rows in order.
void add_column_sums(int num_rows, int num_columns, const float* gradient, std::ptrdiff_t stride,
                     float* bias) {
  for (int column = 0; column < num_columns; column += kLanes) {
    Lanes sum = load(bias + column);
    for (int row = 0; row < num_rows; ++row) {
      sum = sum + load(gradient + row * stride + column);
    }
    store(bias + column, sum);
  }
}

}  // namespace

std::size_t MlpShape::weight_offset(int layer) const {
  std::size_t offset = 0;
  for (int i = 0; i < layer; ++i) {
    offset += count(out(i), in(i) + 1);
  }
  return offset;
}

std::size_t MlpShape::bias_offset(int layer) const {
  return weight_offset(layer) + count(out(layer), in(layer));
}

MlpWorkspace::MlpWorkspace(const MlpShape& shape) {
  for (const int width : shape.widths) {
    stride_.push_back(padded_stride(width));
    values_.emplace_back(count(kChunkRows, padded_stride(width)));  // pads: zero, and stay so
  }
  const int widest = *std::ranges::max_element(shape.widths);
  for (AlignedVector<float>& gradient : gradient_) {
    gradient.resize(count(kChunkRows, padded_stride(widest)));
  }
}

Mlp::Mlp(MlpShape shape) : shape_(std::move(shape)) {
  require(shape_.widths.size() >= 2, "a network needs an input and an output");
  require(std::ranges::min(shape_.widths) > 0, "a layer is empty");
  for (int layer = 0; layer < shape_.num_layers(); ++layer) {
    const int in = shape_.in(layer);
    const int out = shape_.out(layer);
    Layer& l = layers_.emplace_back();
    l.forward.resize(count(in, padded_stride(out)));
    l.backward.resize(count(out, padded_stride(in)));
    l.bias.resize(count(1, padded(out)));
    l.weight_gradient = gradient_size_;
    l.bias_gradient = l.weight_gradient + count(out, padded(in));
    gradient_size_ = l.bias_gradient + count(1, padded(out));
    for (int row = 0; row < out; ++row) {
      rows_.push_back({.parameter = shape_.weight_offset(layer) + count(row, in),
                       .gradient = l.weight_gradient + count(row, padded(in)),
                       .size = in});
    }
    rows_.push_back(
        {.parameter = shape_.bias_offset(layer), .gradient = l.bias_gradient, .size = out});
  }
}

void Mlp::load(std::span<const float> parameters) {
  require(parameters.size() == shape_.num_parameters(), "parameters of another network");
  for (int layer = 0; layer < shape_.num_layers(); ++layer) {
    Layer& l = layers_[static_cast<std::size_t>(layer)];
    const int in = shape_.in(layer);
    const int out = shape_.out(layer);
    const float* weight = parameters.data() + shape_.weight_offset(layer);
    for (int row = 0; row < out; ++row) {
      std::copy_n(weight + count(row, in), in, l.backward.data() + count(row, padded_stride(in)));
    }
    for (int column = 0; column < in; ++column) {
      float* to = l.forward.data() + count(column, padded_stride(out));
      for (int row = 0; row < out; ++row) {
        to[row] = weight[row * in + column];
      }
    }
    std::copy_n(parameters.data() + shape_.bias_offset(layer), out, l.bias.data());
  }
}

void Mlp::forward(int num_rows, MlpWorkspace& work) const {
  assert(num_rows <= kChunkRows);
  for (int layer = 0; layer < shape_.num_layers(); ++layer) {
    const Layer& l = layers_[static_cast<std::size_t>(layer)];
    const int out = shape_.out(layer);
    gemm({.m = num_rows,
          .n = padded(out),
          .k = shape_.in(layer),
          .a = work.layer(layer),
          .a_row_stride = work.stride(layer),
          .a_k_stride = 1,
          .b = l.forward.data(),
          .b_stride = padded_stride(out),
          .c = work.layer(layer + 1),
          .c_stride = work.stride(layer + 1),
          .bias = l.bias.data()});
    if (layer + 1 < shape_.num_layers()) {
      for (int row = 0; row < num_rows; ++row) {
        apply_activation(shape_.activation, work.layer(layer + 1) + row * work.stride(layer + 1),
                         count(1, padded(out)));
      }
    }
  }
}

void Mlp::backward(int num_rows, MlpWorkspace& work, std::span<float> gradient) const {
  assert(num_rows <= kChunkRows && gradient.size() == gradient_size_);
  float* above = work.gradient_[0].data();  // d loss / d output of the layer
  float* below = work.gradient_[1].data();  // d loss / d its input
  for (int layer = shape_.num_layers() - 1; layer >= 0; --layer) {
    const Layer& l = layers_[static_cast<std::size_t>(layer)];
    const int in = shape_.in(layer);
    const int out = shape_.out(layer);
    const std::ptrdiff_t above_stride = padded_stride(out);
    const std::ptrdiff_t below_stride = padded_stride(in);
    gemm({.m = out,
          .n = padded(in),
          .k = num_rows,
          .a = above,
          .a_row_stride = 1,
          .a_k_stride = above_stride,
          .b = work.layer(layer),
          .b_stride = work.stride(layer),
          .c = gradient.data() + l.weight_gradient,
          .c_stride = padded(in),
          .accumulate = true});
    add_column_sums(num_rows, padded(out), above, above_stride, gradient.data() + l.bias_gradient);
    if (layer == 0) {
      return;
    }
    gemm({.m = num_rows,
          .n = padded(in),
          .k = out,
          .a = above,
          .a_row_stride = above_stride,
          .a_k_stride = 1,
          .b = l.backward.data(),
          .b_stride = padded_stride(in),
          .c = below,
          .c_stride = below_stride});
    for (int row = 0; row < num_rows; ++row) {
      apply_activation_gradient(shape_.activation, work.layer(layer) + row * work.stride(layer),
                                below + row * below_stride, count(1, padded(in)));
    }
    std::swap(above, below);
  }
}

}  // namespace fleet::kernels
