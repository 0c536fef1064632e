#pragma once

#include <array>
#include <vector>

#include "agents/agent.h"
#include "agents/self_play/row_actor.h"
#include "envs/batch_env.h"

namespace fleet::agents {

/// Lets two policies play the two teams of a match against each other.
class SidesActor {
 public:
  /// @param first_swapped from this env on, home is team 1; kNever: in none
  explicit SidesActor(const envs::EnvSpec& match, int first_swapped = kNever);

  /// Whether home is team 1 in an env.
  bool is_swapped(int env) const { return env >= first_swapped_; }

  /// @param observation (num_rows, dim)  @param action (num_rows, action_dim)
  void act(const Agent& home, const Agent& away, BatchView<const float> observation,
           BatchView<float> action);

  static constexpr int kNever = 1 << 30;

 private:
  int first_swapped_;
  std::array<std::vector<int>, 2> rows_;  // of home, of away
  RowActor actor_;
};

}  // namespace fleet::agents
