#pragma once

#include <cmath>
#include <cstddef>
#include <span>

// A diagonal Gaussian over actions whose standard deviation does not depend on the state. What
// depends on it alone is computed once per minibatch.

namespace fleet::agents {

inline constexpr double kLogTwoPi = 1.8378770664093453;

/// Returns the log density of the sample mean + std * noise.
inline double gaussian_log_prob(std::span<const float> noise, std::span<const float> log_std) {
  double sum = 0.0;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    sum -= 0.5 * double{noise[i]} * double{noise[i]} + double{log_std[i]} + 0.5 * kLogTwoPi;
  }
  return sum;
}

/// Returns the entropy, in nats.
inline double gaussian_entropy(std::span<const float> log_std) {
  double sum = 0.0;
  for (const float x : log_std) {
    sum += double{x} + 0.5 * (1.0 + kLogTwoPi);
  }
  return sum;
}

/// Returns KL(old || new) = sum of ln(s_n / s_o) + (s_o^2 + (m_o - m_n)^2) / (2 s_n^2) - 1/2.
inline double gaussian_kl(std::span<const float> old_mean, std::span<const float> old_log_std,
                          std::span<const float> mean, std::span<const float> log_std) {
  double sum = 0.0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double old_std = std::exp(double{old_log_std[i]});
    const double std = std::exp(double{log_std[i]});
    const double distance = double{old_mean[i]} - double{mean[i]};
    sum += double{log_std[i]} - double{old_log_std[i]} +
           (old_std * old_std + distance * distance) / (2.0 * std * std) - 0.5;
  }
  return sum;
}

}  // namespace fleet::agents
