#include "agents/flashsac/exploration.h"

namespace fleet::agents::flashsac {

Exploration::Exploration(std::uint64_t seed, int first_row, int max_repeat)
    : seed_(seed), first_row_(first_row), max_repeat_(max_repeat) {}

Random Exploration::random(int row, Kind kind, std::uint64_t count) const {
  return {seed_, static_cast<std::uint32_t>(first_row_ + row),
          kind + 4U * static_cast<std::uint32_t>(count >> 32U), static_cast<std::uint32_t>(count),
          static_cast<std::uint32_t>(Purpose::kPolicy)};
}

void Exploration::advance() {
  ++num_steps_;
  if (num_left_ == 0) {
    ++num_renewals_;
    num_left_ = draw_repeat();
  }
  --num_left_;
}

std::int64_t Exploration::draw_repeat() const {
  double total = 0.0;
  for (int n = 1; n <= max_repeat_; ++n) {
    total += 1.0 / (static_cast<double>(n) * n);
  }
  double left = random(-first_row_, kRepeat, num_renewals_).uniform() * total;
  for (int n = 1; n <= max_repeat_; ++n) {
    left -= 1.0 / (static_cast<double>(n) * n);
    if (left < 0.0) {
      return n;
    }
  }
  return 1;
}

void Exploration::draw_uniform(int row, std::span<float> action) const {
  Random draws = random(row, kUniform, num_steps_);
  for (float& x : action) {
    x = static_cast<float>(draws.uniform(-1.0, 1.0));
  }
}

void Exploration::draw_normal(int row, std::span<float> noise) const {
  Random draws = random(row, kNormal, num_renewals_);
  for (float& x : noise) {
    x = static_cast<float>(draws.normal());
  }
}

Fields Exploration::fields(const std::string& prefix) {
  return {make_field(prefix + "num_steps", {}, &num_steps_),
          make_field(prefix + "num_renewals", {}, &num_renewals_),
          make_field(prefix + "num_left", {}, &num_left_)};
}

}  // namespace fleet::agents::flashsac
