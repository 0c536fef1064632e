#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/files/file_error.h"
#include "apps/files/safetensors.h"
#include "apps/session.h"
#include "envs/env_buffers.h"

namespace fleet {
namespace {

using files::FileError;

/// Worlds that diverged, as save_divergences() wrote them.
class Dump {
 public:
  explicit Dump(const std::string& file) : reader_(file) {
    num_worlds_ = static_cast<int>(reader_.values<std::int32_t>("env").size());
  }

  int num_worlds() const { return num_worlds_; }

  /// What the run was that they diverged in.
  RunConfig config() const {
    const auto& metadata = reader_.header().metadata;
    const auto found = metadata.find("config");
    if (found == metadata.end()) {
      throw FileError(reader_.path(), "key 'config'", "is missing in the metadata");
    }
    return parse_run_config(found->second, reader_.path() + ", key 'config'");
  }

  /// The number that a world has under a name.
  template <class T>
  T value(const std::string& name, int world) const {
    return reader_.values<T>(name).at(static_cast<std::size_t>(world));
  }

  /// Fills a field of an env's, which has as many rows as each world has here.
  void read(const Field& field, int world) const {
    Field all = field;
    all.shape.at(0) *= num_worlds_;
    all.row_stride = all.row_bytes();
    std::vector<std::byte> values(all.num_bytes());
    all.data = values.data();
    reader_.read(all);
    for (std::int64_t row = 0; row < field.num_rows(); ++row) {
      std::memcpy(field.row(row), all.row(world * field.num_rows() + row), field.row_bytes());
    }
  }

 private:
  files::SafetensorsReader reader_;
  int num_worlds_ = 0;
};

/// Puts an env of one world into the state that a world had before the fatal step.
void load(const Dump& dump, int world, envs::BatchEnv& env) {
  for (const Field& field : env.state()) {
    if (!field.name.starts_with("env/totals/")) {  // what was earned changes nothing
      dump.read(field, world);
    }
  }
  env.restore();
  for (const Field& field : env.models()) {
    dump.read(field, world);
  }
  env.restore_models();
}

/// The largest speed of a joint, in m/s or rad/s, "nan" where one is no number.
double largest_speed(const std::vector<double>& qvel) {
  double largest = 0.0;
  for (const double speed : qvel) {
    largest = std::isnan(speed) ? speed : std::max(largest, std::abs(speed));
  }
  return largest;
}

/// Takes the fatal step again. @returns whether the world diverges
bool replay_world(const Dump& dump, int world, envs::EnvConfig config) {
  config.options.num_envs = config.options.num_threads = 1;
  config.options.first_env = dump.value<std::int32_t>("env", world);
  const auto env = build_env(config);
  const envs::EnvSpec& spec = env->spec();
  envs::EnvBuffers buffers(spec);
  std::vector<double> qpos(static_cast<std::size_t>(env->nq()));
  std::vector<double> qvel(static_cast<std::size_t>(env->nv()));
  env->record({.final_observation = {},
               .reward_terms = {},
               .qpos = {qpos.data(), 1, env->nq()},
               .qvel = {qvel.data(), 1, env->nv()}});
  load(dump, world, *env);
  std::vector<double> action(buffers.action.size());
  dump.read(make_field("action", {spec.num_players, spec.action_dim}, action.data()), world);
  std::ranges::transform(action, buffers.action.begin(),
                         [](double x) { return static_cast<float>(x); });
  env->step(buffers.action_view(), buffers.views);
  const bool diverges = env->take_statistics().divergences == 1;
  fmt::print("env {}, episode {}, step {}: {}; largest joint speed {} it: {:.4g}\n",
             config.options.first_env, dump.value<std::int32_t>("env/clock/episode", world),
             dump.value<std::int32_t>("env/clock/step", world),
             diverges ? "diverges again" : "does NOT diverge", diverges ? "before" : "after",
             largest_speed(qvel));
  return diverges;
}

}  // namespace

/// Takes the fatal step of each world in a dump again, on the model and with the random numbers
/// that it had.
int replay(const std::string& file) {
  const Dump dump(file);
  const RunConfig config = dump.config();
  int num_diverged = 0;
  for (int world = 0; world < dump.num_worlds(); ++world) {
    num_diverged += replay_world(dump, world, config.env) ? 1 : 0;
  }
  fmt::print("{} of {} worlds diverge again\n", num_diverged, dump.num_worlds());
  return num_diverged == dump.num_worlds() ? 0 : 1;
}

}  // namespace fleet
