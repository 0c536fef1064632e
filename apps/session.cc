#include "apps/session.h"

#include <algorithm>
#include <stdexcept>

#include "apps/user_error.h"

namespace fleet {
namespace {

agents::AgentConfig agent_config(const RunConfig& config) {
  agents::AgentConfig agent = config.agent;
  const auto& ppo = agent.ppo;
  const std::int64_t per_iteration = std::int64_t{config.env.options.num_envs} * ppo.num_steps;
  agent.ppo.seed = config.seed;
  agent.ppo.num_threads = config.env.options.num_threads;
  agent.ppo.num_iterations =
      static_cast<int>((config.train.steps + per_iteration - 1) / per_iteration);
  return agent;
}

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

std::unique_ptr<envs::BatchEnv> build_env(const envs::EnvConfig& config) {
  return blame_config([&] { return envs::make_env(config, root_folder() + "/third_party"); });
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

Session make_session(RunConfig config) {
  const agents::AgentConfig agent = agent_config(config);
  Session session;
  session.env = build_env(config.env);
  session.agent = blame_config([&] { return agents::make_agent(agent, session.env->spec()); });
  session.num_iterations = agent.ppo.num_iterations;
  return session;
}

std::unique_ptr<agents::Agent> make_actor(RunConfig config, const envs::EnvSpec& spec) {
  config.agent.ppo.num_threads = config.env.options.num_threads;
  config.agent.ppo.num_steps = 1;  // an actor keeps no rollout
  config.agent.ppo.num_minibatches = 1;
  return blame_config([&] { return agents::make_agent(config.agent, spec); });
}

}  // namespace fleet
