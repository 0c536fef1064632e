#pragma once

#include <cmath>
#include <numbers>

namespace fleet::agents::flashsac {

/// Where the logarithm of the standard deviation may lie.
struct LogStdRange {
  double low = -10.0;
  double high = 2.0;
};

/// One component of a tanh-squashed Gaussian policy: u = mean + std * noise, action = tanh(u).
template <typename T>
struct SquashedSample {
  T action, std, log_prob, squash;  // squash: tanh of the raw log std

  SquashedSample(T mean, T raw, T noise, const LogStdRange& range) {
    squash = std::tanh(raw);
    const T half = static_cast<T>(0.5 * (range.high - range.low));
    const T log_std = static_cast<T>(range.low) + half * (T{1} + squash);
    std = std::exp(log_std);
    const T u = mean + std * noise;
    action = std::tanh(u);
    // log(1 - tanh(u)^2) = 2 (ln 2 - u - softplus(-2 u)), exact for any u.
    const T log_jacobian = T{2} * (std::numbers::ln2_v<T> - u - softplus(T{-2} * u));
    constexpr T kHalfLogTwoPi = static_cast<T>(0.91893853320467274178);
    log_prob = -noise * noise / T{2} - log_std - kHalfLogTwoPi - log_jacobian;
  }

  /// Gradients of log_prob_weight * log_prob + action_slope * action for the noise as drawn.
  struct Gradient {
    T mean, raw;
  };
  Gradient gradient(T log_prob_weight, T action_slope, T noise, const LogStdRange& range) const {
    const T half = static_cast<T>(0.5 * (range.high - range.low));
    const T du = log_prob_weight * T{2} * action + action_slope * (T{1} - action * action);
    const T dlog_std = du * std * noise - log_prob_weight;
    return {du, dlog_std * half * (T{1} - squash * squash)};
  }

 private:
  static T softplus(T x) {
    return x > T{0} ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  }
};

/// The entropy of a Gaussian of that standard deviation, per component.
inline double gaussian_entropy(double sigma) {
  return 0.5 * std::log(2.0 * std::numbers::pi * std::numbers::e * sigma * sigma);
}

}  // namespace fleet::agents::flashsac
