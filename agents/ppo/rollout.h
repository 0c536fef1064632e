#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cuda/aligned_vector.h"
#include "cuda/field.h"
#include "envs/batch_env.h"

namespace fleet::agents {

/// What an iteration of PPO collects, time-major: sample `step * num_rows + row`.
///
/// Observations are raw. Row `num_steps` of them and of `value` is what follows the last step; row
/// 0 is what to act on next when an iteration starts.
class Rollout {
 public:
  /// @param num_stored_groups of the first observation groups all steps are kept
  Rollout(const envs::EnvSpec& spec, int num_steps, int num_stored_groups);

  int num_samples() const { return num_steps * num_rows; }

  /// Views of observation group `group`.
  BatchView<float> observation(int group, int step);
  std::span<const float> observation(int group, int step, int row) const;
  std::span<const float> sample_observation(int group, int sample) const;
  BatchView<float> final_observation(int group);

  BatchView<float> steps(AlignedVector<float>& field) {
    return {field.data(), num_steps, num_rows};
  }
  std::span<float> rows(AlignedVector<float>& field, int step);
  std::span<float> row(AlignedVector<float>& field, int step, int row);  ///< of action and mean
  std::span<std::uint8_t> terminated_rows(int step);
  std::span<std::uint8_t> truncated_envs(int step);

  /// Where env.step() writes what step `step` leads to. Valid until the next call.
  const envs::StepBuffers& step_buffers(int step);
  /// Where env.reset() writes.
  const envs::StepBuffers& reset_buffers();

  /// Makes the last observation the first one of the next rollout; where an option goes on, the
  /// decision that began it.
  void carry_over();

  /// No option is under way.
  void forget_options();

  /// Whether what a row is to do at a step is asked for, and has not been decided yet.
  bool asks(int step, int row) const;

  Fields fields();  ///< the observations to act on next, and options under way

  int num_steps, num_envs, num_rows, num_players;
  int first_row;  // global index of row 0
  int action_dim;
  AlignedVector<float> action;           // (num_samples, action_dim) as drawn, unclipped
  AlignedVector<float> mean;             // (num_samples, action_dim) of the policy
  AlignedVector<float> log_prob;         // (num_samples) of `action`
  AlignedVector<float> reward;           // (num_samples)
  AlignedVector<float> value;            // (num_samples + num_rows)
  AlignedVector<float> next_value;       // (num_samples)
  AlignedVector<float> advantage;        // (num_samples)
  AlignedVector<float> value_target;     // (num_samples)
  AlignedVector<float> log_std;          // (action_dim) of the whole rollout
  std::vector<std::uint8_t> terminated;  // (num_steps, num_rows)
  std::vector<std::uint8_t> truncated;   // (num_steps, num_envs)
  std::vector<int> samples;              // to learn from: all, or the decisions that are over

  // Of rows that decide at times only; else empty.
  std::vector<std::uint8_t> decides;   // (num_steps + 1, num_rows)
  std::vector<std::uint8_t> is_over;   // (num_steps, num_rows) an option began there, and ended
  std::vector<std::uint8_t> goes_on;   // (num_rows) the option of step 0 began in another rollout
  AlignedVector<float> open_reward;    // (num_rows) of the option under way, so far
  AlignedVector<float> open_discount;  // (num_rows)

 private:
  struct Group {
    std::string name;
    int dim = 0;
    bool is_stored = false;
    AlignedVector<float> observation;        // (num_steps + 1, num_rows, dim), or of one step
    AlignedVector<float> final_observation;  // (num_rows, dim)
  };

  bool has_options() const { return !decides.empty(); }
  /// Copies the decision of a row at a step to step 0.
  void keep_decision(int step, int row);

  std::vector<Group> groups_;
  envs::StepBuffers buffers_;
};

}  // namespace fleet::agents
