#include <fmt/format.h>

#include "agents/flashsac/flashsac_benchmark.h"
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

void bench_ppo(const BenchArguments& arguments, const agents::PpoBenchmark& sizes,
               BenchReport& out) {
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
}

/// Times updates on batches of noise: of a busy machine the best and the CPU time tell most.
void bench_flashsac(const BenchArguments& arguments, const agents::PpoBenchmark& sizes,
                    BenchReport& out) {
  const agents::FlashSacConfig settings = bench_config(arguments, 1).agent.flashsac;
  out.set("batch_size", settings.batch_size);
  out.print("threads   ms per update (median)   best   CPU ms   parameters");
  for (const int num_threads : arguments.threads) {
    agents::FlashSacConfig config = settings;
    config.num_threads = num_threads;
    const agents::FlashSacSpeed speed =
        agents::measure_flashsac(config, {.actor_dim = sizes.actor_dim,
                                          .critic_dim = config.asymmetric ? sizes.critic_dim : 0,
                                          .action_dim = sizes.action_dim});
    out.print(fmt::format("{:7d} {:24.1f} {:6.1f} {:8.1f} {:>12}", num_threads,
                          1e3 * speed.median_time, 1e3 * speed.best_time, 1e3 * speed.cpu_time,
                          with_commas(speed.num_parameters)));
    out.add_result({{"threads", num_threads},
                    {"update_s", speed.median_time},
                    {"best_update_s", speed.best_time},
                    {"cpu_s", speed.cpu_time},
                    {"parameters", speed.num_parameters}});
  }
}

}  // namespace

/// Times a learner alone, with a task's sizes and a preset's settings.
int bench_learner(const BenchArguments& arguments) {
  const agents::PpoBenchmark sizes = sizes_of(arguments);
  BenchReport out("learner", arguments.subject, arguments.json);
  out.set("actor_dim", sizes.actor_dim);
  out.set("critic_dim", sizes.critic_dim);
  out.set("action_dim", sizes.action_dim);
  if (bench_config(arguments, 1).agent.name == "flashsac") {
    bench_flashsac(arguments, sizes, out);
  } else {
    bench_ppo(arguments, sizes, out);
  }
  out.save();
  return 0;
}

}  // namespace fleet
