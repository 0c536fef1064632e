#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "cuda/host_device.h"

namespace fleet {

/// What random numbers are drawn for. A purpose has a stream of its own, so that adding a draw for
/// one never shifts another. Values are part of what a seed means: append, never renumber.
enum class Purpose : std::uint32_t {
  kStartup = 1,        ///< per env, once for the whole run: randomised model fields
  kReset = 2,          ///< start state of an episode
  kCommand = 3,        ///< command resampling
  kPush = 4,           ///< disturbances
  kObservation = 5,    ///< observation noise
  kDelay = 6,          ///< actuation and observation delays
  kPolicy = 7,         ///< exploration noise of an agent
  kShuffle = 8,        ///< minibatch permutations
  kInitialise = 9,     ///< network weights
  kReplay = 10,        ///< which transitions an update learns from
  kPolicyUpdate = 11,  ///< noise of the actions that a policy learns from
  kTargetAction = 12,  ///< noise of the next actions that a critic's target looks at
  kOpponent = 13,      ///< which earlier generation a learner meets in an episode
  kEvaluation = 16,    ///< added to every purpose of an env that evaluates
};

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
FLEET_HD inline std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                    std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32U) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32U) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
  }
  return counter;
}

/// The draws of one (env, episode, step, purpose), in order. What is drawn in one env depends on
/// neither the number of envs nor the order in which threads visit them.
class Random {
 public:
  FLEET_HD Random(std::uint64_t seed, std::uint32_t env, std::uint32_t episode, std::uint32_t step,
                  std::uint32_t purpose)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)},
        counter_{env, episode, step, purpose << 24U} {}

  FLEET_HD std::uint32_t bits() {
    if (used_ == 4) {
      block_ = philox(counter_, key_);
      ++counter_[3];
      used_ = 0;
    }
    return block_[static_cast<std::size_t>(used_++)];
  }

  /// In [0, 1), a multiple of 2^-32.
  FLEET_HD double uniform() { return bits() * 0x1p-32; }

  /// In [low, high].
  FLEET_HD double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// exp of a uniform number in [ln low, ln high]; low > 0.
  FLEET_HD double log_uniform(double low, double high) {
    return std::exp(uniform(std::log(low), std::log(high)));
  }

  FLEET_HD bool bernoulli(double probability) { return uniform() < probability; }

  /// In {0, ..., n - 1}; n > 0. Bias below n / 2^32.
  FLEET_HD int index(int n) {
    return static_cast<int>((std::uint64_t{bits()} * static_cast<std::uint32_t>(n)) >> 32U);
  }

  /// Standard normal, by Box and Muller; two draws of bits each, the sine half is not kept.
  FLEET_HD double normal() {
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2.0 * std::log((bits() + 1.0) * 0x1p-32));
    return radius * std::cos(kTwoPi * uniform());
  }

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
};

}  // namespace fleet
