#include "agents/make_agent.h"

#include <algorithm>
#include <stdexcept>

#include "agents/flashsac/flashsac.h"
#include "agents/ppo/ppo.h"
#include "agents/self_play/self_play.h"
#include "cuda/require.h"

namespace fleet::agents {
namespace {

std::unique_ptr<Agent> make_learner(const AgentConfig& config, const envs::EnvSpec& spec) {
  if (config.name == "flashsac") {
    return make_flashsac(config.flashsac, spec);
  }
  return make_ppo(config.ppo, spec);
}

std::unique_ptr<Agent> make_self_play(const AgentConfig& config, const envs::EnvSpec& spec) {
  AgentConfig generation = config;
  generation.only_act();
  return std::make_unique<SelfPlay>(
      config.self_play, spec,
      SelfPlay::Makers{
          .learner = [config](const envs::EnvSpec& own) { return make_learner(config, own); },
          .generation = [generation](const envs::EnvSpec& own) {
            return make_learner(generation, own);
          }});
}

/// What can learn a task that asks for actions at times only.
void require_at_times(const AgentConfig& config, const envs::EnvSpec& spec) {
  const std::string why = ", because the task asks for actions at times only";
  if (spec.decides_at_times && config.name != "ppo") {
    throw std::runtime_error("algorithm: expected ppo" + why);
  }
  if (spec.decides_at_times && config.self_play.opponents == Opponents::kPopulation) {
    throw std::runtime_error("self_play.opponents: expected none or self" + why);
  }
}

}  // namespace

std::string AgentConfig::validate() const {
  if (name == "ppo") {
    return ppo.validate();
  }
  if (name == "flashsac") {
    return flashsac.validate();
  }
  return "agent '" + name + "' is not one of: ppo, flashsac";
}

std::int64_t AgentConfig::set_run(std::uint64_t seed, int num_threads, std::int64_t env_steps,
                                  int num_envs) {
  ppo.seed = flashsac.seed = seed;
  ppo.num_threads = flashsac.num_threads = num_threads;
  const std::int64_t num_steps =
      std::max(1, name == "flashsac" ? flashsac.num_steps : ppo.num_steps);
  const std::int64_t per_iteration = num_steps * std::max(1, num_envs);
  const std::int64_t num_iterations =
      env_steps / per_iteration + (env_steps % per_iteration > 0 ? 1 : 0);
  ppo.num_iterations = num_iterations;
  flashsac.num_updates =
      std::max<std::int64_t>(1, env_steps / std::max(1, flashsac.transitions_per_update));
  return num_iterations;
}

void AgentConfig::only_act() {
  ppo.num_steps = 1;
  ppo.num_minibatches = 1;
  flashsac.batch_size = 2;
  flashsac.buffer_size = 2;
  flashsac.min_buffer = 1;
  self_play = {};
}

std::unique_ptr<Agent> make_agent(const AgentConfig& config, const envs::EnvSpec& spec) {
  const std::string problem = config.validate();
  require(problem.empty(), problem);
  require_at_times(config, spec);
  return config.self_play.opponents == Opponents::kNone ? make_learner(config, spec)
                                                        : make_self_play(config, spec);
}

}  // namespace fleet::agents
