#pragma once

#include <cstddef>

#include "cuda/physics/team/team_model.h"

// The kernel that steps worlds, as host code sees it. One is compiled for each number of lanes that
// work on a world: 8, 16 or 32, in step_kernel_<lanes>.cu.

namespace fleet::physics {

/// Rows are world-major: (num_worlds x their stride), in floats; strides are multiples of 32. All
/// memory is the device's.
struct StepArguments {
  const TeamModel<float>* model = nullptr;
  int num_worlds = 0;
  int num_steps = 0;       ///< physics steps of one launch
  float* state = nullptr;  ///< qpos, qvel, act, qacc_warmstart, ctrl: in and out
  int state_stride = 0;
  float* sensordata = nullptr;  ///< of the last step
  int sensordata_stride = 0;
  int* num_lost = nullptr;      ///< (num_worlds) what there was no room for is added
  std::byte* memory = nullptr;  ///< of worlds at work, world_bytes each, where they are too large
                                ///< for a multiprocessor's shared memory
};

/// Sizes of a launch of one kernel for one model.
struct StepLaunch {
  int num_blocks = 0;  ///< that work at the same time at most; each is one warp
  std::size_t world_bytes = 0;
  bool in_shared_memory = false;
};

/// Whether the current device is one that the kernels are compiled for.
template <int kLanes>
bool can_launch();
/// @throws CudaError
template <int kLanes>
StepLaunch plan_launch(std::size_t world_bytes);
/// Asynchronous, on the default stream. @throws CudaError
template <int kLanes>
void launch_step(const StepLaunch& launch, const StepArguments& arguments);

}  // namespace fleet::physics
