#pragma once

#include <algorithm>

namespace fleet::agents {

/// Returns the learning rate after a minibatch whose policy moved by `kl`, as in rsl_rl.
inline double adapt_learning_rate(double rate, double kl, double desired_kl, double lowest,
                                  double highest) {
  if (kl > 2.0 * desired_kl) {
    return std::max(lowest, rate / 1.5);
  }
  if (kl > 0.0 && kl < desired_kl / 2.0) {
    return std::min(highest, rate * 1.5);
  }
  return rate;  // also for a NaN
}

/// Returns the rate of iteration `iteration` of `num_iterations`: from `start` down to nearly 0.
inline double linear_learning_rate(double start, double iteration, double num_iterations) {
  return start * std::max(0.0, 1.0 - iteration / num_iterations);
}

}  // namespace fleet::agents
