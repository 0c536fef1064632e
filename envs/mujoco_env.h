#pragma once

#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <vector>

#include "cuda/require.h"
#include "envs/batch_env.h"
#include "envs/divergence_log.h"
#include "envs/env_options.h"
#include "envs/episode_totals.h"
#include "envs/observation_rows.h"
#include "envs/task_env_spec.h"
#include "sim/batch.h"
#include "sim/mj_view.h"
#include "sim/model.h"
#include "tasks/task.h"

namespace fleet::envs {

/// A batch of envs of one task on the `mujoco` backend: one mjb_apply per control step, whose
/// callback runs substeps, reward, reset and observation of a world while its mjData is hot.
///
/// The callback may be left by longjmp (sim/batch.h), so nothing in it owns memory. Each env
/// touches only its own rows, so results do not depend on the number of threads.
template <class Task>
class MujocoEnv final : public BatchEnv {
 public:
  MujocoEnv(const typename Task::Config& config, const EnvOptions& options, sim::ModelPtr model);

  const EnvSpec& spec() const override { return spec_; }
  void reset(std::uint64_t seed, const StepBuffers& out) override;
  void reset_to(std::uint64_t seed, BatchView<const double> qpos, BatchView<const double> qvel,
                const StepBuffers& out) override;
  void step(BatchView<const float> action, const StepBuffers& out) override;
  void record(const UnroundedBuffers& buffers) override { unrounded_ = buffers; }
  void randomise_episode_clocks() override;
  Fields state() override;
  void restore() override { randomise_models(); }
  Statistics take_statistics() override;
  Fields divergence_dump() override { return divergences_.take(); }
  int nq() const override { return static_cast<int>(model_->nq); }
  int nv() const override { return static_cast<int>(model_->nv); }

  sim::Batch& batch() { return batch_; }
  const Task& task() const { return task_; }

 private:
  using View = sim::MjView;
  using Memory = typename Task::template Memory<double>;
  using Actions = std::array<double, kMaxActions>;

  /// What the env itself remembers of one env.
  struct Clock {
    std::uint32_t episode = 0;
    std::uint32_t step = 0;  ///< control steps of this episode, for random numbers
    std::int32_t age = 0;    ///< control steps that count towards the time limit
    std::int32_t delay = 0;  ///< physics steps before a new action takes effect
  };
  struct Start {
    BatchView<const double> qpos, qvel;  ///< empty: as the task draws it
  };

  void randomise_models();
  void reset_all(std::uint64_t seed, const Start& start, const StepBuffers& out);
  void begin_episode(const mjModel* m, mjData* d, int env, const Start& start);
  void step_world(const mjModel* m, mjData* d, int env, BatchView<const float> action,
                  const StepBuffers& out);
  void recover(int env, BatchView<const float> action, const StepBuffers& out);
  bool simulate(const mjModel* m, mjData* d, int env, const Actions& action);
  int clip(int env, BatchView<const float> action, Actions& clipped) const;
  void truncate_diverged(const mjModel* m, mjData* d, int env, const StepBuffers& out);
  void finish_step(const mjModel* m, mjData* d, int env, bool ends, const StepBuffers& out);
  void observe(const mjModel* m, mjData* d, int env, const std::vector<BatchView<float>>& rows,
               bool final);
  void record_state(const mjData* d, int env);
  void refresh(const mjModel* m, mjData* d) const;
  tasks::Draws draws(int env) const;

  EnvOptions options_;
  sim::ModelPtr model_;
  Task task_;
  EnvSpec spec_;
  sim::Batch batch_;
  std::vector<std::span<mjtNum>> randomised_;  // per field (num_envs x size)
  std::uint64_t seed_ = 0;
  std::int64_t vector_steps_ = 0;
  std::vector<Memory> memory_;
  std::vector<Clock> clock_;
  std::vector<double> last_action_;  // (num_rows, action_dim), for delays
  ObservationRows sound_;            // the last observation of each env, for one that diverges
  EpisodeTotals totals_;
  DivergenceLog divergences_;
  UnroundedBuffers unrounded_;
};

}  // namespace fleet::envs

#include "envs/mujoco_env_reset.h"  // IWYU pragma: keep (the template's bodies)
#include "envs/mujoco_env_step.h"   // IWYU pragma: keep
