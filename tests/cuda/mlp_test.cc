// Tests for cuda/mlp.h, cuda/gemm.h and cuda/activation.h, against plain loops in double.

#include "cuda/mlp.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/activation.h"
#include "cuda/gemm.h"
#include "cuda/lanes.h"
#include "cuda/philox.h"

namespace fleet::kernels {
namespace {

std::vector<float> normals(std::size_t count, std::uint32_t stream, double scale = 1.0) {
  Random random(1, stream, 0, 0, 0);
  std::vector<float> x(count);
  for (float& value : x) {
    value = static_cast<float>(scale * random.normal());
  }
  return x;
}

double activate(Activation activation, double x) {
  switch (activation) {
    case Activation::kElu:
      return x > 0.0 ? x : std::expm1(x);
    case Activation::kTanh:
      return std::tanh(x);
    default:
      return std::max(0.0, x);
  }
}

/// One row through the network.
std::vector<double> reference(const MlpShape& shape, const std::vector<double>& parameters,
                              std::vector<double> row) {
  for (int layer = 0; layer < shape.num_layers(); ++layer) {
    std::vector<double> next;
    for (int out = 0; out < shape.out(layer); ++out) {
      double sum = parameters[shape.bias_offset(layer) + static_cast<std::size_t>(out)];
      for (int in = 0; in < shape.in(layer); ++in) {
        sum += row[static_cast<std::size_t>(in)] *
               parameters[shape.weight_offset(layer) +
                          static_cast<std::size_t>(out * shape.in(layer) + in)];
      }
      next.push_back(layer + 1 < shape.num_layers() ? activate(shape.activation, sum) : sum);
    }
    row = next;
  }
  return row;
}

std::vector<double> widened(std::span<const float> x) { return {x.begin(), x.end()}; }

struct Case {
  MlpShape shape;
  std::vector<float> parameters;
  std::vector<float> input;  // (kChunkRows, input_dim)
  Mlp mlp;
  MlpWorkspace work;

  explicit Case(Activation activation)
      : shape{.widths = {7, 33, 19, 5}, .activation = activation},
        parameters(normals(shape.num_parameters(), 1, 0.3)),
        input(normals(static_cast<std::size_t>(kChunkRows * 7), 2)),
        mlp(shape),
        work(shape) {
    mlp.load(parameters);
  }

