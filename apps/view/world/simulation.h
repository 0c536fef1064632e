#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/run_config.h"
#include "apps/snapshot.h"
#include "apps/view/world/history.h"
#include "apps/view/world/policy.h"
#include "apps/view/world/worlds.h"
#include "envs/batch_env.h"
#include "envs/env_buffers.h"

namespace fleet::view {

/// Who acts: the policy, nobody (every action is 0), or noise.
enum class Actor : std::uint8_t { kPolicy, kZero, kRandom };

/// Envs of a task with a policy in the loop, on the `mujoco` backend. What the user does to them is
/// written into the envs' own state, between two control steps.
class Simulation final : public Worlds {
 public:
  /// @param config its options say how many envs  @param model the task's, for sizes and addresses;
  ///     it outlives this  @throws as build_env()
  Simulation(const RunConfig& config, const mjModel& model, std::uint64_t seed);

  int num_envs() const override { return env_->spec().num_envs; }
  double control_period() const override { return env_->spec().control_period; }
  std::int64_t first_frame() const override { return history_->first(); }
  std::int64_t last_frame() const override { return history_->last(); }
  std::int64_t frame() const override { return frame_; }
  void seek(std::int64_t frame) override;
  /// One control step of every env; frames after the one on show are forgotten.
  bool step() override;
  void pose(int env, mjModel& model, mjData& data) const override;
  std::span<const double> qpos(int env, std::int64_t frame) const override;

  const envs::EnvSpec& spec() const { return env_->spec(); }
  const History& history() const { return *history_; }

  /// From now on it acts, and tells what states are worth if it can: the field "value" of the
  /// history. @param policy outlives this
  void set_policy(const Policy* policy);
  Actor actor() const { return actor_; }
  /// @throws std::invalid_argument for kPolicy without one
  void set_actor(Actor actor);

  /// Begins anew: an episode in every env, an empty history.
  void reset();

  /// Begins from a state of the envs that `load` writes, and whose first action is given: a world
  /// that diverged. reset() comes back here.
  /// @param action (num_rows x action_dim)
  void begin_from(std::function<void(envs::BatchEnv&)> load, std::vector<float> action);

  /// From now on the commands are this one; nullopt: those that the task draws.
  void set_command(const std::optional<std::array<double, 3>>& command);
  bool takes_commands() const { return !spec().contract.command_names.empty(); }

  /// Adds to the velocity of a body that moves freely. @param velocity m/s, world frame
  void push(int env, int joint, const std::array<double, 3>& velocity);

  /// A force that acts on an env's joints in the next control step alone. @param force (nv) N, N m
  void set_force(int env, std::span<const double> force);

  /// Every geom of every env has this sliding friction; nullopt: what the task draws.
  void set_friction(std::optional<double> friction);
  std::optional<double> friction() const { return friction_; }
  bool has_friction() const { return friction_field() != nullptr; }

  /// Episodes that ended since reset(), by termination term, then by time, then by divergence.
  std::vector<double> ends() const;

  /// A metric of a player summed over the episodes that ended since reset(), as it stood at the
  /// end.
  double outcome(int row, int metric) const;

 private:
  Fields fields();  // everything that a frame holds
  const Field* friction_field() const;
  mjtNum* physics_row(int env) const { return physics_ + env * physics_size_; }
  void act();
  void write_command();
  void write_friction();
  void count_ends();
  void evaluate();

  const mjModel& model_;
  std::uint64_t seed_;
  std::unique_ptr<envs::BatchEnv> env_;
  envs::EnvBuffers buffers_;
  std::vector<double> reward_terms_;  // (num_rows, reward_terms)
  std::vector<double> ends_;          // see ends()
  std::vector<double> outcomes_;      // see outcome()
  std::vector<float> value_;          // (num_rows)
  mjtNum* physics_ = nullptr;         // (num_envs, physics_size_) mjSTATE_INTEGRATION
  std::int64_t physics_size_ = 0;
  Fields models_;   // "model/<field>", as the envs have them
  Snapshot drawn_;  // the same, as the task drew them
  std::unique_ptr<History> history_;
  std::int64_t frame_ = 0;
  std::function<void(envs::BatchEnv&)> load_;  // empty: episodes begin as the task draws them
  std::vector<float> first_action_;            // (num_rows x action_dim), empty: who acts decides
  const Policy* policy_ = nullptr;
  Actor actor_ = Actor::kZero;
  std::optional<std::array<double, 3>> command_;
  std::optional<double> friction_;
};

}  // namespace fleet::view
