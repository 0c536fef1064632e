#include "agents/flashsac/pass.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "cuda/gemm.h"
#include "cuda/mlp.h"
#include "cuda/require.h"

namespace fleet::agents::flashsac {
namespace {

using kernels::kChunkRows;
using kernels::padded;
using kernels::padded_stride;
using kernels::RowBlock;

std::size_t count(int rows, std::ptrdiff_t columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

template <typename T>
RowBlock<T> rows_of(T* matrix, int width, int first, int num_rows) {
  const std::ptrdiff_t stride = padded_stride(width);
  return {matrix + first * stride, stride, num_rows, padded(width)};
}

template <typename T>
RowBlock<const T> as_const(RowBlock<T> x) {
  return {x.data, x.stride, x.num_rows, x.width};
}

}  // namespace

template <typename T>
Pass<T>::Pass(const NetworkShape& shape, int num_members, int max_rows, Precision precision)
    : shape_(shape),
      max_rows_(max_rows),
      precision_(precision),
      input_stride_(padded_stride(shape.input_dim())),
      wide_stride_(padded_stride(shape.widest())),
      input_(count(max_rows, input_stride_)),
      members_(static_cast<std::size_t>(num_members)) {
  const int chunks = num_chunks({0, max_rows});
  const auto make_norm = [](Norm& norm, int dim) {
    for (AlignedVector<T>* all :
         {&norm.mean, &norm.inverse_std, &norm.scale, &norm.unbiased_variance, &norm.gradient_mean,
          &norm.product_mean}) {
      all->resize(count(1, padded(dim)));
    }
  };
  for (Member& m : members_) {
    make_norm(m.input_norm, shape.input_norm.dim);
    for (const LayerShape& l : shape.layers) {
      Layer& layer = m.layers.emplace_back();
      layer.entering.resize(count(max_rows, padded_stride(l.in)));
      layer.leaving.resize(count(max_rows, padded_stride(l.out)));
      if (precision == Precision::kBfloat16) {
        layer.entering_pairs.resize(count((max_rows + 1) / 2, padded_stride(l.in)));
      }
      make_norm(layer.norm, l.norm.dim);
    }
    m.features.resize(count(max_rows, padded_stride(shape.layers.back().in)));
    m.stream.resize(count(max_rows, wide_stride_));
    m.branch.resize(count(max_rows, wide_stride_));
    for (AlignedVector<T>* sums : {&m.sums[0], &m.sums[1], &m.bias_sums}) {
      sums->resize(count(chunks, wide_stride_));
    }
  }
}

template <typename T>
const T* Pass<T>::output(int member, int row) const {
  const Layer& head = members_[static_cast<std::size_t>(member)].layers.back();
  return head.leaving.data() + row * padded_stride(shape_.output_dim());
}

template <typename T>
const T* Pass<T>::input_gradient(int member, int row) const {
  return members_[static_cast<std::size_t>(member)].stream.data() + row * wide_stride_;
}

template <typename T>
T* Pass<T>::stream_row(int member, int row) {
  return members_[static_cast<std::size_t>(member)].stream.data() + row * wide_stride_;
}

template <typename T>
int Pass<T>::num_chunks(RowRange rows) const {
  return (rows.count() + kChunkRows - 1) / kChunkRows;
}

template <typename T>
typename Pass<T>::Chunk Pass<T>::chunk_of(RowRange rows, int task) const {
  const int num_members = static_cast<int>(members_.size());
  const int index = task / num_members;
  const int first = rows.first + index * kChunkRows;
  return {.member = task % num_members,
          .index = index,
          .first = first,
          .count = std::min(kChunkRows, rows.last - first)};
}

template <typename T>
kernels::ColumnNorm<T> Pass<T>::column_norm(const Network<T>& network, int layer, int member) {
  Norm& norm = norm_of(layer, members_[static_cast<std::size_t>(member)]);
  const T* const shift = network.member(network.parameters, member) + norm_shape(layer).shift;
  return {norm.mean, norm.inverse_std, norm.scale, {shift, norm.mean.size()}};
}

template <typename T>
void Pass<T>::forward(const Network<T>& network, Statistics statistics, RowRange rows,
                      RowRange head, ThreadPool& pool) {
  require(rows.first >= 0 && rows.last <= max_rows_, "more rows than the pass has");
  require(precision_ == Precision::kFloat32 || network.precision() == precision_,
          "the network is not packed for bfloat16");
  const int num_members = static_cast<int>(members_.size());
  const int last = shape_.num_layers() - 1;
  if (statistics == Statistics::kRunning) {
    use_running(network);
    pool.parallel_for(num_members * num_chunks(head), [&](int task, int /*thread*/) {
      const Chunk chunk = chunk_of(head, task);
      for (int layer = 0; layer <= last; ++layer) {
        enter(network, layer, chunk);
        multiply(network, layer, chunk);
      }
    });
    return;
  }
  require(precision_ == Precision::kFloat32 || rows.first % 2 == 0, "a pair begins in an even row");
  if (shape_.has_input_norm) {
    pool.parallel_for(num_members * num_chunks(rows), [&](int task, int /*thread*/) {
      const Chunk chunk = chunk_of(rows, task);
      Member& m = members_[static_cast<std::size_t>(chunk.member)];
      const std::ptrdiff_t at = chunk.index * wide_stride_;
      kernels::sum_columns(
          as_const(rows_of(input_.data(), shape_.input_dim(), chunk.first, chunk.count)),
          m.sums[0].data() + at, m.sums[1].data() + at);
    });
    combine_statistics(network, -1, rows);
  }
  for (int layer = 0; layer <= last; ++layer) {
    const RowRange wanted = layer < last ? rows : head;
    pool.parallel_for(num_members * num_chunks(wanted), [&](int task, int /*thread*/) {
      const Chunk chunk = chunk_of(wanted, task);
      enter(network, layer, chunk);
      pair_entering(layer, chunk);
      multiply(network, layer, chunk);
      if (has_norm(layer)) {
        Member& m = members_[static_cast<std::size_t>(chunk.member)];
        const std::ptrdiff_t at = chunk.index * wide_stride_;
        kernels::sum_columns(
            as_const(rows_of(m.layers[static_cast<std::size_t>(layer)].leaving.data(),
                             shape_.layer(layer).out, chunk.first, chunk.count)),
            m.sums[0].data() + at, m.sums[1].data() + at);
      }
    });
    if (has_norm(layer)) {
      combine_statistics(network, layer, rows);
    }
  }
}

template <typename T>
void Pass<T>::enter_first(const Network<T>& network, const Chunk& chunk) {
  Layer& to = members_[static_cast<std::size_t>(chunk.member)].layers.front();
  const int dim = shape_.input_dim();
  const RowBlock<T> x = rows_of(input_.data(), dim, chunk.first, chunk.count);
  const RowBlock<T> y = rows_of(to.entering.data(), dim, chunk.first, chunk.count);
  if (shape_.has_input_norm) {
    kernels::normalise<false>(as_const(x), column_norm(network, -1, chunk.member), y);
    return;
  }
  for (int i = 0; i < chunk.count; ++i) {
    std::copy_n(x.row(i), x.width, y.row(i));
  }
}

template <typename T>
void Pass<T>::enter(const Network<T>& network, int layer, const Chunk& chunk) {
  if (layer == 0) {
    return enter_first(network, chunk);
  }
  Member& m = members_[static_cast<std::size_t>(chunk.member)];
  const LayerShape& below = shape_.layer(layer - 1);
  const bool is_feature = shape_.has_feature_norm && layer + 1 == shape_.num_layers();
  T* const target =
      is_feature ? m.features.data() : m.layers[static_cast<std::size_t>(layer)].entering.data();
  const RowBlock<T> y = rows_of(target, below.out, chunk.first, chunk.count);
  const RowBlock<T> x = rows_of(m.layers[static_cast<std::size_t>(layer - 1)].leaving.data(),
                                below.out, chunk.first, chunk.count);
  if (below.has_norm) {
    kernels::normalise<true>(as_const(x), column_norm(network, layer - 1, chunk.member), y);
  } else {
    for (int i = 0; i < chunk.count; ++i) {
      const T* __restrict from = x.row(i);
      T* __restrict to = y.row(i);
      for (int j = 0; j < x.width; ++j) {
        to[j] = below.has_relu && from[j] < T{0} ? T{0} : from[j];
      }
    }
  }
  if (below.closes_block) {  // blocks have two layers
    const RowBlock<T> opened =
        rows_of(m.layers[static_cast<std::size_t>(layer - 2)].entering.data(), below.out,
                chunk.first, chunk.count);
    for (int i = 0; i < chunk.count; ++i) {
      const T* __restrict from = opened.row(i);
      T* __restrict to = y.row(i);
      for (int j = 0; j < y.width; ++j) {
        to[j] += from[j];
      }
    }
  }
  if (is_feature) {
    normalise_features(network, chunk);
  }
}

/// For the weights' gradient, where rows are what is summed over.
template <typename T>
void Pass<T>::pair_entering(int layer, const Chunk& chunk) {
  if constexpr (std::is_same_v<T, float>) {
    Layer& to =
        members_[static_cast<std::size_t>(chunk.member)].layers[static_cast<std::size_t>(layer)];
    if (precision_ == Precision::kBfloat16) {
      const RowBlock<T> x =
          rows_of(to.entering.data(), shape_.layer(layer).in, chunk.first, chunk.count);
      kernels::pair_rows(x.data, x.stride, x.num_rows, x.width,
                         to.entering_pairs.data() + chunk.first / 2 * x.stride, x.stride);
    }
  }
}

template <typename T>
void Pass<T>::normalise_features(const Network<T>& network, const Chunk& chunk) {
  Member& m = members_[static_cast<std::size_t>(chunk.member)];
  const int dim = shape_.layers.back().in;
  const T* const scale = network.member(network.parameters, chunk.member) + shape_.feature_scale;
  const RowBlock<T> x = rows_of(m.features.data(), dim, chunk.first, chunk.count);
  const RowBlock<T> y = rows_of(m.layers.back().entering.data(), dim, chunk.first, chunk.count);
  for (int i = 0; i < chunk.count; ++i) {
    const T* const from = x.row(i);
    double squares = 0.0;
    for (int j = 0; j < dim; ++j) {
      squares += static_cast<double>(from[j]) * static_cast<double>(from[j]);
    }
    const auto inverse_rms = static_cast<T>(1.0 / std::sqrt(squares / dim + kFeatureEpsilon));
    T* const to = y.row(i);
    for (int j = 0; j < y.width; ++j) {
      to[j] = scale[j] * (from[j] * inverse_rms);
    }
  }
}

template <typename T>
void Pass<T>::multiply(const Network<T>& network, int layer, const Chunk& chunk) {
  const LayerShape& l = shape_.layer(layer);
  Layer& own =
      members_[static_cast<std::size_t>(chunk.member)].layers[static_cast<std::size_t>(layer)];
  kernels::GemmOf<T> g;
  g.m = chunk.count;
  g.n = padded(l.out);
  g.k = l.in;
  g.a_row_stride = padded_stride(l.in);
  g.a = own.entering.data() + chunk.first * g.a_row_stride;
  g.a_k_stride = 1;
  g.b = network.transposed(layer, chunk.member);
  if (precision_ == Precision::kBfloat16) {
    g.b_pairs = network.pairs(layer, chunk.member).transposed.data();
  }
  g.b_stride = padded_stride(l.out);
  g.c_stride = padded_stride(l.out);
  g.c = own.leaving.data() + chunk.first * g.c_stride;
  g.bias = l.has_bias ? network.member(network.parameters, chunk.member) + l.bias : nullptr;
  kernels::gemm(g);
}

template <typename T>
void Pass<T>::use_running(const Network<T>& network) {
  for (int member = 0; member < static_cast<int>(members_.size()); ++member) {
    const T* const parameters = network.member(network.parameters, member);
    const T* const statistics = network.member_statistics(member);
    for (int layer = -1; layer < shape_.num_layers(); ++layer) {
      if (!has_norm(layer)) {
        continue;
      }
      const NormShape& at = norm_shape(layer);
      Norm& norm = norm_of(layer, members_[static_cast<std::size_t>(member)]);
      for (std::size_t j = 0; j < static_cast<std::size_t>(at.dim); ++j) {
        norm.mean[j] = statistics[at.mean + j];
        norm.inverse_std[j] = static_cast<T>(
            1.0 / std::sqrt(static_cast<double>(statistics[at.variance + j]) + kNormEpsilon));
        norm.scale[j] = norm.inverse_std[j] * parameters[at.scale + j];
        norm.gradient_mean[j] = T{0};
        norm.product_mean[j] = T{0};
      }
    }
  }
}

template <typename T>
void Pass<T>::combine_statistics(const Network<T>& network, int layer, RowRange rows) {
  const double total = rows.count();
  for (int member = 0; member < static_cast<int>(members_.size()); ++member) {
    Member& m = members_[static_cast<std::size_t>(member)];
    const T* const parameters = network.member(network.parameters, member);
    const NormShape& at = norm_shape(layer);
    Norm& norm = norm_of(layer, m);
    for (std::size_t j = 0; j < static_cast<std::size_t>(at.dim); ++j) {
      double sum = 0.0;
      for (int chunk = 0; chunk < num_chunks(rows); ++chunk) {
        sum += static_cast<double>(m.sums[0][count(chunk, wide_stride_) + j]);
      }
      const double mean = sum / total;
      double squares = 0.0;
      for (int chunk = 0; chunk < num_chunks(rows); ++chunk) {
        const std::size_t i = count(chunk, wide_stride_) + j;
        const double size = std::min(kChunkRows, rows.count() - chunk * kChunkRows);
        const double offset = static_cast<double>(m.sums[0][i]) / size - mean;
        squares += static_cast<double>(m.sums[1][i]) + size * offset * offset;
      }
      norm.mean[j] = static_cast<T>(mean);
      norm.inverse_std[j] = static_cast<T>(1.0 / std::sqrt(squares / total + kNormEpsilon));
      norm.unbiased_variance[j] = static_cast<T>(squares / (total - 1.0));
      norm.scale[j] = norm.inverse_std[j] * parameters[at.scale + j];
    }
  }
}

template <typename T>
void Pass<T>::update_statistics(Network<T>& network) const {
  constexpr T kRate = static_cast<T>(kNormMomentum);
  for (int member = 0; member < static_cast<int>(members_.size()); ++member) {
    const Member& m = members_[static_cast<std::size_t>(member)];
    T* const statistics = network.member_statistics(member);
    for (int layer = -1; layer < shape_.num_layers(); ++layer) {
      if (!has_norm(layer)) {
        continue;
      }
      const NormShape& at = norm_shape(layer);
      const Norm& norm = layer < 0 ? m.input_norm : m.layers[static_cast<std::size_t>(layer)].norm;
      for (std::size_t j = 0; j < static_cast<std::size_t>(at.dim); ++j) {
        T& mean = statistics[at.mean + j];
        T& variance = statistics[at.variance + j];
        mean = (T{1} - kRate) * mean + kRate * norm.mean[j];
        variance = (T{1} - kRate) * variance + kRate * norm.unbiased_variance[j];
      }
    }
  }
}

template class Pass<float>;
template class Pass<double>;

}  // namespace fleet::agents::flashsac
