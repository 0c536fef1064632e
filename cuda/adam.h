#pragma once

#include <cmath>
#include <cstdint>
#include <span>

namespace fleet::kernels {

struct AdamConfig {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// The factors of one step of Adam (Kingma and Ba, 2015), the same for all parameters.
template <typename T>
struct AdamStepOf {
  T beta1, beta2, step_size, inverse_root_correction2, epsilon;

  /// @param step 1 for the first
  AdamStepOf(const AdamConfig& config, double learning_rate, std::int64_t step)
      : beta1(static_cast<T>(config.beta1)),
        beta2(static_cast<T>(config.beta2)),
        step_size(static_cast<T>(learning_rate /
                                 (1.0 - std::pow(config.beta1, static_cast<double>(step))))),
        inverse_root_correction2(static_cast<T>(
            1.0 / std::sqrt(1.0 - std::pow(config.beta2, static_cast<double>(step))))),
        epsilon(static_cast<T>(config.epsilon)) {}

  /// Moves `parameter` along gradient * gradient_scale; `mean` and `square` are its moments.
  void apply(std::span<T> parameter, std::span<const T> gradient, T gradient_scale,
             std::span<T> mean, std::span<T> square) const {
    for (std::size_t i = 0; i < parameter.size(); ++i) {
      const T g = gradient[i] * gradient_scale;
      mean[i] += (T{1} - beta1) * (g - mean[i]);
      square[i] = beta2 * square[i] + (T{1} - beta2) * (g * g);
      parameter[i] -=
          step_size * mean[i] / (std::sqrt(square[i]) * inverse_root_correction2 + epsilon);
    }
  }
};

using AdamStep = AdamStepOf<float>;

}  // namespace fleet::kernels
