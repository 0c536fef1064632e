#pragma once

#include <string>
#include <vector>

#include "apps/files/safetensors.h"
#include "apps/run_config.h"
#include "envs/batch_env.h"

namespace fleet {

/// Worlds that diverged in a run, each as it was before the fatal step, as save_divergences() wrote
/// them.
class DivergenceDump {
 public:
  /// @throws files::FileError if the file is none, as all that follows
  explicit DivergenceDump(const std::string& file);

  int num_worlds() const { return num_worlds_; }

  /// What the run was that they diverged in.
  RunConfig config() const;

  /// The number that a world has under a name.
  template <class T>
  T value(const std::string& name, int world) const {
    return reader_.values<T>(name).at(static_cast<std::size_t>(world));
  }

  /// Options of an env that can take the place of a world. @param config the run's
  envs::EnvConfig config_of_one(envs::EnvConfig config, int world) const;

  /// Puts an env of one world, made of config_of_one(), into the state that a world had.
  void load(int world, envs::BatchEnv& env) const;

  /// (num_players x action_dim) The action of the fatal step.
  std::vector<float> action(int world, const envs::EnvSpec& spec) const;

 private:
  void read(const Field& field, int world) const;

  files::SafetensorsReader reader_;
  int num_worlds_ = 0;
};

}  // namespace fleet
