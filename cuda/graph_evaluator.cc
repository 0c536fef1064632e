#include "cuda/graph_evaluator.h"

#include <algorithm>
#include <cmath>

#include "cuda/activation.h"
#include "cuda/gemm.h"
#include "cuda/require.h"

namespace fleet::kernels {

void GraphEvaluator::evaluate(std::span<const float> observation, std::span<float> action) {
  require(static_cast<int>(observation.size()) == input_dim_ &&
              static_cast<int>(action.size()) == output_dim_,
          "rows of another policy");
  std::ranges::copy(observation, row(input_).values.begin());
  for (const Step& step : steps_) {
    run(step);
  }
  std::copy_n(row(output_).values.begin(), action.size(), action.begin());
}

void GraphEvaluator::evaluate(BatchView<const float> observation, BatchView<float> action) {
  require_shape("action", action, observation.num_rows(), output_dim_);
  for (int i = 0; i < observation.num_rows(); ++i) {
    evaluate(observation.row(i), action.row(i));
  }
}

template <class F>
void GraphEvaluator::map(const Step& step, F f) {
  const float* __restrict from = row(step.in[0]).values.data();
  float* __restrict to = row(step.out).values.data();
  for (int j = 0; j < row(step.out).dim; ++j) {
    to[j] = f(from[j]);
  }
}

template <class F>
void GraphEvaluator::combine(const Step& step, F f) {
  const Row& a = row(step.in[0]);
  const Row& b = row(step.in[1]);
  const float* __restrict x = a.values.data();
  const float* __restrict y = b.values.data();
  Row& out = row(step.out);
  float* __restrict to = out.values.data();
  if (a.dim == out.dim && b.dim == out.dim) {
    for (int j = 0; j < out.dim; ++j) {
      to[j] = f(x[j], y[j]);
    }
    return;
  }
  for (int j = 0; j < out.dim; ++j) {  // one of the two is a single number
    to[j] = f(x[a.dim == 1 ? 0 : j], y[b.dim == 1 ? 0 : j]);
  }
}

void GraphEvaluator::run_where(const Step& step) {
  const Row& condition = row(step.in[0]);
  const Row& yes = row(step.in[1]);
  const Row& no = row(step.in[2]);
  Row& out = row(step.out);
  const auto at = [](const Row& from, int j) {
    return from.values[static_cast<std::size_t>(from.dim == 1 ? 0 : j)];
  };
  for (int j = 0; j < out.dim; ++j) {
    out.values[static_cast<std::size_t>(j)] = at(condition, j) != 0.0F ? at(yes, j) : at(no, j);
  }
}

void GraphEvaluator::run_matrix(const Step& step) {
  const Matrix& matrix = matrices_[static_cast<std::size_t>(step.matrix)];
  Gemm g;
  g.m = 1;
  g.n = padded(matrix.out);
  g.k = matrix.in;
  g.a = row(step.in[0]).values.data();
  g.a_row_stride = matrix.in;
  g.a_k_stride = 1;
  g.b = matrix.values.data();
  g.b_stride = padded_stride(matrix.out);
  g.c = row(step.out).values.data();
  g.c_stride = padded_stride(matrix.out);
  g.bias = matrix.bias.empty() ? nullptr : matrix.bias.data();
  gemm(g);
}

void GraphEvaluator::run(const Step& step) {
  const auto activate = [&](Activation activation) {
    Row& out = row(step.out);
    std::ranges::copy(row(step.in[0]).values, out.values.begin());
    apply_activation(activation, out.values.data(), out.values.size());
  };
  switch (step.op) {
    case Op::kAbs:
      return map(step, [](float x) { return std::abs(x); });
    case Op::kSqrt:
      return map(step, [](float x) { return std::sqrt(x); });
    case Op::kIdentity:
      return map(step, [](float x) { return x; });
    case Op::kElu:
      return activate(Activation::kElu);
    case Op::kRelu:
      return activate(Activation::kRelu);
    case Op::kTanh:
      return activate(Activation::kTanh);
    case Op::kAdd:
      return combine(step, [](float x, float y) { return x + y; });
    case Op::kSub:
      return combine(step, [](float x, float y) { return x - y; });
    case Op::kMul:
      return combine(step, [](float x, float y) { return x * y; });
    case Op::kDiv:
      return combine(step, [](float x, float y) { return x / y; });
    // A NaN in x stays one, as in ONNX Runtime.
    case Op::kMin:
      return combine(step, [](float x, float y) { return y < x ? y : x; });
    case Op::kMax:
      return combine(step, [](float x, float y) { return y > x ? y : x; });
    case Op::kLessOrEqual:
      return combine(step, [](float x, float y) { return x <= y ? 1.0F : 0.0F; });
    case Op::kWhere:
      return run_where(step);
    case Op::kGemm:
    case Op::kMatMul:
      return run_matrix(step);
    case Op::kClip: {
      const float low = row(step.in[1]).values[0];
      const float high = row(step.in[2]).values[0];
      return map(step, [=](float x) { return x < low ? low : x > high ? high : x; });
    }
    case Op::kMean: {
      const Row& from = row(step.in[0]);
      double sum = 0.0;
      for (int j = 0; j < from.dim; ++j) {
        sum += static_cast<double>(from.values[static_cast<std::size_t>(j)]);
      }
      row(step.out).values[0] = static_cast<float>(sum / from.dim);
      return;
    }
  }
}

}  // namespace fleet::kernels
