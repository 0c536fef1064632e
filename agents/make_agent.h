#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "agents/agent.h"
#include "agents/flashsac/flashsac_config.h"
#include "agents/ppo/ppo_config.h"
#include "agents/self_play/self_play_config.h"

namespace fleet::agents {

/// Which learner, and the settings of each; those of the others are ignored.
struct AgentConfig {
  std::string name = "ppo";
  PpoConfig ppo;
  FlashSacConfig flashsac{};
  SelfPlayConfig self_play{};

  /// Returns what is wrong, or nothing.
  std::string validate() const;

  /// Carries in what the run decides. @returns how many iterations it has
  std::int64_t set_run(std::uint64_t seed, int num_threads, std::int64_t env_steps, int num_envs);

  /// For an agent that only acts: no memory for learning.
  void only_act();

  void fields(auto&& visit) {
    visit("name", name);
    visit("ppo", ppo);
    visit("flashsac", flashsac);
    visit("self_play", self_play);
  }
};

/// @throws std::invalid_argument if config.validate() or the spec finds fault
std::unique_ptr<Agent> make_agent(const AgentConfig& config, const envs::EnvSpec& spec);

}  // namespace fleet::agents
