#include "agents/flashsac/network.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>
#include <utility>

#include "agents/initialise.h"
#include "cuda/gemm.h"
#include "cuda/reduce.h"
#include "cuda/require.h"

namespace fleet::agents::flashsac {
namespace {

using kernels::padded_stride;

constexpr int kPiece = 16384;        // parameters of one task
constexpr int kRowsOfTask = 64;      // weight rows of one task
constexpr double kSmallHead = 0.01;  // norm of each row of a head that starts near 0

int num_pieces(int total, int size) { return (total + size - 1) / size; }

template <typename T>
void scale_to(double norm, double squares, std::span<T> values) {
  const auto factor = static_cast<T>(norm / std::sqrt(squares));
  for (T& x : values) {
    x *= factor;
  }
}

template <typename T>
double sum_of_squares(std::span<const T> x) {
  return kernels::pairwise_sum(0, x.size(), [&](std::size_t i) {
    return static_cast<double>(x[i]) * static_cast<double>(x[i]);
  });
}

}  // namespace

template <typename T>
Network<T>::Network(NetworkShape shape, int num_members, Precision precision)
    : shape_(std::move(shape)), num_members_(num_members), precision_(precision) {
  require(precision == Precision::kFloat32 || std::is_same_v<T, float>,
          "products in bfloat16 are for networks of floats");
  for (AlignedVector<T>* all : {&parameters, &gradient, &mean, &square}) {
    all->resize(static_cast<std::size_t>(num_members) * shape_.num_parameters);
  }
  statistics.resize(static_cast<std::size_t>(num_members) * shape_.num_statistics);
  piece_squares_.resize(
      static_cast<std::size_t>(num_pieces(static_cast<int>(gradient.size()), kPiece)));
  for (const LayerShape& layer : shape_.layers) {
    transposed_offset_.push_back(transposed_size_);
    transposed_size_ += static_cast<std::size_t>(layer.in * padded_stride(layer.out));
  }
  transposed_.resize(static_cast<std::size_t>(num_members) * transposed_size_);
  for (int i = 0; precision == Precision::kBfloat16 && i < num_members * shape_.num_layers(); ++i) {
    const LayerShape& l = shape_.layer(i % shape_.num_layers());
    Pairs& pairs = pairs_.emplace_back();
    pairs.transposed.resize(static_cast<std::size_t>((l.in + 1) / 2 * padded_stride(l.out)));
    pairs.weight.resize(static_cast<std::size_t>((l.out + 1) / 2 * padded_stride(l.in)));
  }
}

template <typename T>
void Network<T>::initialise(std::uint64_t seed, int network) {
  for (int index = 0; index < num_members_; ++index) {
    T* const p = member(parameters, index);
    for (int layer = 0; layer < shape_.num_layers(); ++layer) {
      const LayerShape& l = shape_.layer(layer);
      const kernels::MlpShape one{.widths = {l.in, l.out}};
      std::vector<float> weight(one.num_parameters());
      const int stream = (network * 8 + index) * 64 + layer;
      if (shape_.has_input_norm) {
        const bool is_small = shape_.has_small_head && layer + 1 == shape_.num_layers();
        initialise_orthogonal(one, seed, stream, is_small ? kSmallHead : 1.0, weight);
      } else {
        initialise_uniform(one, seed, stream, weight);
        std::copy_n(weight.data() + one.bias_offset(0), l.out, p + l.bias);
      }
      for (int row = 0; row < l.out; ++row) {
        std::copy_n(weight.data() + row * l.in, l.in, p + l.weight + row * padded_stride(l.in));
      }
    }
    const auto start_norm = [&](const NormShape& norm) {
      std::fill_n(p + norm.scale, norm.dim, T{1});
      std::fill_n(member_statistics(index) + norm.variance, norm.dim, T{1});
    };
    start_norm(shape_.input_norm);
    for (const LayerShape& l : shape_.layers) {
      start_norm(l.norm);
    }
    if (shape_.has_feature_norm) {
      std::fill_n(p + shape_.feature_scale, shape_.layers.back().in, T{1});
    }
  }
}

template <typename T>
void Network<T>::project(ThreadPool& pool) {
  constexpr double kSmallestNorm = 1e-8;
  for (int index = 0; index < num_members_; ++index) {
    T* const p = member(parameters, index);
    const int num_layers = shape_.num_layers() - (shape_.has_small_head ? 1 : 0);
    for (int layer = 0; layer < num_layers; ++layer) {
      const LayerShape& l = shape_.layer(layer);
      pool.parallel_for(num_pieces(l.out, kRowsOfTask), [&](int task, int /*thread*/) {
        const int last = std::min(l.out, (task + 1) * kRowsOfTask);
        for (int row = task * kRowsOfTask; row < last; ++row) {
          const std::span<T> weights(p + l.weight + row * padded_stride(l.in),
                                     static_cast<std::size_t>(l.in));
          const double squares = sum_of_squares<T>(weights);
          scale_to(1.0, std::max(squares, kSmallestNorm * kSmallestNorm), weights);
        }
      });
    }
    project_norms(index);
  }
}

template <typename T>
void Network<T>::project_norms(int index) {
  constexpr double kEpsilon = 1e-8;
  T* const p = member(parameters, index);
  const auto project_norm = [&](const NormShape& norm) {
    const auto dim = static_cast<std::size_t>(norm.dim);
    const std::span<T> scale(p + norm.scale, dim);
    const std::span<T> shift(p + norm.shift, dim);
    const double squares = sum_of_squares<T>(scale) + sum_of_squares<T>(shift) + kEpsilon;
    scale_to(std::sqrt(norm.dim), squares, scale);
    scale_to(std::sqrt(norm.dim), squares, shift);
  };
  if (shape_.has_input_norm) {
    project_norm(shape_.input_norm);
  }
  for (const LayerShape& l : shape_.layers) {
    if (l.has_norm) {
      project_norm(l.norm);
    }
  }
  if (shape_.has_feature_norm) {
    const int dim = shape_.layers.back().in;
    const std::span<T> scale(p + shape_.feature_scale, static_cast<std::size_t>(dim));
    scale_to(std::sqrt(dim), sum_of_squares<T>(scale) + kEpsilon, scale);
  }
}

template <typename T>
void Network<T>::step(const kernels::AdamStepOf<T>& adam, ThreadPool& pool) {
  const int size = static_cast<int>(parameters.size());
  pool.parallel_for(num_pieces(size, kPiece), [&](int task, int /*thread*/) {
    const auto begin = static_cast<std::size_t>(task * kPiece);
    const auto count = static_cast<std::size_t>(std::min(kPiece, size - task * kPiece));
    adam.apply(std::span(parameters).subspan(begin, count),
               std::span<const T>(gradient).subspan(begin, count), T{1},
               std::span(mean).subspan(begin, count), std::span(square).subspan(begin, count));
  });
}

template <typename T>
void Network<T>::follow(const Network& other, T rate, ThreadPool& pool) {
  const auto move = [&](AlignedVector<T>& all, const AlignedVector<T>& goals) {
    const int size = static_cast<int>(all.size());
    pool.parallel_for(num_pieces(size, kPiece), [&](int task, int /*thread*/) {
      const int last = std::min(size, (task + 1) * kPiece);
      T* __restrict p = all.data();
      const T* __restrict goal = goals.data();
      for (int i = task * kPiece; i < last; ++i) {
        p[i] += rate * (goal[i] - p[i]);
      }
    });
  };
  move(parameters, other.parameters);
  move(transposed_, other.transposed_);  // the same numbers in another order: the same bits
  pack_pairs(pool);
}

template <typename T>
void Network<T>::pack(ThreadPool& pool) {
  constexpr int kTile = kernels::kColumnBlock;
  for (int index = 0; index < num_members_; ++index) {
    for (int layer = 0; layer < shape_.num_layers(); ++layer) {
      const LayerShape& l = shape_.layer(layer);
      const T* const from = member(parameters, index) + l.weight;
      T* const to = transposed_.data() + static_cast<std::size_t>(index) * transposed_size_ +
                    transposed_offset_[static_cast<std::size_t>(layer)];
      pool.parallel_for(num_pieces(l.in, kTile), [&](int task, int /*thread*/) {
        const int last = std::min(l.in, (task + 1) * kTile);
        for (int row = 0; row < l.out; ++row) {
          const T* weights = from + row * padded_stride(l.in);
          for (int column = task * kTile; column < last; ++column) {
            to[column * padded_stride(l.out) + row] = weights[column];
          }
        }
      });
    }
  }
  pack_pairs(pool);
}

template <typename T>
void Network<T>::pack_pairs(ThreadPool& pool) {
  if constexpr (std::is_same_v<T, float>) {
    const auto pack_rows = [](int task, const float* from, int num_rows, int width,
                              kernels::BfloatPair* to) {
      const int first = task * kRowsOfTask;
      const int stride = padded_stride(width);
      kernels::pair_rows(from + first * stride, stride, std::min(kRowsOfTask, num_rows - first),
                         kernels::padded(width), to + first / 2 * stride, stride);
    };
    for (int i = 0; i < static_cast<int>(pairs_.size()); ++i) {
      const int index = i / shape_.num_layers();
      const int layer = i % shape_.num_layers();
      const LayerShape& l = shape_.layer(layer);
      Pairs& pairs = pairs_[static_cast<std::size_t>(i)];
      const int num_transposed = num_pieces(l.in, kRowsOfTask);
      const int num_tasks = num_transposed + num_pieces(l.out, kRowsOfTask);
      pool.parallel_for(num_tasks, [&](int task, int /*thread*/) {
        if (task < num_transposed) {
          pack_rows(task, transposed(layer, index), l.in, l.out, pairs.transposed.data());
        } else {
          pack_rows(task - num_transposed, member(parameters, index) + l.weight, l.out, l.in,
                    pairs.weight.data());
        }
      });
    }
  }
}

template <typename T>
double Network<T>::gradient_norm(ThreadPool& pool) const {
  const int size = static_cast<int>(gradient.size());
  pool.parallel_for(num_pieces(size, kPiece), [&](int task, int /*thread*/) {
    const auto begin = static_cast<std::size_t>(task * kPiece);
    const auto count = static_cast<std::size_t>(std::min(kPiece, size - task * kPiece));
    piece_squares_[static_cast<std::size_t>(task)] =
        sum_of_squares<T>(std::span(gradient).subspan(begin, count));
  });
  return std::sqrt(kernels::pairwise_sum(0, piece_squares_.size(),
                                         [&](std::size_t i) { return piece_squares_[i]; }));
}

template <typename T>
Fields Network<T>::fields(const std::string& prefix) {
  Fields fields;
  for (int index = 0; index < num_members_; ++index) {
    const std::string name = num_members_ == 1 ? prefix : prefix + std::to_string(index) + '/';
    for (const ArrayShape& array : shape_.arrays()) {
      T* const base = array.is_statistic ? member_statistics(index) : member(parameters, index);
      fields.push_back(make_strided_field(name + array.name, array.shape, base + array.offset,
                                          array.row_stride * sizeof(T)));
    }
  }
  return fields;
}

template <typename T>
Fields Network<T>::moment_fields(const std::string& prefix) {
  const auto size = static_cast<std::int64_t>(mean.size());
  return {make_field(prefix + "adam_mean", {size}, mean.data()),
          make_field(prefix + "adam_square", {size}, square.data())};
}

template class Network<float>;
template class Network<double>;

}  // namespace fleet::agents::flashsac
