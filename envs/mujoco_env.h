#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "cuda/require.h"
#include "envs/task_env.h"
#include "sim/batch.h"
#include "sim/mj_view.h"
#include "sim/model.h"

namespace fleet::envs {

/// A batch of envs of one task on the `mujoco` backend: one mjb_apply per control step, whose
/// callback runs substeps, reward, reset and observation of a world while its mjData is hot.
///
/// The callback may be left by longjmp (sim/batch.h), so nothing in it owns memory. Each env
/// touches only its own rows, so results do not depend on the number of threads.
template <class Task>
class MujocoEnv final : public TaskEnv {
 public:
  MujocoEnv(const typename Task::Config& config, const EnvOptions& options, sim::ModelPtr model)
      : MujocoEnv(Task(config, *model), model, options) {}

  void step(BatchView<const float> action, const StepBuffers& out) override;
  void restore() override { randomise_models(); }
  Fields models() override;
  void restore_models() override { batch_.set_constants(); }

  sim::Batch& batch() { return batch_; }
  const Task& task() const { return task_; }

 private:
  using View = sim::MjView;
  using Memory = typename Task::template Memory<double>;

  /// Takes the model.
  MujocoEnv(Task task, sim::ModelPtr& model, const EnvOptions& options);

  void begin_all(const Start& start, const StepBuffers& out) override;
  void append_physics_state(Fields& fields) override;
  void append_memory_state(Fields& fields) override {
    append_memory<double>(fields, std::span(memory_));
  }
  void randomise_models();
  void begin_episode(const mjModel* m, mjData* d, int env, const Start& start);
  void step_world(const mjModel* m, mjData* d, int env, BatchView<const float> action,
                  const StepBuffers& out);
  void recover(int env, BatchView<const float> action, const StepBuffers& out);
  bool simulate(const mjModel* m, mjData* d, int env, const Actions& action);
  void start_over(const mjModel* m, mjData* d, int env, const Actions& action,
                  const StepBuffers& out);
  void finish_step(const mjModel* m, mjData* d, int env, bool ends, const StepBuffers& out);
  void observe(const mjModel* m, mjData* d, int env, const std::vector<BatchView<float>>& rows,
               bool is_final);
  Fields rows_before(int env);
  void record_state(const mjData* d, int env);
  void refresh(const mjModel* m, mjData* d) const;
  Memory& memory(int env) { return memory_[static_cast<std::size_t>(env)]; }

  sim::ModelPtr model_;
  Task task_;
  sim::Batch batch_;
  std::vector<std::span<mjtNum>> randomised_;  // per field (num_envs x size)
  std::vector<Memory> memory_;
  std::vector<Memory> memory_before_;  // the step, for the dump of a world that diverges
};

}  // namespace fleet::envs

#include "envs/mujoco_env_reset.h"  // IWYU pragma: keep (the template's bodies)
#include "envs/mujoco_env_step.h"   // IWYU pragma: keep
