#include "apps/session.h"

#include <algorithm>

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

}  // namespace

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
  session.env = envs::make_env(config.env, root_folder() + "/third_party");
  session.agent = agents::make_agent(agent, session.env->spec());
  session.num_iterations = agent.ppo.num_iterations;
  return session;
}

std::unique_ptr<agents::Agent> make_actor(RunConfig config, const envs::EnvSpec& spec) {
  config.agent.ppo.num_threads = config.env.options.num_threads;
  config.agent.ppo.num_steps = 1;  // an actor keeps no rollout
  config.agent.ppo.num_minibatches = 1;
  return agents::make_agent(config.agent, spec);
}

}  // namespace fleet
