#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace fleet::envs {

/// Whose physics: MuJoCo's own batch, the reference, or our engine on packs of worlds.
enum class Backend : std::uint8_t { kMujoco, kLanes };
inline std::vector<std::string> names_of(Backend) { return {"mujoco", "lanes"}; }

/// What a batch of envs is, apart from its task.
struct EnvOptions {
  Backend backend = Backend::kMujoco;
  int num_envs = 1024;
  int num_threads = 0;      ///< 0: one per logical CPU
  int first_env = 0;        ///< global index of env 0, so that ranks draw different numbers
  bool noise = true;        ///< observation noise as the task declares it
  bool evaluation = false;  ///< random numbers of their own, never used in training; not a setting
  std::array<int, 2> action_delay{0, 0};  ///< physics steps, drawn per episode from [min, max]
  /// Control steps, drawn per episode from [min, max]: how old is what the actor sees (its whole
  /// row, commands and last action too). Before an episode is that old, its first observation.
  std::array<int, 2> observation_delay{0, 0};

  void fields(auto&& visit) {
    visit("backend", backend);
    visit("num_envs", num_envs);
    visit("num_threads", num_threads);
    visit("noise", noise);
    visit("action_delay", action_delay);
    visit("observation_delay", observation_delay);
  }
  std::string validate() const {
    return num_envs < 1 || num_envs > kMaxEnvs
               ? "num_envs: expected 1 to " + std::to_string(kMaxEnvs)
           : num_threads < 0 || num_threads > kMaxThreads
               ? "num_threads: expected 0 to " + std::to_string(kMaxThreads)
           : action_delay[0] < 0 || action_delay[1] < action_delay[0]
               ? "action_delay: expected 0 <= min <= max"
           : observation_delay[0] < 0 || observation_delay[1] < observation_delay[0] ||
                   observation_delay[1] > kMaxObservationDelay
               ? "observation_delay: expected 0 <= min <= max <= " +
                     std::to_string(kMaxObservationDelay)
               : std::string();
  }

  static constexpr int kMaxEnvs = 10'000'000;
  static constexpr int kMaxObservationDelay = 100;  ///< control steps; each is kept
  static constexpr int kMaxThreads = 1024;  ///< each has physics memory of its own: megabytes
};

}  // namespace fleet::envs
