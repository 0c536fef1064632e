#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <mujoco/mjbatch.h>
#include <mujoco/mujoco.h>

namespace fleet::sim {

/// Many worlds of one model on MuJoCo's thread pool: an owner of a non-persistent mjBatch.
///
/// Each thread has one mjData that all its worlds take turns in, so derived fields exist only
/// inside apply()'s callback. Results do not depend on the number of threads.
class Batch {
 public:
  /// @param num_threads including the caller's; <= 0: one per logical CPU
  /// @throws std::runtime_error with MuJoCo's reason
  Batch(const mjModel& model, int num_worlds, int num_threads);

  const mjModel& model() const { return *mjb_model(batch_.get()); }
  int num_worlds() const { return mjb_nsim(batch_.get()); }
  int num_threads() const { return mjb_nthread(batch_.get()); }

  /// Everything a world carries from step to step: (num_worlds x state_size), in mj_getState order
  /// of mjSTATE_INTEGRATION. Not to be written while apply() runs.
  std::span<mjtNum> state();
  int state_size() const { return mjb_nstate(batch_.get()); }
  std::span<mjtNum> state_row(int world);

  /// Gives a field of the model one value per world. @returns (num_worlds x row size)
  /// @throws std::runtime_error if no such field can vary
  std::span<mjtNum> expand(const std::string& field);

  /// Recomputes what MuJoCo derives from model fields, for every world.
  void set_constants();

  /// Loads each listed world into its thread's mjData, runs `f(model, data, world)`, and saves the
  /// state. No object with a destructor may live in `f` across MuJoCo calls: a MuJoCo error leaves
  /// it by longjmp, keeps the world's state as it was, and makes failed(world) true.
  /// @param worlds empty: all  @returns how many failed
  template <class F>
  int apply(std::span<const int> worlds, F& f) {
    // MuJoCo's pool orders the calls before and after this one. The counter says so in C++'s words,
    // because ThreadSanitizer cannot see into the library.
    struct Call {
      F& f;
      std::atomic<int> order{0};
    } arg{f};
    const auto call = [](const mjModel* model, mjData* data, int world, void* pointer) {
      auto& self = *static_cast<Call*>(pointer);
      self.order.load(std::memory_order_acquire);
      self.f(model, data, world);
      self.order.fetch_add(1, std::memory_order_release);
    };
    arg.order.store(1, std::memory_order_release);
    const int* const ids = worlds.empty() ? nullptr : worlds.data();
    const int count = worlds.empty() ? num_worlds() : static_cast<int>(worlds.size());
    const int num_failed = mjb_apply(batch_.get(), ids, count, call, &arg, 1);
    arg.order.load(std::memory_order_acquire);
    return num_failed;
  }
  bool failed(int world) const { return mjb_status(batch_.get())[world] != 0; }
  std::string error(int world) const { return mjb_error(batch_.get(), world); }

  /// mj_step `num_steps` times and bring position and velocity stages up to date: for benchmarks.
  int step(int num_steps) {
    return mjb_step(batch_.get(), nullptr, num_worlds(), num_steps, mjSTAGE_VEL);
  }

  /// Per-world counters of numerical trouble (num_worlds x mjNWARNING).
  mjWarningStat* warnings() { return mjb_warning(batch_.get()); }

 private:
  struct Deleter {
    void operator()(mjBatch* batch) const { mjb_deleteBatch(batch); }
  };
  std::unique_ptr<mjBatch, Deleter> batch_;
};

}  // namespace fleet::sim
