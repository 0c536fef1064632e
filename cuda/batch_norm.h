#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

// Batch normalisation followed by an optional ReLU, in the pieces that a pass over row blocks
// needs: what belongs to a block of rows is done by one thread while the rows are hot, and what the
// blocks found is then added in their order. Widths are whole numbers of vectors; pads hold zeros.

namespace fleet::kernels {

/// Some rows of a matrix.
template <typename T>
struct RowBlock {
  T* data = nullptr;
  std::ptrdiff_t stride = 0;
  int num_rows = 0;
  int width = 0;

  T* row(int i) const { return data + i * stride; }
};

/// What the columns of one layer are normalised with: y = (x - mean) * scale + shift.
template <typename T>
struct ColumnNorm {
  std::span<T> mean;
  std::span<T> inverse_std;
  std::span<T> scale;        ///< inverse_std times the learnt scale
  std::span<const T> shift;  ///< learnt
};

/// sum and, about the block's own mean, sum of squares of each column.
template <typename T>
void sum_columns(RowBlock<const T> x, T* __restrict sum, T* __restrict squares) {
  std::fill_n(sum, x.width, T{0});
  std::fill_n(squares, x.width, T{0});
  for (int i = 0; i < x.num_rows; ++i) {
    const T* __restrict row = x.row(i);
    for (int j = 0; j < x.width; ++j) {
      sum[j] += row[j];
    }
  }
  const T per_row = T{1} / static_cast<T>(x.num_rows);
  for (int i = 0; i < x.num_rows; ++i) {
    const T* __restrict row = x.row(i);
    for (int j = 0; j < x.width; ++j) {
      const T deviation = row[j] - sum[j] * per_row;
      squares[j] += deviation * deviation;
    }
  }
}

/// y = norm(x), then ReLU if asked for.
template <bool kRelu, typename T>
void normalise(RowBlock<const T> x, const ColumnNorm<T>& norm, RowBlock<T> y) {
  const T* __restrict mean = norm.mean.data();
  const T* __restrict scale = norm.scale.data();
  const T* __restrict shift = norm.shift.data();
  for (int i = 0; i < x.num_rows; ++i) {
    const T* __restrict from = x.row(i);
    T* __restrict to = y.row(i);
    for (int j = 0; j < x.width; ++j) {
      const T value = (from[j] - mean[j]) * scale[j] + shift[j];
      to[j] = kRelu && !(value > T{0}) && value == value ? T{0} : value;  // a NaN stays one
    }
  }
}

/// Of a gradient with respect to norm(x): the sums over rows of it, and of it times the normalised
/// x.
template <bool kRelu, typename T>
void sum_norm_gradient(RowBlock<const T> x, RowBlock<const T> gradient, const ColumnNorm<T>& norm,
                       T* __restrict sum, T* __restrict product) {
  const T* __restrict mean = norm.mean.data();
  const T* __restrict inverse_std = norm.inverse_std.data();
  const T* __restrict scale = norm.scale.data();
  const T* __restrict shift = norm.shift.data();
  std::fill_n(sum, x.width, T{0});
  std::fill_n(product, x.width, T{0});
  for (int i = 0; i < x.num_rows; ++i) {
    const T* __restrict from = x.row(i);
    const T* __restrict g = gradient.row(i);
    for (int j = 0; j < x.width; ++j) {
      const T centred = from[j] - mean[j];
      const bool passes = !kRelu || centred * scale[j] + shift[j] > T{0};
      const T slope = passes ? g[j] : T{0};
      sum[j] += slope;
      product[j] += slope * (centred * inverse_std[j]);
    }
  }
}

/// x becomes the loss's gradient with respect to it. @param sum, product over all rows of the
/// batch, divided by their number; zeros where the statistics are not the batch's own
template <bool kRelu, typename T>
void norm_backward(RowBlock<T> x, RowBlock<const T> gradient, const ColumnNorm<T>& norm,
                   const T* __restrict sum, const T* __restrict product) {
  const T* __restrict mean = norm.mean.data();
  const T* __restrict inverse_std = norm.inverse_std.data();
  const T* __restrict scale = norm.scale.data();
  const T* __restrict shift = norm.shift.data();
  for (int i = 0; i < x.num_rows; ++i) {
    T* __restrict to = x.row(i);
    const T* __restrict g = gradient.row(i);
    for (int j = 0; j < x.width; ++j) {
      const T centred = to[j] - mean[j];
      const bool passes = !kRelu || centred * scale[j] + shift[j] > T{0};
      const T slope = passes ? g[j] : T{0};
      to[j] = scale[j] * (slope - sum[j] - centred * inverse_std[j] * product[j]);
    }
  }
}

}  // namespace fleet::kernels
