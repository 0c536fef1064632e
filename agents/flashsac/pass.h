#pragma once

#include <vector>

#include "agents/flashsac/network.h"
#include "cuda/batch_norm.h"

// A pass runs layer after layer over all rows; within a layer, over chunks of rows that fit in the
// cache. What enters layer l is made by the chunk that needs it, from what layer l - 1 left before
// its norm. With the batch's own statistics all chunks of a layer must be done before the next
// begins; with running statistics a chunk goes through all layers by itself. Chunks do not depend
// on the number of threads, and what they sum up is added in their order, so results do not either.

namespace fleet::agents::flashsac {

inline constexpr double kNormEpsilon = 1e-5;     ///< of batch norms, added to the variance
inline constexpr double kNormMomentum = 0.01;    ///< share of a batch in the running statistics
inline constexpr double kFeatureEpsilon = 1e-6;  ///< of the RMS norm, added to the mean square

/// What batch norms normalise with.
enum class Statistics { kBatch, kRunning };

/// Rows [first, last) of a pass.
struct RowRange {
  int first = 0;
  int last = 0;

  int count() const { return last - first; }
};

/// Activations and gradients of a batch of rows in every member of a network.
template <typename T>
class Pass {
 public:
  /// @param precision of products: in bfloat16 only with networks that are packed for it
  Pass(const NetworkShape& shape, int num_members, int max_rows,
       Precision precision = Precision::kFloat32);

  int max_rows() const { return max_rows_; }

  /// input_dim numbers, to be written before forward(); all members see the same input.
  T* input(int row) { return input_.data() + row * input_stride_; }
  /// output_dim numbers.
  const T* output(int member, int row) const;
  /// output_dim numbers, to be written before backward() for all rows of its head range.
  T* output_gradient(int member, int row) { return stream_row(member, row); }
  /// input_dim numbers, after backward_to_input().
  const T* input_gradient(int member, int row) const;

  /// @param head the rows whose output is wanted
  void forward(const Network<T>& network, Statistics statistics, RowRange rows, RowRange head,
               ThreadPool& pool);

  /// After forward() with the batch's statistics: network.gradient becomes the loss's gradient,
  /// given output_gradient for the rows `head`; zeros are taken for the others. Consumes what
  /// forward() left.
  void backward(Network<T>& network, RowRange rows, RowRange head, ThreadPool& pool);

  /// After forward() with running statistics: the gradient with respect to the input only.
  void backward_to_input(const Network<T>& network, RowRange rows, ThreadPool& pool);

  /// Lets the running statistics learn from those of the last forward() with the batch's own.
  void update_statistics(Network<T>& network) const;

 private:
  struct Norm {  // of one member
    AlignedVector<T> mean, inverse_std, scale;
    AlignedVector<T> unbiased_variance;
    AlignedVector<T> gradient_mean, product_mean;  // of what sum_norm_gradient() sums
  };
  struct Layer {                // of one member
    AlignedVector<T> entering;  // (max_rows, in) what is multiplied
    AlignedVector<T> leaving;   // (max_rows, out) before its norm; backward: the gradient there
    AlignedVector<kernels::BfloatPair> entering_pairs;  // (ceil(max_rows / 2), in) in bfloat16
    Norm norm;
  };
  struct Member {
    std::vector<Layer> layers;
    Norm input_norm;
    AlignedVector<T> features;   // (max_rows, width of the head's input) before their RMS norm
    AlignedVector<T> stream;     // (max_rows, widest) gradients outside of blocks
    AlignedVector<T> branch;     // (max_rows, widest) gradients within
    AlignedVector<T> sums[2];    // (num_chunks, widest)
    AlignedVector<T> bias_sums;  // (num_chunks, widest)
  };
  struct Chunk {
    int member = 0;
    int index = 0;
    int first = 0;
    int count = 0;
  };

  int num_chunks(RowRange rows) const;
  Chunk chunk_of(RowRange rows, int task) const;
  T* stream_row(int member, int row);

  // forward
  void enter(const Network<T>& network, int layer, const Chunk& chunk);
  void enter_first(const Network<T>& network, const Chunk& chunk);
  void pair_entering(int layer, const Chunk& chunk);
  void normalise_features(const Network<T>& network, const Chunk& chunk);
  void multiply(const Network<T>& network, int layer, const Chunk& chunk);
  void use_running(const Network<T>& network);
  void combine_statistics(const Network<T>& network, int layer, RowRange rows);

  // backward
  T* leaving_gradient(const LayerShape& layer, Member& m) {
    return layer.opens_block ? m.branch.data() : m.stream.data();
  }
  void sum_gradients(const Network<T>& network, int layer, const Chunk& chunk);
  void combine_gradients(Network<T>& network, int layer, RowRange rows);
  void leave(const Network<T>& network, int layer, const Chunk& chunk);
  void multiply_back(const Network<T>& network, int layer, const Chunk& chunk);
  void features_backward(const Network<T>& network, const Chunk& chunk, bool is_batch);
  void weight_gradient(Network<T>& network, int layer, int member, int block, RowRange rows);
  kernels::ColumnNorm<T> column_norm(const Network<T>& network, int layer, int member);
  const NormShape& norm_shape(int layer) const {
    return layer < 0 ? shape_.input_norm : shape_.layer(layer).norm;
  }
  bool has_norm(int layer) const {
    return layer < 0 ? shape_.has_input_norm : shape_.layer(layer).has_norm;
  }
  Norm& norm_of(int layer, Member& m) const {
    return layer < 0 ? m.input_norm : m.layers[static_cast<std::size_t>(layer)].norm;
  }

  NetworkShape shape_;
  int max_rows_;
  Precision precision_;
  std::ptrdiff_t input_stride_;
  std::ptrdiff_t wide_stride_;  // of stream and branch
  AlignedVector<T> input_;
  std::vector<Member> members_;
};

extern template class Pass<float>;
extern template class Pass<double>;

}  // namespace fleet::agents::flashsac
