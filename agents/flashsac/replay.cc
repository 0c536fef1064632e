#include "agents/flashsac/replay.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <string>

namespace fleet::agents::flashsac {

TransitionShape::TransitionShape(int actor_dim_in, int critic_dim_in, int action_dim_in)
    : actor_dim(actor_dim_in),
      critic_dim(critic_dim_in > 0 ? critic_dim_in : actor_dim_in),
      action_dim(action_dim_in),
      is_asymmetric(critic_dim_in > 0) {
  int end = 0;
  const auto take = [&](int count) {
    const int begin = end;
    end += count;
    return begin;
  };
  observation = take(critic_dim);
  next_observation = take(critic_dim);
  actor_observation = is_asymmetric ? take(actor_dim) : observation;
  next_actor_observation = is_asymmetric ? take(actor_dim) : next_observation;
  action = take(action_dim);
  reward = take(1);
  discount = take(1);
  size = end;
}

Replay::Replay(const TransitionShape& shape, std::int64_t capacity, const SamplerConfig& sampler)
    : shape_(shape),
      capacity_(capacity),
      sampler_(sampler),
      rows_(
          static_cast<float*>(std::calloc(static_cast<std::size_t>(capacity),
                                          static_cast<std::size_t>(shape.size) * sizeof(float)))) {
  if (rows_ == nullptr) {
    throw std::runtime_error(
        "flashsac.buffer_size: asks for more memory than there is: " +
        std::to_string(capacity * shape.size * std::int64_t{sizeof(float)} >> 20) + " MiB");
  }
}

std::span<const float> Replay::row(std::int64_t slot) const {
  const auto size = static_cast<std::size_t>(shape_.size);
  return {rows_.get() + static_cast<std::size_t>(slot) * size, size};
}

std::span<float> Replay::push() {
  const auto size = static_cast<std::size_t>(shape_.size);
  float* const to = rows_.get() + static_cast<std::size_t>(next_) * size;
  next_ = (next_ + 1) % capacity_;
  size_ = std::min(size_ + 1, capacity_);
  return {to, size};
}

std::span<const float> Replay::draw(Random& random) const {
  return sampler_.by_age ? at(draw_by_age(random)) : at(random.index(static_cast<int>(size_)));
}

/// The inverse of the distribution function of the age, which is known: the weight falls linearly
/// to its least at 0.9 horizons.
std::int64_t Replay::draw_by_age(Random& random) const {
  constexpr double kLeast = 0.1;
  const double horizon = sampler_.horizon;
  const double knee = (1.0 - kLeast) * horizon;
  const auto mass = [&](double age) {
    const double sloped = std::min(age, knee);
    return sloped - sloped * sloped / (2.0 * horizon) + kLeast * std::max(0.0, age - knee);
  };
  const double oldest = static_cast<double>(size_) / sampler_.num_rows;
  const double drawn = random.uniform() * mass(oldest);
  const double age = drawn < mass(knee) ? horizon * (1.0 - std::sqrt(1.0 - 2.0 * drawn / horizon))
                                        : knee + (drawn - mass(knee)) / kLeast;
  const auto back = static_cast<std::int64_t>(age * sampler_.num_rows);
  return size_ - 1 - std::clamp<std::int64_t>(back, 0, size_ - 1);
}

/// Not if the sizes are those of a full ring of another capacity: its order would be lost.
bool Replay::is_sound() const {
  return next_ >= 0 && next_ < capacity_ &&
         (size_ == capacity_ || (size_ >= 0 && size_ < capacity_ && next_ == size_));
}

Fields Replay::fields(const std::string& prefix) {
  const std::int64_t num_rows = is_sound() ? size_ : capacity_;  // which no unsound one has
  Fields fields = {make_field(prefix + "transitions", {num_rows, shape_.size}, rows_.get())};
  std::ranges::move(sizes(prefix), std::back_inserter(fields));
  return fields;
}

Fields Replay::sizes(const std::string& prefix) {
  return {make_field(prefix + "next", {}, &next_), make_field(prefix + "size", {}, &size_)};
}

}  // namespace fleet::agents::flashsac
