#include "apps/tables.h"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

std::string physics_line(const sim::PhysicsConfig& p) {
  return fmt::format(
      "Physics: {} steps of {:g} s per control step, {}, {} with at most {} iterations ({} along a "
      "line), tolerance {:g}, {} cone, impratio {:g}\n",
      p.substeps, p.timestep, p.integrator, p.solver, p.iterations, p.ls_iterations, p.tolerance,
      p.cone, p.impratio);
}

std::string range(const tasks::Range& range) {
  return fmt::format("{:g} to {:g}", range[0], range[1]);
}

std::string command_lines(const tasks::CommandConfig& command) {
  std::string text = fmt::format(
      "Commands: new after {} s; {:g} % standing, {:g} % to a heading, {:g} % forward\n",
      range(command.resampling_time), 100.0 * command.standing, 100.0 * command.heading,
      100.0 * command.forward);
  for (const tasks::CommandStage& stage : command.stages) {
    text += fmt::format("  from control step {:<8} x {} m/s, y {} m/s, turn {} rad/s\n", stage.step,
                        range(stage.lin_vel_x), range(stage.lin_vel_y), range(stage.ang_vel_z));
  }
  return text;
}

std::string push_line(const tasks::PushConfig& push) {
  return push.enabled
             ? fmt::format("Pushes: after {} s, up to {:g} m/s, {:g} rad/s\n", range(push.interval),
                           fmt::join(push.linear, ", "), fmt::join(push.angular, ", "))
             : "Pushes: none\n";
}

/// What each number begins with and ends at.
std::string curriculum_line(tasks::VelocityCurriculum curriculum) {
  if (curriculum.steps == 0) {
    return "Training curriculum: none\n";
  }
  std::map<std::string, double> ends;
  tasks::VelocityCurriculum{}.fields([&](const char* name, double value) { ends[name] = value; });
  std::vector<std::string> moves;
  curriculum.fields([&](const std::string& name, double value) {
    if (name != "steps" && value != ends[name]) {
      moves.push_back(fmt::format("{} {:g} to {:g}", name, value, ends[name]));
    }
  });
  return fmt::format("Training curriculum: over {} control steps {}\n", curriculum.steps,
                     fmt::join(moves, ", "));
}

std::string task_lines(const RunConfig& config) {
  const tasks::VelocityConfig& velocity = config.env.velocity;
  return config.env.task != "velocity"
             ? std::string()
             : physics_line(velocity.physics) + command_lines(velocity.command) +
                   push_line(velocity.push) + curriculum_line(velocity.curriculum);
}

std::string ppo_line(const agents::PpoConfig& ppo) {
  return fmt::format(
      "Learner: PPO, actor {} and critic {} ({}); {} steps, {} epochs of {} minibatches; learning "
      "rate {:g} ({}), gamma {:g}, lambda {:g}, entropy {:g}{}, noise {:g}, at most {:g}{}, "
      "symmetry "
      "{}\n",
      ppo.actor_hidden_dims, ppo.critic_hidden_dims, ppo.activation, ppo.num_steps, ppo.num_epochs,
      ppo.num_minibatches, ppo.learning_rate, ppo.schedule, ppo.gamma, ppo.lambda, ppo.entropy_coef,
      ppo.entropy_end < 1.0 ? fmt::format(" up to {:g} of the run", ppo.entropy_end) : "",
      ppo.init_std, ppo.max_std,
      ppo.final_max_std > 0.0 ? fmt::format(" falling to {:g}", ppo.final_max_std) : "",
      ppo.symmetry);
}

std::string flashsac_line(const agents::FlashSacConfig& sac) {
  const std::string networks =
      sac.network == "mlp" ? fmt::format("{}", sac.hidden_dims)
                           : fmt::format("actor {} x {} with a {} head and critic {} x {}",
                                         sac.actor_blocks, sac.actor_width, sac.actor_head,
                                         sac.critic_blocks, sac.critic_width);
  return fmt::format(
      "Learner: FlashSAC, {} {}, {} {} critics, products in {}; an update of {} per {} "
      "transitions, {} kept; learning rate {:g} to {:g}, gamma {:g}, {} steps ahead, {:g} of the "
      "action bound, symmetry {}\n",
      sac.network, networks, sac.num_critics, sac.critic, sac.precision, sac.batch_size,
      sac.transitions_per_update, sac.buffer_size, sac.learning_rate, sac.final_learning_rate,
      sac.gamma, sac.n_step, sac.action_scale, sac.symmetry);
}

std::string learner_line(const agents::AgentConfig& agent) {
  return agent.name == "ppo" ? ppo_line(agent.ppo) : flashsac_line(agent.flashsac);
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
         observation_table(spec) + action_table(spec.contract) + reward_table(config) +
         task_lines(config) + learner_line(config.agent);
}

}  // namespace fleet
