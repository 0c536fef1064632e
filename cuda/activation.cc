#include "cuda/activation.h"

#include "cuda/lanes.h"

namespace fleet::kernels {
namespace {

Lanes elu(Lanes x) { return x > 0.0F ? x : exp(x) - 1.0F; }
Lanes elu_slope(Lanes y) { return y > 0.0F ? broadcast(1.0F) : y + 1.0F; }

Lanes relu(Lanes x) { return x < 0.0F ? Lanes{} : x; }  // NaN stays NaN
Lanes relu_slope(Lanes y) { return y > 0.0F ? broadcast(1.0F) : Lanes{}; }

Lanes tanh(Lanes x) {
  // For small |x| the quotient cancels: an odd series instead, exact to a float below 1/4.
  const Lanes s = x * x;
  const Lanes series =
      x * fma(s,
              fma(s,
                  fma(s, fma(s, broadcast(62.0F / 2835.0F), broadcast(-17.0F / 315.0F)),
                      broadcast(2.0F / 15.0F)),
                  broadcast(-1.0F / 3.0F)),
              broadcast(1.0F));
  const Lanes quotient = 1.0F - 2.0F / (exp(2.0F * x) + 1.0F);
  return s < 0.0625F ? series : quotient;
}
Lanes tanh_slope(Lanes y) { return 1.0F - y * y; }

template <typename Function>
void map(float* x, std::size_t size, Function function) {
  for (std::size_t i = 0; i < size; i += kLanes) {
    store(x + i, function(load(x + i)));
  }
}

template <typename Slope>
void multiply(const float* y, float* gradient, std::size_t size, Slope slope) {
  for (std::size_t i = 0; i < size; i += kLanes) {
    store(gradient + i, load(gradient + i) * slope(load(y + i)));
  }
}

}  // namespace

void apply_activation(Activation activation, float* x, std::size_t size) {
  switch (activation) {
    case Activation::kElu:
      return map(x, size, [](Lanes v) { return elu(v); });
    case Activation::kTanh:
      return map(x, size, [](Lanes v) { return tanh(v); });
    case Activation::kRelu:
      return map(x, size, [](Lanes v) { return relu(v); });
  }
}

void apply_activation_gradient(Activation activation, const float* y, float* gradient,
                               std::size_t size) {
  switch (activation) {
    case Activation::kElu:
      return multiply(y, gradient, size, [](Lanes v) { return elu_slope(v); });
    case Activation::kTanh:
      return multiply(y, gradient, size, [](Lanes v) { return tanh_slope(v); });
    case Activation::kRelu:
      return multiply(y, gradient, size, [](Lanes v) { return relu_slope(v); });
  }
}

}  // namespace fleet::kernels
