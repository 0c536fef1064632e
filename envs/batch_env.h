#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cuda/batch_view.h"
#include "cuda/field.h"
#include "cuda/policy_contract.h"

namespace fleet::envs {

/// What an agent must know of an environment; fixed for its lifetime.
struct EnvSpec {
  int num_envs = 0;
  int first_env = 0;    ///< global index of env 0: random numbers are keyed by global indices
  int num_players = 1;  ///< rows of a batch: env * num_players + player
  /// Of equal size, a team's players next to each other. Two teams play against each other, and
  /// each sees the game as if it were the first.
  int num_teams = 1;
  /// Semi-Markov: an action counts where StepBuffers::decides asked for it, and goes on until it
  /// asks again. Rewards are those of control steps all the same.
  bool decides_at_times = false;
  int action_dim = 0;
  int max_episode_steps = 0;
  double control_period = 0.0;                 ///< simulated seconds per step()
  std::vector<ObservationGroup> observations;  ///< [0] is what the actor sees
  std::vector<float> action_bound;             ///< (action_dim) step() clips to +-bound
  std::vector<std::string> reward_terms;
  std::vector<std::string> termination_terms;
  std::vector<std::string> metrics;        ///< columns of StepBuffers::metrics
  std::vector<Mirror> observation_mirror;  ///< one per group, or empty: no symmetry declared
  Mirror action_mirror;
  PolicyContract contract;

  int num_rows() const { return num_envs * num_players; }
};

/// Where a step's results go: the caller's memory, written in place, nothing allocated.
struct StepBuffers {
  std::vector<BatchView<float>> observation;        ///< per group (num_rows, dim): to act on next
  std::vector<BatchView<float>> final_observation;  ///< per group (num_rows, dim): before any reset
  std::span<float> reward;                          ///< (num_rows)
  std::span<std::uint8_t> terminated;               ///< (num_rows) 1: the task is over
  std::span<std::uint8_t> truncated;  ///< (num_envs) 1: time is up, or the simulation diverged
  BatchView<float> metrics;           ///< (num_rows, spec().metrics.size()), or empty: not wanted
  /// (num_rows) 1: `observation` asks for an action, as every first one of an episode does; else
  /// nothing is written there, nor to `final_observation` before an end. Empty unless
  /// spec().decides_at_times.
  std::span<std::uint8_t> decides;
};

/// Unrounded copies of what a step computed, for parity checks. Empty views: not wanted.
///
/// Of a world that diverged: the last sound observation, rounded, no reward, and the state before
/// the step.
struct UnroundedBuffers {
  std::vector<BatchView<double>> final_observation;  ///< per group (num_rows, dim), with any noise
  BatchView<double> reward_terms;                    ///< (num_rows, reward_terms), as paid
  BatchView<double> qpos;                            ///< (num_envs, nq) before any reset
  BatchView<double> qvel;                            ///< (num_envs, nv) before any reset
  /// (num_rows, action_dim) What step() takes instead of its argument, which is rounded.
  BatchView<const double> action = {};
};

/// Sums since the last take_statistics(): numbers to print, never to learn from.
struct Statistics {
  std::int64_t episodes = 0;               ///< ended
  double return_sum = 0.0;                 ///< over ended episodes
  double length_sum = 0.0;                 ///< control steps, over ended episodes
  std::vector<double> reward_sums;         ///< per reward term, weighted, over ended episodes
  std::vector<double> termination_counts;  ///< per termination term
  std::int64_t truncations = 0;            ///< by time
  std::int64_t divergences = 0;            ///< worlds that diverged
  std::int64_t clipped = 0;                ///< action components outside the bound
  std::int64_t action_components = 0;
};

/// Many copies of one task, stepped together; the words mean what they mean in Gymnasium.
///
/// An env whose episode ends is reset within the same step(): `observation` then starts the new
/// episode, while `final_observation`, `reward` and the flags still tell of the old one. Where no
/// episode ended, `final_observation` equals `observation`.
class BatchEnv {
 public:
  BatchEnv() = default;
  virtual ~BatchEnv() = default;
  BatchEnv(const BatchEnv&) = delete;
  BatchEnv& operator=(const BatchEnv&) = delete;

  virtual const EnvSpec& spec() const = 0;

  /// Starts an episode in every env. Equal seeds give equal episodes, bit for bit, on any number
  /// of threads and whatever the number of envs. Writes out.observation only.
  virtual void reset(std::uint64_t seed, const StepBuffers& out) = 0;

  /// Advances every env by one control period.
  ///
  /// A simulation that diverges truncates its own episode, with its last sound observation and
  /// reward 0, and disturbs no other.
  /// @param action (num_rows, action_dim) in the task's action units, clipped to the bound here
  /// @throws std::invalid_argument if a shape differs
  virtual void step(BatchView<const float> action, const StepBuffers& out) = 0;

  /// reset(), but every env starts from the given state of its physics.
  /// @param qpos (num_envs, nq)  @param qvel (num_envs, nv)
  virtual void reset_to(std::uint64_t seed, BatchView<const double> qpos,
                        BatchView<const double> qvel, const StepBuffers& out) = 0;

  /// From now on each step writes these too; they must outlive the env or be replaced.
  virtual void record(const UnroundedBuffers& buffers) = 0;

  /// Spreads the envs' episode clocks uniformly over an episode, so that time-outs do not come in
  /// waves. Call after reset().
  virtual void randomise_episode_clocks() = 0;

  /// Everything a bit-exact resume needs, as it is now. After the caller has overwritten the fields
  /// with saved ones it calls restore(), before any step.
  virtual Fields state() = 0;
  virtual void restore() = 0;

  /// What differs between the envs' models, "model/<field>" (num_envs, size), drawn by reset() and
  /// restore(). After the caller has overwritten it, it calls restore_models().
  virtual Fields models() { return {}; }
  virtual void restore_models() {}

  virtual Statistics take_statistics() = 0;

  /// Worlds that diverged since the last call (a few of them), each as it was before the fatal
  /// step: its rows of state() and models(), global index ("env") and clipped action ("action"). An
  /// env with that first_env which is given the rows, and then takes the action, diverges again.
  virtual Fields divergence_dump() = 0;

  /// Sizes of a world's qpos and qvel.
  virtual int nq() const = 0;
  virtual int nv() const = 0;
};

}  // namespace fleet::envs
