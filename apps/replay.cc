#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/divergence_dump.h"
#include "apps/session.h"
#include "envs/env_buffers.h"

namespace fleet {
namespace {

/// The largest speed of a joint, in m/s or rad/s, "nan" where one is no number.
double largest_speed(const std::vector<double>& qvel) {
  double largest = 0.0;
  for (const double speed : qvel) {
    largest = std::isnan(speed) ? speed : std::max(largest, std::abs(speed));
  }
  return largest;
}

/// Takes the fatal step again. @returns whether the world diverges
bool replay_world(const DivergenceDump& dump, int world, const envs::EnvConfig& run) {
  const envs::EnvConfig config = dump.config_of_one(run, world);
  const auto env = build_env(config);
  const envs::EnvSpec& spec = env->spec();
  envs::EnvBuffers buffers(spec);
  std::vector<double> qpos(static_cast<std::size_t>(env->nq()));
  std::vector<double> qvel(static_cast<std::size_t>(env->nv()));
  env->record({.final_observation = {},
               .reward_terms = {},
               .qpos = {qpos.data(), 1, env->nq()},
               .qvel = {qvel.data(), 1, env->nv()}});
  dump.load(world, *env);
  std::ranges::copy(dump.action(world, spec), buffers.action.begin());
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
  const DivergenceDump dump(file);
  const RunConfig config = dump.config();
  int num_diverged = 0;
  for (int world = 0; world < dump.num_worlds(); ++world) {
    num_diverged += replay_world(dump, world, config.env) ? 1 : 0;
  }
  fmt::print("{} of {} worlds diverge again\n", num_diverged, dump.num_worlds());
  return num_diverged == dump.num_worlds() ? 0 : 1;
}

}  // namespace fleet
