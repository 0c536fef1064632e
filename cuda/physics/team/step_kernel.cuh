#pragma once

#include <algorithm>
#include <new>

#include "cuda/physics/team/cuda_check.cuh"
#include "cuda/physics/team/step.h"
#include "cuda/physics/team/step_kernel.h"
#include "cuda/physics/team/warp_team.cuh"

// The kernel: a block is one warp, and a warp has one world, or several small ones. Worlds that do
// not find room at once wait for the next turn of a block.

namespace fleet::physics {

/// A world's arrays one after the other, as they stand in a row of states: f(array).
template <class F>
__device__ void for_each_state_array(TeamData<float>& d, F&& f) {
  f(d.qpos);
  f(d.qvel);
  f(d.act);
  f(d.qacc_warmstart);
  f(d.ctrl);
}

template <class Team>
__device__ void load_state(const Team& team, const float* row, TeamData<float>& d) {
  for_each_state_array(d, [&](Array<float>& array) {
    const int size = static_cast<int>(array.size());
    copy(team, row, size, array.data());
    row += size;
  });
}
template <class Team>
__device__ void store_state(const Team& team, TeamData<float>& d, float* row) {
  for_each_state_array(d, [&](Array<float>& array) {
    const int size = static_cast<int>(array.size());
    copy(team, array.data(), size, row);
    row += size;
  });
}

template <class Team>
__device__ void step_world(const Team& team, const StepArguments& a, int world,
                           TeamData<float>& d) {
  const PhysicsModel<float, Array>& m = a.model->model;
  const TeamPlan<Array>& plan = a.model->plan;
  begin_world(team, m, d);
  float* const row = a.state + static_cast<std::ptrdiff_t>(world) * a.state_stride;
  load_state(team, row, d);
  for (int i = 0; i < a.num_steps; ++i) {
    step(team, m, plan, d);
  }
  store_state(team, d, row);
  copy(team, d.sensordata.data(), m.nsensordata,
       a.sensordata + static_cast<std::ptrdiff_t>(world) * a.sensordata_stride);
  team.once([&] { a.num_lost[world] += d.num_lost; });
}

template <int kLanes>
__global__ void __launch_bounds__(32, 16)
    step_kernel(const __grid_constant__ StepArguments a, std::size_t world_bytes) {
  extern __shared__ __align__(64) std::byte shared[];
  constexpr int kWorlds = 32 / kLanes;
  const WarpTeam<kLanes> team;
  const int own = static_cast<int>(threadIdx.x) / kLanes;
  const int place = static_cast<int>(blockIdx.x) * kWorlds + own;
  std::byte* const memory =
      a.memory != nullptr ? a.memory + place * world_bytes : shared + own * world_bytes;
  TeamData<float>& d = *reinterpret_cast<TeamData<float>*>(memory);
  team.once([&] {
    new (&d) TeamData<float>;
    ArrayBlock block(memory + kHeadBytes<float>, kWorldAlignment);
    take_team_arrays(a.model->model, a.model->plan, a.model->max_contacts, d, block);
    d.field.zip(a.model->fields, d.field, [](const char*, const auto& from, auto& to) {
      to.bind(const_cast<float*>(from.data()), static_cast<int>(from.size()));  // only read
    });
  });
  for (int world = place; world < a.num_worlds; world += static_cast<int>(gridDim.x) * kWorlds) {
    step_world(team, a, world, d);
  }
}

template <int kLanes>
bool can_launch() {
  cudaFuncAttributes attributes{};
  const bool is_compiled = cudaFuncGetAttributes(&attributes, step_kernel<kLanes>) == cudaSuccess;
  cudaGetLastError();  // the next launch is not to blame
  return is_compiled;
}

template <int kLanes>
StepLaunch plan_launch(std::size_t world_bytes) {
  constexpr int kWorlds = 32 / kLanes;
  const auto kernel = step_kernel<kLanes>;
  StepLaunch launch{.world_bytes = world_bytes};
  int device = 0, shared_limit = 0, num_processors = 0, per_processor = 0;
  cuda_check(cudaGetDevice(&device));
  cuda_check(
      cudaDeviceGetAttribute(&shared_limit, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  cuda_check(cudaDeviceGetAttribute(&num_processors, cudaDevAttrMultiProcessorCount, device));
  launch.in_shared_memory = kWorlds * world_bytes <= static_cast<std::size_t>(shared_limit);
  const std::size_t shared = launch.in_shared_memory ? kWorlds * world_bytes : 0;
  cuda_check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                  static_cast<int>(shared)));
  cuda_check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_processor, kernel, 32, shared));
  launch.num_blocks = num_processors * per_processor;
  return launch;
}

template <int kLanes>
void launch_step(const StepLaunch& launch, const StepArguments& arguments) {
  constexpr int kWorlds = 32 / kLanes;
  const int needed = (arguments.num_worlds + kWorlds - 1) / kWorlds;
  const std::size_t shared = launch.in_shared_memory ? kWorlds * launch.world_bytes : 0;
  // Of the kernel, not of a launch: other worlds may have asked for another size since.
  cuda_check(cudaFuncSetAttribute(step_kernel<kLanes>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                  static_cast<int>(shared)));
  step_kernel<kLanes>
      <<<std::min(needed, launch.num_blocks), 32, shared>>>(arguments, launch.world_bytes);
  cuda_check(cudaGetLastError());
}

}  // namespace fleet::physics

/// Compiles the kernel for one number of lanes.
#define FLEET_STEP_KERNEL(lanes)                                             \
  namespace fleet::physics {                                                 \
  template bool can_launch<lanes>();                                         \
  template StepLaunch plan_launch<lanes>(std::size_t);                       \
  template void launch_step<lanes>(const StepLaunch&, const StepArguments&); \
  }
