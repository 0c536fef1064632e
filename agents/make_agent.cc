#include "agents/make_agent.h"

#include "agents/ppo/ppo.h"
#include "cuda/require.h"

namespace fleet::agents {

std::string AgentConfig::validate() const {
  if (name == "ppo") {
    return ppo.validate();
  }
  return "agent '" + name + "' is not one of: ppo";
}

std::unique_ptr<Agent> make_agent(const AgentConfig& config, const envs::EnvSpec& spec) {
  const std::string problem = config.validate();
  require(problem.empty(), problem);
  return make_ppo(config.ppo, spec);
}

}  // namespace fleet::agents
