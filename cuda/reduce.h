#pragma once

#include <cstddef>
#include <span>

// Sums in an order that depends on nothing but their length: the same bits on any number of
// threads, with any vector width. Pairwise, in double.

namespace fleet::kernels {

/// Returns the sum of term(i) for i in [first, first + count).
template <typename Term>
double pairwise_sum(std::size_t first, std::size_t count, const Term& term) {
  constexpr std::size_t kWidth = 8;  // partial sums of a leaf
  constexpr std::size_t kLeaf = 256;
  if (count > kLeaf) {
    const std::size_t half = (count / 2 + kWidth - 1) / kWidth * kWidth;
    return pairwise_sum(first, half, term) + pairwise_sum(first + half, count - half, term);
  }
  double partial[kWidth] = {};
  std::size_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    for (std::size_t lane = 0; lane < kWidth; ++lane) {
      partial[lane] += static_cast<double>(term(first + i + lane));
    }
  }
  for (std::size_t lane = 0; i < count; ++i, ++lane) {
    partial[lane] += static_cast<double>(term(first + i));
  }
  return ((partial[0] + partial[4]) + (partial[1] + partial[5])) +
         ((partial[2] + partial[6]) + (partial[3] + partial[7]));
}

inline double sum(std::span<const float> x) {
  return pairwise_sum(0, x.size(), [&](std::size_t i) { return x[i]; });
}

inline double sum_of_squares(std::span<const float> x) {
  return pairwise_sum(0, x.size(), [&](std::size_t i) { return double{x[i]} * double{x[i]}; });
}

struct Moments {
  double mean = 0.0;
  double variance = 0.0;  ///< about the mean, divided by the count
  std::size_t count = 0;

  /// Divided by count - 1; 0 for fewer than two samples.
  double unbiased_variance() const {
    const auto n = static_cast<double>(count);
    return count < 2 ? 0.0 : variance * (n / (n - 1.0));
  }
};

/// Mean and variance of term(i) for i in [0, count), in two passes; zeros for none.
template <typename Term>
Moments moments(std::size_t count, const Term& term) {
  if (count == 0) {
    return {};
  }
  const auto n = static_cast<double>(count);
  const double mean = pairwise_sum(0, count, term) / n;
  const double squares = pairwise_sum(0, count, [&](std::size_t i) {
    const double deviation = static_cast<double>(term(i)) - mean;
    return deviation * deviation;
  });
  return {.mean = mean, .variance = squares / n, .count = count};
}

inline Moments moments(std::span<const float> x) {
  return moments(x.size(), [&](std::size_t i) { return x[i]; });
}

}  // namespace fleet::kernels
