#include <fmt/format.h>

#include "agents/ppo/ppo_benchmark.h"
#include "apps/bench/bench_report.h"
#include "apps/commands.h"
#include "apps/session.h"

namespace fleet {
namespace {

/// Sizes of the task's observations and actions.
agents::PpoBenchmark sizes_of(const BenchArguments& arguments) {
  RunConfig config = bench_config(arguments, 1);
  agents::PpoBenchmark sizes;
  sizes.num_envs = config.env.options.num_envs;
  config.env.options.num_envs = 1;
  const auto env = build_env(config.env);
  const envs::EnvSpec& spec = env->spec();
  sizes.actor_dim = spec.observations[0].dim();
  sizes.critic_dim = spec.observations.size() > 1 ? spec.observations[1].dim() : 0;
  sizes.action_dim = spec.action_dim;
  return sizes;
}

}  // namespace

/// Times PPO alone, with a task's sizes and settings, on envs that cost next to nothing.
int bench_learner(const BenchArguments& arguments) {
  const agents::PpoBenchmark sizes = sizes_of(arguments);
  BenchReport out("learner", arguments.subject, arguments.json);
  out.set("actor_dim", sizes.actor_dim);
  out.set("critic_dim", sizes.critic_dim);
  out.set("action_dim", sizes.action_dim);
  out.set("envs", sizes.num_envs);
  out.print("threads   samples/s   of it learning   learning alone, samples/s");
  for (const int num_threads : arguments.threads) {
    agents::PpoConfig config = bench_config(arguments, num_threads).agent.ppo;
    config.num_threads = num_threads;
    config.num_iterations = 1'000'000;
    config.symmetry = "none";  // the noise has no mirror image
    const agents::PpoSpeed speed = agents::measure_ppo(config, sizes);
    const double learning = 1.0 - speed.collection_fraction;
    out.print(fmt::format("{:7d} {:>11} {:14.1f} % {:>27}", num_threads,
                          with_commas(speed.samples_per_second), 100.0 * learning,
                          with_commas(speed.samples_per_second / learning)));
    out.add_result({{"threads", num_threads},
                    {"samples_per_s", speed.samples_per_second},
                    {"learning_fraction", learning},
                    {"learning_samples_per_s", speed.samples_per_second / learning}});
  }
  out.save();
  return 0;
}

}  // namespace fleet
