#include "apps/tables.h"

#include <fmt/format.h>

namespace fleet {
namespace {

std::string observation_table(const envs::EnvSpec& spec) {
  std::string text;
  for (const ObservationGroup& group : spec.observations) {
    text += fmt::format("Observation '{}' ({})\n", group.name, group.dim());
    int first = 0;
    for (const ObservationTerm& term : group.terms) {
      const double noise = group.noisy ? term.noise : 0.0;
      text += fmt::format("  {:>3}  {:<22} {:>3}   noise {:<6.4g} {}\n", first, term.name, term.dim,
                          noise, term.unit);
      first += term.dim;
    }
  }
  return text;
}

std::string action_table(const PolicyContract& contract) {
  std::string text = fmt::format("Actions ({})\n", contract.action_names.size());
  for (std::size_t i = 0; i < contract.action_names.size(); ++i) {
    text +=
        fmt::format("  {:<26} bound {:<5.3g}", contract.action_names[i], contract.action_bound[i]);
    if (!contract.stiffness.empty()) {
      text += fmt::format(" scale {:<7.4f} offset {:<6.3f} kp {:<7.3f} kd {:<6.3f} effort {:.2f}",
                          contract.action_scale[i], contract.action_offset[i],
                          contract.stiffness[i], contract.damping[i], contract.effort_limit[i]);
    }
    text += '\n';
  }
  return text;
}

std::string reward_table(const RunConfig& config) {
  if (config.env.task != "velocity") {
    return {};
  }
  std::string text = "Reward weights (per second)\n";
  tasks::VelocityWeights weights = config.env.velocity.reward;
  weights.fields([&](const char* name, double weight) {
    text += fmt::format("  {:<26} {:g}\n", name, weight);
  });
  return text;
}

std::string threads_text(int num_threads) {
  return num_threads == 0   ? "a thread per CPU"
         : num_threads == 1 ? "1 thread"
                            : fmt::format("{} threads", num_threads);
}

}  // namespace

std::string settings_table(const RunConfig& config, const envs::EnvSpec& spec) {
  return fmt::format(
             "Task {} with {} (seed {}): {} envs on {} ({}), {} control steps of {:g} s per "
             "episode\n",
             config.name, config.preset, config.seed, spec.num_envs,
             name_of(config.env.options.backend), threads_text(config.env.options.num_threads),
             spec.max_episode_steps, spec.control_period) +
         observation_table(spec) + action_table(spec.contract) + reward_table(config);
}

}  // namespace fleet
