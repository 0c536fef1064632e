#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cuda/field.h"

namespace fleet::agents::flashsac {

/// The number that rewards are divided by, so that discounted returns keep within +-max_value: the
/// larger of their standard deviation and their largest size over max_value, as met in collection.
class RewardScale {
 public:
  RewardScale(int num_rows, double gamma, double max_value);

  /// Episodes start anew; what was learnt of rewards stays.
  void start();

  /// Follows one env step. As the authors do, a return that ends leaves its last reward behind as
  /// the beginning of the next.
  /// @param reward (num_rows) finite  @param episode_ends (num_rows) 0 or 1
  void update(std::span<const float> reward, std::span<const std::uint8_t> episode_ends);

  double divisor() const;

  Fields fields(const std::string& prefix);
  /// Those of fields() that divisor() needs.
  Fields statistics(const std::string& prefix);

 private:
  double gamma_, max_value_;
  std::vector<double> returns_;  // (num_rows) discounted, of the episode so far
  double mean_ = 0.0, variance_ = 1.0, count_ = 0.0;
  double largest_ = 0.0;
};

}  // namespace fleet::agents::flashsac
