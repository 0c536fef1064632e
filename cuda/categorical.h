#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include "cuda/lanes.h"

// A distribution over returns: probabilities on evenly spaced atoms (Bellemare et al., 2017).

namespace fleet::kernels {

/// Evenly spaced atoms on [low, high].
template <typename T>
struct Atoms {
  Atoms(int num_atoms, double low_in, double high_in)
      : low(static_cast<T>(low_in)),
        high(static_cast<T>(high_in)),
        spacing(static_cast<T>((high_in - low_in) / (num_atoms - 1))),
        value(static_cast<std::size_t>(num_atoms)),
        exact(value.size()) {
    const auto step = static_cast<float>((high_in - low_in) / (num_atoms - 1));
    for (int k = 0; k < num_atoms; ++k) {
      const auto at = static_cast<std::size_t>(k);
      exact[at] = static_cast<T>(low_in + (high_in - low_in) * k / (num_atoms - 1));
      value[at] =
          k < num_atoms / 2  // from both ends, as torch.linspace
              ? std::fma(step, static_cast<float>(k), static_cast<float>(low_in))
              : std::fma(-step, static_cast<float>(num_atoms - 1 - k), static_cast<float>(high_in));
    }
  }

  int size() const { return static_cast<int>(value.size()); }

  T low, high, spacing;
  std::vector<T> value;  ///< for expectations; rounded to float in double too, as FlashSAC's are
  std::vector<T> exact;  ///< for the target's projection
};

/// x becomes exp(x - shift); returns the sum, in order.
template <typename T>
T exponentiate(std::span<T> x, T shift) {
  std::size_t i = 0;
  if constexpr (std::is_same_v<T, float>) {
    for (; i + kLanes <= x.size(); i += kLanes) {
      store(x.data() + i, exp(load(x.data() + i) - shift));
    }
  }
  for (; i < x.size(); ++i) {
    x[i] = std::exp(x[i] - shift);
  }
  T sum{0};
  for (const T p : x) {
    sum += p;
  }
  return sum;
}

/// probability = softmax(logit); returns log of the sum of exp(logit).
template <typename T>
T softmax(std::span<const T> logit, std::span<T> probability) {
  T largest = logit[0];
  for (const T x : logit) {
    largest = x > largest ? x : largest;
  }
  std::copy(logit.begin(), logit.end(), probability.begin());
  const T sum = exponentiate(probability, largest);
  for (T& p : probability) {
    p /= sum;
  }
  return largest + std::log(sum);
}

template <typename T>
T expectation(std::span<const T> probability, const Atoms<T>& atoms) {
  T sum{0};
  for (std::size_t k = 0; k < probability.size(); ++k) {
    sum += probability[k] * atoms.value[k];
  }
  return sum;
}

/// The distribution of reward + discount * (z - entropy_cost), z distributed as `probability`, back
/// on the atoms: each atom's share goes to its two neighbours. Conserves the mass.
/// @returns the mass that the ends of the support cut off
template <typename T>
T project(std::span<const T> probability, T reward, T discount, T entropy_cost,
          const Atoms<T>& atoms, std::span<T> target) {
  std::fill(target.begin(), target.end(), T{0});
  const auto last = target.size() - 1;
  T clamped{0};
  for (std::size_t k = 0; k < target.size(); ++k) {
    const T z = reward + discount * (atoms.exact[k] - entropy_cost);
    const T inside = std::clamp(z, atoms.low, atoms.high);
    clamped += z != inside ? probability[k] : T{0};
    const T position = (inside - atoms.low) / atoms.spacing;
    const T lower = std::min(std::floor(position), static_cast<T>(last));
    if (!(lower >= T{0})) {  // not a number: as is the loss, which will be refused
      target[0] = lower;
      return lower;
    }
    const auto l = static_cast<std::size_t>(lower);
    const T share = position - lower;
    target[l] += probability[k] * (T{1} - share);
    target[std::min(l + 1, last)] += probability[k] * share;
  }
  return clamped;
}

}  // namespace fleet::kernels
