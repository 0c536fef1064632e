#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "cuda/physics/model.h"

namespace fleet::physics {

/// Worlds of one model on a CUDA device. Built with FLEET_CUDA only. Functions take and give host
/// memory and are done on return; they throw CudaError,
/// and std::invalid_argument where sizes do not fit.
class DeviceWorlds {
 public:
  /// Whether there is a device that can run the kernels.
  static bool is_available();

  /// All worlds begin in qpos0. @param max_contacts of a world; those beyond are lost and counted
  DeviceWorlds(const Physics<float>& physics, int num_worlds, int max_contacts);
  ~DeviceWorlds();
  DeviceWorlds(const DeviceWorlds&) = delete;
  DeviceWorlds& operator=(const DeviceWorlds&) = delete;

  int num_worlds() const;
  int lanes() const;                ///< threads that work on a world
  std::size_t world_bytes() const;  ///< of working memory
  bool in_shared_memory() const;
  /// qpos, qvel, act, qacc_warmstart, ctrl, in this order.
  int state_size() const;

  /// @param state (num_worlds x state_size)
  void set_state(std::span<const float> state);
  std::vector<float> state() const;       ///< (num_worlds x state_size)
  std::vector<float> sensordata() const;  ///< (num_worlds x nsensordata) of the last step
  std::vector<int> num_lost() const;      ///< (num_worlds) contacts since the start; Runge-Kutta
                                          ///< looks for contacts four times a step

  /// Physics steps of all worlds in one launch.
  void step(int num_steps);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleet::physics
