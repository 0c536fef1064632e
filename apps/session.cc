#include "apps/session.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "apps/match/high_level.h"
#include "apps/user_error.h"
#include "sim/physics_support.h"

namespace fleet {
namespace {

/// What a constructor refuses is the config's fault, and so the user's.
template <class F>
auto blame_config(F&& make) {
  try {
    return make();
  } catch (const std::runtime_error& error) {
    throw UserError(error.what());
  } catch (const std::invalid_argument& error) {
    throw UserError(error.what());
  }
}

}  // namespace

void print_physics_notes(const mjModel& model) {
  static std::set<std::string> printed;  // a benchmark builds the same envs many times
  for (const std::string& note : sim::physics_notes(model)) {
    if (printed.insert(note).second) {
      fmt::print(stderr, "fleet: on lanes: {}\n", note);
    }
  }
}

std::unique_ptr<envs::BatchEnv> build_env(const envs::EnvConfig& config) {
  const std::string models = root_folder() + "/third_party";
  auto env = blame_config([&] { return envs::make_env(config, models); });
  if (config.options.backend == envs::Backend::kLanes) {
    print_physics_notes(*envs::make_model(config, models));
  }
  return env;
}

Fields Session::state() const {
  Fields fields = agent->state();
  std::ranges::move(env->state(), std::back_inserter(fields));
  return fields;
}

void Session::restore() const {
  agent->restore();
  env->restore();
}

Session make_session(RunConfig config, const std::string& folder) {
  Session session;
  session.num_iterations = config.agent.set_run(config.seed, config.env.options.num_threads,
                                                config.train.steps, config.env.options.num_envs);
  session.env = build_env(config.env);
  if (!config.train.team.empty()) {
    session.env = make_high_level_env(config, std::move(session.env), folder);
  }
  session.agent =
      blame_config([&] { return agents::make_agent(config.agent, session.env->spec()); });
  return session;
}

std::unique_ptr<agents::Agent> make_actor(RunConfig config, const envs::EnvSpec& spec) {
  config.agent.set_run(config.seed, config.env.options.num_threads, config.train.steps,
                       config.env.options.num_envs);
  config.agent.only_act();
  return blame_config([&] { return agents::make_agent(config.agent, spec); });
}

}  // namespace fleet
