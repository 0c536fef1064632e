#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/make_agent.h"
#include "envs/make_env.h"

namespace fleet {

/// How long a run is and what it leaves behind.
struct TrainConfig {
  std::int64_t steps = 15'000'000;  ///< env steps, over all envs
  int checkpoint_interval = 50;     ///< iterations
  int keep_checkpoints = 3;         ///< the newest; the best by training return is kept besides
  bool evaluate = true;             ///< evaluate and export when the training has ended
  std::string evaluate_on;          ///< task to evaluate on; "" for the trained one
  /// Not the task itself is learnt, but these, by skill and task, one after the other.
  std::vector<std::pair<std::string, std::string>> skills;
  /// Not players learn, but who decides for them: the high level of a team that has the skills of
  /// this one, a run or a shipped policy.
  std::string team;

  void fields(auto&& visit) {
    visit("steps", steps);
    visit("checkpoint_interval", checkpoint_interval);
    visit("keep_checkpoints", keep_checkpoints);
    visit("evaluate", evaluate);
    visit("evaluate_on", evaluate_on);
    visit("skills", skills);
    visit("team", team);
  }
  std::string validate() const {
    return steps < 1                 ? "steps: expected 1 or more"
           : checkpoint_interval < 1 ? "checkpoint_interval: expected 1 or more"
           : keep_checkpoints < 1    ? "keep_checkpoints: expected 1 or more"
           : !team.empty() && !skills.empty()
               ? "team: expected none beside skills, which are trained for a team of their own"
                                     : std::string();
  }
};

/// Everything that defines a run: a task's YAML over an agent preset's over the defaults.
struct RunConfig {
  std::string name;    ///< the task's, as the user types it: "go1-flat"
  std::string preset;  ///< the agent preset: "ppo"
  std::uint64_t seed = 1;
  envs::EnvConfig env;
  agents::AgentConfig agent;
  TrainConfig train;

  void fields(auto&& visit) {
    visit("name", name);
    visit("preset", preset);
    visit("seed", seed);
    env.fields(visit);
    visit("algorithm", agent.name);
    visit("ppo", agent.ppo);
    visit("flashsac", agent.flashsac);
    visit("self_play", agent.self_play);
    visit("train", train);
  }
};

/// What the user typed beside the task's name.
struct Overrides {
  std::string preset{};                    ///< "" for the task's own
  std::vector<std::string> assignments{};  ///< "velocity.reward.action_rate_l2=-0.2"
  bool task_only = false;  ///< without how the task sets up its agent: curriculum, number of envs
};

/// Where configs, models and shipped policies lie: FLEET_ROOT, else where the program was built.
std::string root_folder();

/// Names of the tasks that `fleet train` takes.
std::vector<std::string> task_names();

/// Reads configs/tasks/NAME.yaml over configs/agents/PRESET.yaml, then the user's overrides.
/// @throws config::ConfigError in one line: place, key, what was expected
RunConfig load_run_config(const std::string& task, const Overrides& overrides);

/// "mujoco", "lanes".
std::string name_of(envs::Backend backend);

/// The user's assignments on top of MuJoCo's own physics, which judges, plays and replays whatever
/// the task trains on.
std::vector<std::string> on_mujoco(std::vector<std::string> assignments);

/// Reads what config::dump() wrote of a run. @param file for messages @throws config::ConfigError
RunConfig parse_run_config(const std::string& yaml, const std::string& file);

/// Reads the config that a run folder holds. @throws config::ConfigError, files::FileError
RunConfig load_run_folder(const std::string& folder, const std::vector<std::string>& assignments);

}  // namespace fleet
