#include "agents/flashsac/reward_scale.h"

#include <algorithm>
#include <cmath>

#include "cuda/reduce.h"
#include "cuda/require.h"

namespace fleet::agents::flashsac {

RewardScale::RewardScale(int num_rows, double gamma, double max_value)
    : gamma_(gamma), max_value_(max_value), returns_(static_cast<std::size_t>(num_rows)) {}

void RewardScale::start() { std::ranges::fill(returns_, 0.0); }

void RewardScale::update(std::span<const float> reward,
                         std::span<const std::uint8_t> episode_ends) {
  constexpr double kPriorCount = 1e-4;
  require(reward.size() == returns_.size() && episode_ends.size() == returns_.size(),
          "rewards of another number of rows");
  for (std::size_t row = 0; row < returns_.size(); ++row) {
    const double before = episode_ends[row] != 0 ? 0.0 : gamma_ * returns_[row];
    returns_[row] = before + double{reward[row]};
    largest_ = std::max(largest_, std::abs(returns_[row]));
  }
  const kernels::Moments now =
      kernels::moments(returns_.size(), [&](std::size_t i) { return returns_[i]; });
  const auto size = static_cast<double>(now.count);
  const double total = count_ + size;
  const double change = now.mean - mean_;
  variance_ = (variance_ * (count_ + kPriorCount) + now.variance * size +
               change * change * count_ * size / total) /
              total;
  mean_ += change * size / total;
  count_ = total;
}

double RewardScale::divisor() const {
  return std::max(std::sqrt(variance_ + 1e-8), largest_ / max_value_);
}

Fields RewardScale::fields(const std::string& prefix) {
  return {
      make_field(prefix + "returns", {static_cast<std::int64_t>(returns_.size())}, returns_.data()),
      make_field(prefix + "mean", {}, &mean_), make_field(prefix + "variance", {}, &variance_),
      make_field(prefix + "count", {}, &count_), make_field(prefix + "largest", {}, &largest_)};
}

Fields RewardScale::statistics(const std::string& prefix) {
  return {make_field(prefix + "variance", {}, &variance_),
          make_field(prefix + "largest", {}, &largest_)};
}

}  // namespace fleet::agents::flashsac
