#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cuda/philox.h"
#include "envs/batch_env.h"
#include "envs/divergence_log.h"
#include "envs/env_options.h"
#include "envs/episode_totals.h"
#include "envs/observation_rows.h"
#include "envs/task_env_spec.h"
#include "tasks/task.h"

namespace fleet::envs {

/// What an env does on every backend, whatever its task: clocks, clipping, accounting, rows.
///
/// A backend derives from it and calls, one env at a time and from any thread, the functions that
/// take an env's index. These touch only that env's rows and allocate nothing.
class TaskEnv : public BatchEnv {
 public:
  const EnvSpec& spec() const final { return spec_; }
  void reset(std::uint64_t seed, const StepBuffers& out) final;
  void reset_to(std::uint64_t seed, BatchView<const double> qpos, BatchView<const double> qvel,
                const StepBuffers& out) final;
  void record(const UnroundedBuffers& buffers) final { unrounded_ = buffers; }
  void randomise_episode_clocks() final;
  Fields state() final;
  Statistics take_statistics() final;
  Fields divergence_dump() final { return divergences_.take(); }
  int nq() const final { return nq_; }
  int nv() const final { return nv_; }

 protected:
  /// The sizes that a backend's worlds have.
  struct Sizes {
    int nq = 0, nv = 0;
  };
  struct Start {
    BatchView<const double> qpos, qvel;  ///< empty: as the task draws it
    bool is_given() const { return qpos.num_rows() > 0; }
  };
  /// What the env itself remembers of one env.
  struct Clock {
    std::uint32_t episode = 0;
    std::uint32_t step = 0;              ///< control steps of this episode, for random numbers
    std::int32_t age = 0;                ///< control steps that count towards the time limit
    std::int32_t delay = 0;              ///< physics steps before a new action takes effect
    std::int32_t observation_delay = 0;  ///< control steps
  };
  using Actions = std::array<double, kMaxActions>;
  using Observation = std::array<double, kMaxObservation>;
  /// What a task made of one env's control step.
  struct Outcome {
    std::array<double, kMaxRewards> reward;                     ///< (num_players, reward_terms)
    std::array<double, kMaxMetrics> metrics;                    ///< (num_players, metrics)
    std::array<std::uint8_t, kMaxTerminations> terminations{};  ///< (termination_terms)
    int num_clipped = 0;                                        ///< action components
  };

  TaskEnv(const tasks::TaskSpec& task, const EnvOptions& options, const Sizes& sizes);

  /// Forgets all memory of envs, draws every world's own model, begins an episode in every env and
  /// observes it.
  virtual void begin_all(const Start& start, const StepBuffers& out) = 0;
  virtual void append_physics_state(Fields& fields) = 0;
  virtual void append_memory_state(Fields& fields) = 0;

  const EnvOptions& options() const { return options_; }
  int num_actions() const { return spec_.num_players * spec_.action_dim; }
  std::int64_t vector_steps() const { return vector_steps_; }
  void count_vector_step() { ++vector_steps_; }

  tasks::Draws draws(int env) const;
  /// Of what is drawn once for the whole run.
  tasks::Draws startup_draws(int env) const;

  Clock& clock(int env) { return clock_[static_cast<std::size_t>(env)]; }
  /// The action before this one, in the delay of which it still acts. (num_actions())
  std::span<double> last_action(int env);

  /// The clocks of a new episode.
  void begin_clock(int env);
  /// Clips an env's actions to the bound. What is not a number acts as 0. @returns how many changed
  int clip(int env, BatchView<const float> action, std::span<double> clipped) const;
  /// Adds up what a control step earned, writes reward, metrics and flags.
  /// @returns whether the episode ends
  bool settle(int env, Outcome& outcome, const StepBuffers& out);
  /// Writes an env's rows of every group, with noise, and keeps a copy of them.
  /// @param values noise-free: by player, then by group  @param is_final also unrounded
  void write_observation(int env, Observation& values, const std::vector<BatchView<float>>& rows,
                         bool is_final);
  /// The final observation of an env whose episode goes on is the one to act on next.
  void copy_to_final(int env, const StepBuffers& out) const;
  /// Ends the episode of a world that diverged, with its last sound observation: no NaN reaches a
  /// learner.
  /// @param before the env's row of what append_physics_state() and append_memory_state() show, of
  ///     last_action and of models(), as they were before the fatal step  @param action as clipped
  void truncate_diverged(int env, const Fields& before, std::span<const double> action,
                         const StepBuffers& out);
  /// Where a backend writes unrounded states before any reset; null: not wanted.
  double* unrounded_qpos(int env) const;
  double* unrounded_qvel(int env) const;
  /// Writes there the state that a diverged world had before the step: qpos, then qvel.
  template <class Real>
  void record_state_before(int env, const Real* state) const {
    if (double* const qpos = unrounded_qpos(env)) {
      std::copy_n(state, nq_, qpos);
      std::copy_n(state + nq_, nv_, unrounded_qvel(env));
    }
  }

  /// Appends the members of memories of envs, a row each. @tparam Real of its numbers
  template <class Real, class Memory>
  static void append_memory(Fields& fields, std::span<Memory> memory) {
    const auto n = static_cast<std::int64_t>(memory.size());
    memory[0].fields([&](const char* name, auto& member) {
      constexpr auto kCount = static_cast<std::int64_t>(sizeof(member) / sizeof(Real));
      fields.push_back(make_strided_field(std::string("env/memory/") + name, {n, kCount},
                                          reinterpret_cast<Real*>(&member), sizeof(Memory)));
    });
  }

 private:
  void reset_all(std::uint64_t seed, const Start& start, const StepBuffers& out);
  EpisodeTotals make_totals() const;
  std::span<const double> delayed(int row, std::span<const double> observation);
  void append_history(Fields& fields);
  static void append_clocks(Fields& fields, std::span<Clock> clocks);
  void dump(int env, const Fields& before, std::span<const double> action);

  EnvOptions options_;
  EnvSpec spec_;
  int nq_, nv_;
  std::uint64_t seed_ = 0;
  std::int64_t vector_steps_ = 0;
  std::vector<Clock> clock_;
  std::vector<double> last_action_;  // (num_rows, action_dim), for delays
  int history_length_ = 0;           // control steps; 0: what the actor sees is not delayed
  std::vector<double> history_;      // (num_rows, history_length_, dim of the actor's group)
  ObservationRows sound_;            // the last observation of each env, for one that diverges
  EpisodeTotals totals_;
  DivergenceLog divergences_;
  UnroundedBuffers unrounded_;
};

}  // namespace fleet::envs
