#include "agents/initialise.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "cuda/philox.h"
#include "cuda/require.h"

namespace fleet::agents {
namespace {

Random random_of(std::uint64_t seed, int network, int layer) {
  return {seed, static_cast<std::uint32_t>(network), 0, static_cast<std::uint32_t>(layer),
          static_cast<std::uint32_t>(Purpose::kInitialise)};
}

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += a[i] * b[i];
  }
  return sum;
}

/// `count` orthonormal vectors of `size` >= count components, uniformly distributed.
std::vector<Vector> orthonormal(int count, int size, Random& random) {
  std::vector<Vector> basis;
  while (static_cast<int>(basis.size()) < count) {
    Vector v(static_cast<std::size_t>(size));
    std::ranges::generate(v, [&] { return random.normal(); });
    for (int pass = 0; pass < 2; ++pass) {  // Gram and Schmidt; twice is enough
      for (const Vector& other : basis) {
        const double overlap = dot(v, other);
        for (std::size_t i = 0; i < v.size(); ++i) {
          v[i] -= overlap * other[i];
        }
      }
    }
    const double norm = std::sqrt(dot(v, v));
    for (double& x : v) {
      x /= norm;
    }
    basis.push_back(std::move(v));
  }
  return basis;
}

}  // namespace

void initialise_uniform(const kernels::MlpShape& shape, std::uint64_t seed, int network,
                        std::span<float> parameters) {
  require(parameters.size() == shape.num_parameters(), "parameters of another network");
  for (int layer = 0; layer < shape.num_layers(); ++layer) {
    Random random = random_of(seed, network, layer);
    const double bound = 1.0 / std::sqrt(shape.in(layer));
    for (std::size_t i = shape.weight_offset(layer); i < shape.weight_offset(layer + 1); ++i) {
      parameters[i] = static_cast<float>(random.uniform(-bound, bound));
    }
  }
}

void initialise_orthogonal(const kernels::MlpShape& shape, std::uint64_t seed, int network,
                           double last_gain, std::span<float> parameters) {
  require(parameters.size() == shape.num_parameters(), "parameters of another network");
  std::ranges::fill(parameters, 0.0F);
  for (int layer = 0; layer < shape.num_layers(); ++layer) {
    Random random = random_of(seed, network, layer);
    const int in = shape.in(layer);
    const int out = shape.out(layer);
    const double gain = layer + 1 == shape.num_layers() ? last_gain : std::numbers::sqrt2;
    const auto basis = orthonormal(std::min(in, out), std::max(in, out), random);
    float* weight = parameters.data() + shape.weight_offset(layer);
    for (int row = 0; row < out; ++row) {
      for (int column = 0; column < in; ++column) {
        const int vector = out <= in ? row : column;
        const int component = out <= in ? column : row;
        weight[row * in + column] = static_cast<float>(
            gain * basis[static_cast<std::size_t>(vector)][static_cast<std::size_t>(component)]);
      }
    }
  }
}

}  // namespace fleet::agents
