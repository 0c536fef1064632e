#pragma once

#include <memory>
#include <string>

#include "agents/agent.h"
#include "agents/ppo/ppo_config.h"

namespace fleet::agents {

/// Which learner, and the settings of each; those of the others are ignored.
struct AgentConfig {
  std::string name = "ppo";
  PpoConfig ppo;

  /// Returns what is wrong, or nothing.
  std::string validate() const;

  void fields(auto&& visit) {
    visit("name", name);
    visit("ppo", ppo);
  }
};

/// @throws std::invalid_argument if config.validate() or the spec finds fault
std::unique_ptr<Agent> make_agent(const AgentConfig& config, const envs::EnvSpec& spec);

}  // namespace fleet::agents
