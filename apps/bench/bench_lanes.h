#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apps/bench/bench_scene.h"
#include "cuda/physics/worlds.h"
#include "cuda/thread_pool.h"

namespace fleet {

/// Worlds of a scene on our own engine: what sim::Batch is to MuJoCo's.
class LanesBatch {
 public:
  /// @throws UserError if the engine does not support the model
  LanesBatch(const Scene& scene, int num_worlds, int num_threads);

  int num_worlds() const { return worlds_.num_worlds(); }
  /// Before a control step: as drive() of a sim::Batch, with the same random numbers.
  void drive(std::uint64_t seed, int step);
  /// The physics steps of a control step, then the refresh of what tasks read.
  void step();
  /// SHA-256 of every world's state, whatever the width of a pack.
  std::string state_hash();

 private:
  using R = physics::FloatPack<physics::kNativeWidth>;
  struct World;

  const Scene* scene_;
  physics::Physics<float> physics_;
  physics::Worlds<R> worlds_;
  std::vector<float> start_;  // (state_size)
  ThreadPool pool_;
  std::vector<std::unique_ptr<physics::PhysicsMemory<R>>> data_;  // per thread
};

}  // namespace fleet
