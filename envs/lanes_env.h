#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <vector>

#include "cuda/aligned_vector.h"
#include "cuda/physics/worlds.h"
#include "cuda/require.h"
#include "cuda/thread_pool.h"
#include "envs/task_env.h"
#include "sim/lane_struct.h"
#include "sim/lane_view.h"
#include "sim/model.h"
#include "sim/physics_constants.h"
#include "sim/physics_model.h"

namespace fleet::envs {

/// A batch of envs of one task on the `lanes` backend, our own engine: packs of worlds, a lane for
/// each. A thread takes a pack through the whole control step while it is hot.
///
/// Nothing looks across lanes, and each pack touches only the rows of its envs: results depend
/// neither on the number of threads, nor on that of envs, nor on the width of a pack. Lanes without
/// an env, at the end of the last pack, are simulated and ignored.
template <class Task, class R = physics::FloatPack<physics::kNativeWidth>>
class LanesEnv final : public TaskEnv {
 public:
  LanesEnv(const typename Task::Config& config, const EnvOptions& options, sim::ModelPtr model)
      : LanesEnv(Task(config, *model), model, options) {}

  void step(BatchView<const float> action, const StepBuffers& out) override;
  void restore() override;
  Fields models() override;
  void restore_models() override;

  /// For benchmarks and tests.
  physics::Worlds<R>& worlds() { return worlds_; }
  const physics::Physics<physics::ScalarOf<R>>& physics() const { return physics_; }

 private:
  static constexpr int kWidth = physics::kWidthOf<R>;
  using Scalar = physics::ScalarOf<R>;
  using Mask = physics::MaskOf<R>;
  using View = sim::LaneView<R>;
  using Memory = typename Task::template Memory<R>;
  using EventMemory = typename Task::template Memory<double>;
  using SavedMemory = typename Task::template Memory<Scalar>;

  /// What a thread works in: the pack that it has at the moment.
  struct Workspace {
    explicit Workspace(const physics::Physics<Scalar>& physics) : data(physics) {}

    physics::PhysicsMemory<R> data;
    int pack = 0;
    int first_env = 0;
    int num_envs = 0;  ///< lanes [0, num_envs) have one
    Mask has_env{false}, diverged{false};
    Memory* memory = nullptr;
    Memory memory_before{};  ///< to give back to lanes that take no part in something
    std::array<int, kWidth> num_clipped{};
    R delay{};  ///< physics steps
    AlignedVector<R> action, last_action, held_action;  ///< (num_actions())
    AlignedVector<R> reward, metrics, observation;
    AlignedVector<R> warmstart;       ///< (nv)
    std::vector<Scalar> saved_state;  ///< (state_size)
  };

  /// Takes the model.
  LanesEnv(Task task, sim::ModelPtr& model, const EnvOptions& options);

  void begin_all(const Start& start, const StepBuffers& out) override;
  void append_physics_state(Fields& fields) override;
  void append_memory_state(Fields& fields) override;
  void randomise_models();
  /// The numbers that one env's model has of its own, a vector per field.
  std::vector<std::vector<Scalar>> model_of(int env) const;

  /// Loads a pack into a thread's memory.
  Workspace& open(int pack, int thread);
  View view(Workspace& w) const { return {physics_.model, w.data}; }
  /// Calls f(lane, env) for the envs that `lanes` names.
  template <class F>
  void for_each_env(const Workspace& w, const Mask& lanes, F&& f) const;

  void begin_episode(Workspace& w, int lane, const Start& start);
  void reset_lane(Workspace& w, int lane) const;
  void step_pack(Workspace& w, BatchView<const float> action, const StepBuffers& out);
  void clip_actions(Workspace& w, BatchView<const float> action);
  void simulate(Workspace& w);
  const R* acting(Workspace& w, int substep) const;
  Mask evaluate(Workspace& w, const StepBuffers& out);
  Mask disturb(Workspace& w, const Mask& over);
  void start_over(Workspace& w, const Mask& over, const StepBuffers& out);
  void truncate(Workspace& w, int lane, int env, const StepBuffers& out);
  void forward(Workspace& w, const Mask& lanes) const;
  void observe_next(Workspace& w, const Mask& over, const Mask& changed, const StepBuffers& out);
  void observe(Workspace& w, const Mask& lanes, const Mask& is_final,
               const std::vector<BatchView<float>>& rows);
  void record_state(Workspace& w);

  sim::ModelPtr model_;
  Task task_;
  physics::Physics<Scalar> physics_;
  physics::Worlds<R> worlds_;
  AlignedVector<Memory> memory_;  // per pack
  ThreadPool pool_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;  // per thread
  std::vector<std::span<R>> randomised_;                // per field (num_packs x size)
  // What state() shows: a row per env, whatever the width of a pack.
  std::vector<Scalar> saved_physics_;  // (num_envs x state_size)
  std::vector<SavedMemory> saved_memory_;
  std::vector<std::vector<Scalar>> saved_models_;  // per field (num_envs x size)
};

}  // namespace fleet::envs

#include "envs/lanes_env_reset.h"  // IWYU pragma: keep (the template's bodies)
#include "envs/lanes_env_step.h"   // IWYU pragma: keep
