#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agents/flashsac/network_shape.h"
#include "cuda/adam.h"
#include "cuda/aligned_vector.h"
#include "cuda/bfloat16.h"
#include "cuda/field.h"
#include "cuda/thread_pool.h"

namespace fleet::agents::flashsac {

/// What matrix products multiply; they add up in single precision, as which all else is kept.
enum class Precision { kFloat32, kBfloat16 };

/// An ensemble of networks of one shape: parameters, running statistics, and what Adam remembers.
///
/// T is float in training; double checks it.
template <typename T>
class Network {
 public:
  /// Weights of one layer of one member as products in bfloat16 take them.
  struct Pairs {
    AlignedVector<kernels::BfloatPair> transposed;  // (ceil(in / 2), padded_stride(out))
    AlignedVector<kernels::BfloatPair> weight;      // (ceil(out / 2), padded_stride(in))
  };

  /// @param precision what pack() prepares for; bfloat16 is for T = float
  Network(NetworkShape shape, int num_members, Precision precision = Precision::kFloat32);

  const NetworkShape& shape() const { return shape_; }
  int num_members() const { return num_members_; }
  Precision precision() const { return precision_; }
  T* member(AlignedVector<T>& all, int index) const { return all.data() + first(index); }
  const T* member(const AlignedVector<T>& all, int index) const {
    return all.data() + first(index);
  }
  T* member_statistics(int index) {
    return statistics.data() + static_cast<std::size_t>(index) * shape_.num_statistics;
  }
  const T* member_statistics(int index) const {
    return statistics.data() + static_cast<std::size_t>(index) * shape_.num_statistics;
  }

  /// Orthonormal weights, unit scales; the MLP of 2018: uniform weights and biases.
  /// @param network tells apart the networks of one seed
  void initialise(std::uint64_t seed, int network);

  /// Scales each weight row to norm 1, and each norm layer's [scale; shift] to sqrt(dim).
  void project(ThreadPool& pool);

  /// One step of Adam along `gradient`.
  void step(const kernels::AdamStepOf<T>& adam, ThreadPool& pool);

  /// Moves parameters towards another's by the fraction `rate`. Both are packed, and stay so.
  void follow(const Network& other, T rate, ThreadPool& pool);

  /// Call after parameters have changed and before a pass: forward passes use a transposed copy.
  void pack(ThreadPool& pool);
  /// (in, padded_stride(out)) of one layer of one member.
  const T* transposed(int layer, int member) const {
    return transposed_.data() + static_cast<std::size_t>(member) * transposed_size_ +
           transposed_offset_[static_cast<std::size_t>(layer)];
  }

  const Pairs& pairs(int layer, int member) const {
    return pairs_[static_cast<std::size_t>(member * shape_.num_layers() + layer)];
  }

  /// sqrt of the sum of squares of `gradient`, the same bits on any number of threads.
  double gradient_norm(ThreadPool& pool) const;

  /// Parameters and running statistics: prefix + "0.weight"; of an ensemble prefix + "1/0.weight".
  Fields fields(const std::string& prefix);
  /// Adam's moments, each in one piece.
  Fields moment_fields(const std::string& prefix);

  AlignedVector<T> parameters;  // (num_members, shape.num_parameters), as the next three
  AlignedVector<T> gradient;
  AlignedVector<T> mean;        // of Adam
  AlignedVector<T> square;      // of Adam
  AlignedVector<T> statistics;  // (num_members, shape.num_statistics) running mean and variance

 private:
  std::size_t first(int index) const {
    return static_cast<std::size_t>(index) * shape_.num_parameters;
  }
  void project_norms(int index);
  void pack_pairs(ThreadPool& pool);

  NetworkShape shape_;
  int num_members_;
  Precision precision_;
  AlignedVector<T> transposed_;
  std::vector<std::size_t> transposed_offset_;  // per layer
  std::size_t transposed_size_ = 0;             // of a member
  std::vector<Pairs> pairs_;                    // (num_members, num_layers); float32: none
  mutable std::vector<double> piece_squares_;   // of the gradient
};

extern template class Network<float>;
extern template class Network<double>;

}  // namespace fleet::agents::flashsac
