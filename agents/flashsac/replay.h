#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "cuda/field.h"
#include "cuda/philox.h"

namespace fleet::agents::flashsac {

/// Where the parts of a transition lie in its row, in floats.
struct TransitionShape {
  /// @param critic_dim 0: the critic sees what the actor sees
  TransitionShape(int actor_dim, int critic_dim, int action_dim);

  int actor_dim, critic_dim, action_dim;
  bool is_asymmetric;
  int observation, next_observation;              ///< the critic's
  int actor_observation, next_actor_observation;  ///< the same places where it is symmetric
  int action;                                     ///< u in [-1, 1]
  int reward;                                     ///< over the window, discounted, not scaled
  int discount;  ///< of what follows the window; 0: the task was over
  int size;
};

/// How transitions are drawn.
struct SamplerConfig {
  bool by_age = false;   ///< weight max(0.1, 1 - age / horizon) instead of equal ones
  double horizon = 1.0;  ///< in env steps
  int num_rows = 1;      ///< transitions per env step: what turns a place into an age
};

/// A ring of transitions, each in one piece. Memory is taken from the system as it fills.
class Replay {
 public:
  /// @throws std::runtime_error if there is not so much memory
  Replay(const TransitionShape& shape, std::int64_t capacity, const SamplerConfig& sampler);

  const TransitionShape& shape() const { return shape_; }
  std::int64_t size() const { return size_; }
  void clear() { size_ = next_ = 0; }

  /// The row to write a new transition into; the oldest goes.
  std::span<float> push();
  /// 0 for the oldest that is kept, size() - 1 for the newest.
  std::span<const float> at(std::int64_t index) const { return row((first() + index) % capacity_); }

  /// Draws one of those that are kept, with replacement. @param random a stream of its own per draw
  std::span<const float> draw(Random& random) const;

  /// Only the rows in use. Their number is that of sizes(), which a restore reads first.
  Fields fields(const std::string& prefix);
  Fields sizes(const std::string& prefix);

 private:
  bool is_sound() const;
  std::int64_t first() const { return size_ < capacity_ ? 0 : next_; }
  std::span<const float> row(std::int64_t slot) const;
  std::int64_t draw_by_age(Random& random) const;

  TransitionShape shape_;
  std::int64_t capacity_;
  SamplerConfig sampler_;
  struct Free {
    void operator()(float* rows) const { std::free(rows); }
  };
  std::unique_ptr<float[], Free> rows_;  // (capacity, shape.size)
  std::int64_t next_ = 0;                // slot that the next one goes to
  std::int64_t size_ = 0;
};

}  // namespace fleet::agents::flashsac