  std::span<const float> input_row(int row) const {
    return std::span(input).subspan(static_cast<std::size_t>(row * 7), 7);
  }
  void forward(int num_rows) {
    for (int row = 0; row < num_rows; ++row) {
      std::ranges::copy(input_row(row), work.input(row));
    }
    mlp.forward(num_rows, work);
  }
};

class MlpTest : public testing::TestWithParam<Activation> {};
INSTANTIATE_TEST_SUITE_P(Activations, MlpTest,
                         testing::Values(Activation::kElu, Activation::kTanh, Activation::kRelu));

TEST_P(MlpTest, ForwardIsTheFormula) {
  Case c(GetParam());
  c.forward(kChunkRows);
  for (int row = 0; row < kChunkRows; ++row) {
    const auto expected = reference(c.shape, widened(c.parameters), widened(c.input_row(row)));
    for (std::size_t j = 0; j < expected.size(); ++j) {
      ASSERT_NEAR(c.work.output(row)[j], expected[j], 1e-5) << row;
    }
  }
}

TEST_P(MlpTest, RowDoesNotDependOnItsCompany) {
  Case all(GetParam());
  all.forward(kChunkRows);
  for (const int row : {0, 1, 5, 6, 95}) {
    Case alone(GetParam());
    std::ranges::copy(all.input_row(row), alone.work.input(0));
    alone.mlp.forward(1, alone.work);
    for (int j = 0; j < 5; ++j) {
      ASSERT_EQ(alone.work.output(0)[j], all.work.output(row)[j]);
    }
  }
}

// loss = sum over rows and outputs of weight * output; its derivative by central differences of the
// reference in double is exact to about 1e-9, apart from a kink.
TEST_P(MlpTest, BackwardIsTheDerivative) {
  constexpr int kRows = 13;
  Case c(GetParam());
  c.forward(kRows);
  const std::vector<float> weight = normals(kRows * 5, 3);
  for (int row = 0; row < kRows; ++row) {
    std::copy_n(weight.data() + row * 5, 5, c.work.output_gradient(row));
  }
  std::vector<float> gradient(c.mlp.gradient_size());
  c.mlp.backward(kRows, c.work, gradient);

  const auto loss = [&](const std::vector<double>& parameters) {
    double sum = 0.0;
    for (int row = 0; row < kRows; ++row) {
      const auto output = reference(c.shape, parameters, widened(c.input_row(row)));
      for (std::size_t j = 0; j < output.size(); ++j) {
        sum += output[j] * double{weight[static_cast<std::size_t>(row * 5) + j]};
      }
    }
    return sum;
  };
  std::vector<double> parameters = widened(c.parameters);
  for (const Mlp::Row& row : c.mlp.rows()) {
    for (std::size_t j = 0; j < static_cast<std::size_t>(row.size); j += 3) {
      double& parameter = parameters[row.parameter + j];
      const double middle = parameter;
      parameter = middle + 1e-5;
      const double above = loss(parameters);
      parameter = middle - 1e-5;
      const double below = loss(parameters);
      parameter = middle;
      ASSERT_NEAR(gradient[row.gradient + j], (above - below) / 2e-5, 2e-4);
    }
  }
}

TEST_P(MlpTest, GradientsAddUp) {
  Case c(GetParam());
  c.forward(6);
  std::vector<float> once(c.mlp.gradient_size());
  std::vector<float> twice(c.mlp.gradient_size());
  for (std::vector<float>* gradient : {&once, &twice, &twice}) {
    for (int row = 0; row < 6; ++row) {
      std::fill_n(c.work.output_gradient(row), 5, 1.0F);
    }
    c.mlp.backward(6, c.work, *gradient);
  }
  for (const Mlp::Row& row : c.mlp.rows()) {
    for (std::size_t i = row.gradient; i < row.gradient + static_cast<std::size_t>(row.size); ++i) {
      ASSERT_NEAR(twice[i], 2.0F * once[i], 1e-4F);
    }
  }
}

TEST_P(MlpTest, NanStaysVisible) {
  Case c(GetParam());
  c.forward(2);
  c.work.input(1)[3] = std::numeric_limits<float>::quiet_NaN();
  c.mlp.forward(2, c.work);
  EXPECT_TRUE(std::isfinite(c.work.output(0)[0]));
  EXPECT_TRUE(std::isnan(c.work.output(1)[0]));
}

TEST(MlpShapeTest, RowsCoverEveryParameterOnce) {
  const Mlp mlp({.widths = {3, 17, 2}});
  std::vector<int> covered(mlp.shape().num_parameters());
  for (const Mlp::Row& row : mlp.rows()) {
    for (std::size_t j = 0; j < static_cast<std::size_t>(row.size); ++j) {
      ++covered[row.parameter + j];
    }
  }
  EXPECT_EQ(covered, std::vector<int>(3 * 17 + 17 + 17 * 2 + 2, 1));
}

TEST(LanesTest, ExpIsAccurate) {
  for (double x = -87.0; x < 88.0; x += 0.0137) {
    const auto value = static_cast<float>(x);
    const float actual = exp(broadcast(value))[0];
    const double expected = std::exp(double{value});
    ASSERT_NEAR(actual / expected, 1.0, 2.5e-7) << x;
  }
}

TEST(LanesTest, ExpIsClampedAndKeepsNan) {
  const auto of = [](float x) { return exp(broadcast(x))[0]; };
  EXPECT_TRUE(std::isfinite(of(1e30F)));
  EXPECT_LT(of(-std::numeric_limits<float>::infinity()), 1e-37F);
  EXPECT_TRUE(std::isnan(of(std::numeric_limits<float>::quiet_NaN())));
}

TEST(GemmTest, MatchesALoopOfFusedMultiplyAddsBitForBit) {
  for (const int m : {1, 2, 5, 6, 7, 13}) {
    for (const int n : {16, 32, 48, 64, 80, 112}) {
      const int k = 29;
      const std::vector<float> a = normals(static_cast<std::size_t>(m * k), 1);
      const std::vector<float> b = normals(static_cast<std::size_t>(k * n), 2);
      const std::vector<float> bias = normals(static_cast<std::size_t>(n), 3);
      std::vector<float> c(static_cast<std::size_t>(m * n));
      gemm({.m = m,
            .n = n,
            .k = k,
            .a = a.data(),
            .a_row_stride = k,
            .a_k_stride = 1,
            .b = b.data(),
            .b_stride = n,
            .c = c.data(),
            .c_stride = n,
            .bias = bias.data()});
      for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) {
          float expected = bias[static_cast<std::size_t>(j)];
          for (int p = 0; p < k; ++p) {
            expected = std::fma(a[static_cast<std::size_t>(i * k + p)],
                                b[static_cast<std::size_t>(p * n + j)], expected);
          }
          ASSERT_EQ(c[static_cast<std::size_t>(i * n + j)], expected);
        }
      }
    }
  }
}

}  // namespace
}  // namespace fleet::kernels
