// The backward half of Pass; see pass.h.

#include <algorithm>
#include <cmath>

#include "agents/flashsac/pass.h"
#include "cuda/gemm.h"
#include "cuda/mlp.h"

namespace fleet::agents::flashsac {
namespace {

using kernels::kChunkRows;
using kernels::padded;
using kernels::padded_stride;
using kernels::RowBlock;

constexpr int kBlockRows = 96;  // weight rows of one task

std::size_t count(int rows, std::ptrdiff_t columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

template <typename T>
RowBlock<const T> as_const(RowBlock<T> x) {
  return {x.data, x.stride, x.num_rows, x.width};
}

}  // namespace

template <typename T>
void Pass<T>::backward(Network<T>& network, RowRange rows, RowRange head, ThreadPool& pool) {
  const int num_members = static_cast<int>(members_.size());
  const int num_tasks = num_members * num_chunks(rows);
  const int last = shape_.num_layers() - 1;
  for (int layer = last; layer >= -1; --layer) {
    const LayerShape* const above = layer < last ? &shape_.layer(layer + 1) : nullptr;
    const int num_blocks = above != nullptr ? (above->out + kBlockRows - 1) / kBlockRows : 0;
    // The weights of the layer above and the sums of this one need each other's inputs only.
    pool.parallel_for(num_members * num_blocks, [&](int task, int /*thread*/) {
      weight_gradient(network, layer + 1, task % num_members, task / num_members,
                      layer + 1 == last ? head : rows);
    });
    const RowRange wanted = layer == last ? head : rows;
    pool.parallel_for(num_members * num_chunks(wanted), [&](int task, int /*thread*/) {
      sum_gradients(network, layer, chunk_of(wanted, task));
    });
    combine_gradients(network, layer, wanted);
    if (layer < 0) {
      break;
    }
    pool.parallel_for(num_members * num_chunks(wanted), [&](int task, int /*thread*/) {
      const Chunk chunk = chunk_of(wanted, task);
      leave(network, layer, chunk);
      multiply_back(network, layer, chunk);
    });
    if (layer == last) {
      pool.parallel_for(num_tasks, [&](int task, int /*thread*/) {
        const Chunk chunk = chunk_of(rows, task);
        for (int row = chunk.first; row < chunk.first + chunk.count; ++row) {
          if (row < head.first || row >= head.last) {
            std::fill_n(stream_row(chunk.member, row), wide_stride_, T{0});
          }
        }
      });
    }
  }
}

template <typename T>
void Pass<T>::backward_to_input(const Network<T>& network, RowRange rows, ThreadPool& pool) {
  const int num_members = static_cast<int>(members_.size());
  pool.parallel_for(num_members * num_chunks(rows), [&](int task, int /*thread*/) {
    const Chunk chunk = chunk_of(rows, task);
    for (int layer = shape_.num_layers() - 1; layer >= 0; --layer) {
      leave(network, layer, chunk);
      multiply_back(network, layer, chunk);
      if (shape_.has_feature_norm && layer + 1 == shape_.num_layers()) {
        features_backward(network, chunk, false);
      }
    }
    if (shape_.has_input_norm) {
      const kernels::ColumnNorm<T> norm = column_norm(network, -1, chunk.member);
      for (int row = chunk.first; row < chunk.first + chunk.count; ++row) {
        T* const gradient = stream_row(chunk.member, row);
        for (std::size_t j = 0; j < norm.scale.size(); ++j) {
          gradient[j] *= norm.scale[j];
        }
      }
    }
  });
}

/// What the chunk adds to the gradients of norms, features and biases.
template <typename T>
void Pass<T>::sum_gradients(const Network<T>& network, int layer, const Chunk& chunk) {
  Member& m = members_[static_cast<std::size_t>(chunk.member)];
  const std::ptrdiff_t at = chunk.index * wide_stride_;
  T* const sum = m.sums[0].data() + at;
  T* const product = m.sums[1].data() + at;
  if (layer < 0) {
    if (shape_.has_input_norm) {
      const int dim = shape_.input_dim();
      kernels::sum_norm_gradient<false>(
          RowBlock<const T>{input(chunk.first), input_stride_, chunk.count, padded(dim)},
          RowBlock<const T>{stream_row(chunk.member, chunk.first), wide_stride_, chunk.count,
                            padded(dim)},
          column_norm(network, -1, chunk.member), sum, product);
    }
    return;
  }
  const LayerShape& l = shape_.layer(layer);
  if (shape_.has_feature_norm && layer + 2 == shape_.num_layers()) {
    features_backward(network, chunk, true);
  }
  const RowBlock<const T> gradient{leaving_gradient(l, m) + chunk.first * wide_stride_,
                                   wide_stride_, chunk.count, padded(l.out)};
  if (l.has_norm) {
    const T* const x = m.layers[static_cast<std::size_t>(layer)].leaving.data();
    kernels::sum_norm_gradient<true>(
        RowBlock<const T>{x + chunk.first * padded_stride(l.out), padded_stride(l.out), chunk.count,
                          padded(l.out)},
        gradient, column_norm(network, layer, chunk.member), sum, product);
  }
}

/// Adds up, in the order of the chunks, what they found.
template <typename T>
void Pass<T>::combine_gradients(Network<T>& network, int layer, RowRange rows) {
  const int chunks = num_chunks(rows);
  const auto total = [&](const AlignedVector<T>& sums, std::size_t column) {
    double sum = 0.0;
    for (int chunk = 0; chunk < chunks; ++chunk) {
      sum += static_cast<double>(sums[count(chunk, wide_stride_) + column]);
    }
    return sum;
  };
  for (int member = 0; member < static_cast<int>(members_.size()); ++member) {
    Member& m = members_[static_cast<std::size_t>(member)];
    T* const gradient = network.member(network.gradient, member);
    if (has_norm(layer)) {
      const NormShape& at = norm_shape(layer);
      Norm& norm = norm_of(layer, m);
      for (std::size_t j = 0; j < static_cast<std::size_t>(at.dim); ++j) {
        const double sum = total(m.sums[0], j);
        const double product = total(m.sums[1], j);
        gradient[at.shift + j] = static_cast<T>(sum);
        gradient[at.scale + j] = static_cast<T>(product);
        norm.gradient_mean[j] = static_cast<T>(sum / rows.count());
        norm.product_mean[j] = static_cast<T>(product / rows.count());
      }
    }
    if (shape_.has_feature_norm && layer + 2 == shape_.num_layers()) {
      const auto dim = static_cast<std::size_t>(shape_.layers.back().in);
      for (std::size_t j = 0; j < dim; ++j) {
        gradient[shape_.feature_scale + j] = static_cast<T>(total(m.bias_sums, j));
      }
    }
  }
}

/// From the gradient of what the layer puts out to that of its product, which replaces the product.
template <typename T>
void Pass<T>::leave(const Network<T>& network, int layer, const Chunk& chunk) {
  Member& m = members_[static_cast<std::size_t>(chunk.member)];
  const LayerShape& l = shape_.layer(layer);
  Layer& own = m.layers[static_cast<std::size_t>(layer)];
  const std::ptrdiff_t stride = padded_stride(l.out);
  const RowBlock<T> x{own.leaving.data() + chunk.first * stride, stride, chunk.count,
                      padded(l.out)};
  const RowBlock<const T> gradient{leaving_gradient(l, m) + chunk.first * wide_stride_,
                                   wide_stride_, chunk.count, padded(l.out)};
  if (l.has_norm) {
    kernels::norm_backward<true>(x, gradient, column_norm(network, layer, chunk.member),
                                 own.norm.gradient_mean.data(), own.norm.product_mean.data());
    return;
  }
  for (int i = 0; i < x.num_rows; ++i) {
    const T* __restrict from = gradient.row(i);
    T* __restrict to = x.row(i);
    for (int j = 0; j < x.width; ++j) {
      to[j] = l.has_relu && !(to[j] > T{0}) ? T{0} : from[j];
    }
    std::fill(to + l.out, to + x.width, T{0});
  }
}

/// From the gradient of a layer's product to that of what entered it.
template <typename T>
void Pass<T>::multiply_back(const Network<T>& network, int layer, const Chunk& chunk) {
  Member& m = members_[static_cast<std::size_t>(chunk.member)];
  const LayerShape& l = shape_.layer(layer);
  kernels::GemmOf<T> g;
  g.m = chunk.count;
  g.n = padded(l.in);
  g.k = l.out;
  g.a_row_stride = padded_stride(l.out);
  g.a = m.layers[static_cast<std::size_t>(layer)].leaving.data() + chunk.first * g.a_row_stride;
  g.a_k_stride = 1;
  g.b = network.member(network.parameters, chunk.member) + l.weight;
  if (precision_ == Precision::kBfloat16) {
    g.b_pairs = network.pairs(layer, chunk.member).weight.data();
  }
  g.b_stride = padded_stride(l.in);
  g.c = (l.closes_block ? m.branch.data() : m.stream.data()) + chunk.first * wide_stride_;
  g.c_stride = wide_stride_;
  g.accumulate = l.opens_block;
  kernels::gemm(g);
}

/// Through the RMS norm, in place in the stream.
template <typename T>
void Pass<T>::features_backward(const Network<T>& network, const Chunk& chunk, bool is_batch) {
  Member& m = members_[static_cast<std::size_t>(chunk.member)];
  const int dim = shape_.layers.back().in;
  const T* const scale = network.member(network.parameters, chunk.member) + shape_.feature_scale;
  T* const sums = m.bias_sums.data() + chunk.index * wide_stride_;
  if (is_batch) {
    std::fill_n(sums, dim, T{0});
  }
  for (int row = chunk.first; row < chunk.first + chunk.count; ++row) {
    const T* const x = m.features.data() + row * padded_stride(dim);
    T* const gradient = stream_row(chunk.member, row);
    double squares = 0.0;
    double product = 0.0;
    for (int j = 0; j < dim; ++j) {
      squares += static_cast<double>(x[j]) * static_cast<double>(x[j]);
      product += static_cast<double>(x[j]) * static_cast<double>(scale[j] * gradient[j]);
    }
    const double inverse_rms = 1.0 / std::sqrt(squares / dim + kFeatureEpsilon);
    const auto r = static_cast<T>(inverse_rms);
    const auto along = static_cast<T>(inverse_rms * inverse_rms * inverse_rms * product / dim);
    for (int j = 0; j < dim; ++j) {
      if (is_batch) {
        sums[j] += gradient[j] * x[j] * r;
      }
      gradient[j] = r * scale[j] * gradient[j] - along * x[j];
    }
  }
}

/// Rows [block * kBlockRows, ...) of a layer's weight gradient, and of its bias.
template <typename T>
void Pass<T>::weight_gradient(Network<T>& network, int layer, int member, int block,
                              RowRange rows) {
  Member& m = members_[static_cast<std::size_t>(member)];
  const LayerShape& l = shape_.layer(layer);
  const Layer& own = m.layers[static_cast<std::size_t>(layer)];
  T* const gradient = network.member(network.gradient, member);
  const int first = block * kBlockRows;
  const int num_rows = std::min(kBlockRows, l.out - first);
  const std::ptrdiff_t out_stride = padded_stride(l.out);
  const std::ptrdiff_t in_stride = padded_stride(l.in);
  kernels::GemmOf<T> g;
  g.m = num_rows;
  g.n = padded(l.in);
  g.k = rows.count();
  g.a = own.leaving.data() + rows.first * out_stride + first;
  g.a_row_stride = 1;
  g.a_k_stride = out_stride;
  g.b = own.entering.data() + rows.first * in_stride;
  if (precision_ == Precision::kBfloat16) {
    g.b_pairs = own.entering_pairs.data() + rows.first / 2 * in_stride;
  }
  g.b_stride = in_stride;
  g.c = gradient + l.weight + first * in_stride;
  g.c_stride = in_stride;
  kernels::gemm(g);
  if (l.has_bias) {
    for (int i = first; i < first + num_rows; ++i) {
      double sum = 0.0;
      for (int row = rows.first; row < rows.last; ++row) {
        sum +=
            static_cast<double>(own.leaving[count(row, out_stride) + static_cast<std::size_t>(i)]);
      }
      gradient[l.bias + static_cast<std::size_t>(i)] = static_cast<T>(sum);
    }
  }
}

template class Pass<float>;
template class Pass<double>;

}  // namespace fleet::agents::flashsac
