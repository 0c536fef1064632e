#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cuda/aligned_vector.h"
#include "cuda/batch_view.h"

// Multilayer perceptrons on the host: what a policy runs on, here and on a robot. Rows are handled
// in chunks whose activations stay in the cache; each row's result is the same bits whichever rows
// stand beside it. Threads are the caller's: one MlpWorkspace each.

namespace fleet::kernels {

inline constexpr int kChunkRows = 96;  ///< rows that a workspace holds

enum class Activation { kElu, kTanh, kRelu };

/// Linear layers with an activation between them, none after the last.
///
/// Parameters are one vector, layer after layer: weight (out, in) row-major, then bias (out), as in
/// torch.nn.Linear.
struct MlpShape {
  std::vector<int> widths;  ///< input, hidden ..., output
  Activation activation = Activation::kElu;

  int num_layers() const { return static_cast<int>(widths.size()) - 1; }
  int in(int layer) const { return widths[static_cast<std::size_t>(layer)]; }
  int out(int layer) const { return widths[static_cast<std::size_t>(layer) + 1]; }
  int input_dim() const { return widths.front(); }
  int output_dim() const { return widths.back(); }
  std::size_t num_parameters() const { return weight_offset(num_layers()); }
  std::size_t weight_offset(int layer) const;
  std::size_t bias_offset(int layer) const;
};

/// The activations and gradients of one chunk of rows, for one thread.
class MlpWorkspace {
 public:
  explicit MlpWorkspace(const MlpShape& shape);

  /// Row of the input, to be written before forward(): input_dim floats.
  float* input(int row) { return layer(0) + row * stride(0); }
  const float* output(int row) const { return values_.back().data() + row * stride_.back(); }
  /// Row of d loss / d output, to be written before backward(): output_dim floats.
  float* output_gradient(int row) { return gradient_[0].data() + row * stride_.back(); }

 private:
  friend class Mlp;

  float* layer(int index) { return values_[static_cast<std::size_t>(index)].data(); }
  std::ptrdiff_t stride(int index) const { return stride_[static_cast<std::size_t>(index)]; }

  std::vector<std::ptrdiff_t> stride_;        // per width, floats
  std::vector<AlignedVector<float>> values_;  // per width (kChunkRows, stride)
  AlignedVector<float> gradient_[2];          // (kChunkRows, widest stride)
};

/// A network's weights, laid out for gemm().
class Mlp {
 public:
  explicit Mlp(MlpShape shape);

  const MlpShape& shape() const { return shape_; }

  /// Copies parameters (num_parameters) into the layout used here.
  void load(std::span<const float> parameters);

  /// From the workspace's input to its output, for its first num_rows rows.
  void forward(int num_rows, MlpWorkspace& work) const;

  /// Adds to `gradient` (gradient_size) what forward()'s rows and the workspace's output gradient
  /// give. Consumes the output gradient.
  void backward(int num_rows, MlpWorkspace& work, std::span<float> gradient) const;

  /// A gradient has its rows padded; row `row` of the parameters' list of rows (each layer's weight
  /// rows, then its bias) is found by these.
  std::size_t gradient_size() const { return gradient_size_; }
  struct Row {
    std::size_t parameter = 0;  ///< offset in the parameters
    std::size_t gradient = 0;   ///< offset in a gradient
    int size = 0;
  };
  std::span<const Row> rows() const { return rows_; }

 private:
  struct Layer {
    AlignedVector<float> forward;     // (in, padded_stride(out)) the weight's transpose
    AlignedVector<float> backward;    // (out, padded_stride(in)) the weight
    AlignedVector<float> bias;        // (padded(out))
    std::size_t weight_gradient = 0;  // offset of (out, padded(in)) in a gradient
    std::size_t bias_gradient = 0;    // offset of (padded(out))
  };

  MlpShape shape_;
  std::vector<Layer> layers_;
  std::vector<Row> rows_;
  std::size_t gradient_size_ = 0;
};

}  // namespace fleet::kernels
