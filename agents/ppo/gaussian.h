#pragma once

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

}  // namespace fleet::agents
