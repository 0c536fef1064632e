#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cuda/aligned_vector.h"
#include "cuda/batch_view.h"
#include "cuda/policy_graph.h"

namespace fleet::kernels {

/// Runs a PolicyGraph on the host, a row at a time: what a robot evaluates its policy with.
///
/// Operators: those that our agents emit, and the few that mjlab's exporter adds
/// (graph_builder.cc lists them). Matrices multiply by gemm() and activations are
/// apply_activation()'s, as in training. One caller at a time; the constructor allocates,
/// evaluate() does not.
class GraphEvaluator {
 public:
  /// @throws std::invalid_argument with one line: the first node that is not understood, by number,
  /// operator and what was expected
  explicit GraphEvaluator(const PolicyGraph& graph);

  int input_dim() const { return input_dim_; }
  int output_dim() const { return output_dim_; }

  /// @param observation (input_dim)  @param action (output_dim)
  void evaluate(std::span<const float> observation, std::span<float> action);

  /// The same for rows (n, input_dim) and (n, output_dim).
  void evaluate(BatchView<const float> observation, BatchView<float> action);

 private:
  enum class Op {
    kAbs,
    kAdd,
    kClip,
    kDiv,
    kElu,
    kGemm,
    kIdentity,
    kLessOrEqual,
    kMatMul,
    kMax,
    kMean,
    kMin,
    kMul,
    kRelu,
    kSqrt,
    kSub,
    kTanh,
    kWhere
  };
  struct Row {
    AlignedVector<float> values;  // padded(dim)
    int dim = 0;
    bool is_bool = false;
  };
  struct Step {
    Op op = Op::kIdentity;
    std::array<int, 3> in{-1, -1, -1};  // rows
    int out = -1;
    int matrix = -1;  // of Gemm and MatMul
  };
  struct Matrix {
    AlignedVector<float> values;  // (in, padded_stride(out))
    AlignedVector<float> bias;    // (padded(out)), or empty
    int in = 0, out = 0;
  };
  class Builder;

  void run(const Step& step);
  template <class F>
  void map(const Step& step, F f);
  template <class F>
  void combine(const Step& step, F f);
  void run_where(const Step& step);
  void run_matrix(const Step& step);
  Row& row(int index) { return rows_[static_cast<std::size_t>(index)]; }

  int input_dim_;
  int output_dim_;
  int input_ = 0;  // rows
  int output_ = 0;
  std::vector<Row> rows_;
  std::vector<Matrix> matrices_;
  std::vector<Step> steps_;
};

}  // namespace fleet::kernels
