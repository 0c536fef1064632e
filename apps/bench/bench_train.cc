#include <fmt/format.h>

#include "apps/bench/bench_report.h"
#include "apps/commands.h"
#include "apps/session.h"

namespace fleet {
namespace {

constexpr int kWarmUp = 2;       // iterations
constexpr int kIterations = 10;  // by default

void measure(BenchReport& out, const RunConfig& config, const BenchArguments& arguments,
             int num_threads) {
  const Session session = make_session(config);
  session.agent->start(*session.env);
  for (int iteration = 0; iteration < kWarmUp; ++iteration) {
    session.agent->iterate(*session.env);
  }
  double env_steps = 0.0;
  double collection = 0.0;  // s
  double learning = 0.0;    // s
  const int count = arguments.steps > 0 ? arguments.steps : kIterations;
  for (int iteration = 0; iteration < count; ++iteration) {
    const agents::IterationReport report = session.agent->iterate(*session.env);
    env_steps += static_cast<double>(report.env_steps);
    collection += report.collection_time;
    learning += report.learning_time;
  }
  const double time = collection + learning;
  const std::string backend = name_of(config.env.options.backend);
  out.print(fmt::format("{:7d} {:>8} {:>13} {:11.1f} % {:9.1f} %", num_threads, backend,
                        with_commas(env_steps / time), 100.0 * collection / time,
                        100.0 * learning / time));
  out.add_result({{"threads", num_threads},
                  {"backend", backend},
                  {"envs", session.env->spec().num_envs},
                  {"iterations", count},
                  {"env_steps", env_steps},
                  {"env_steps_per_s", env_steps / time},
                  {"collection_time", collection},
                  {"learning_time", learning}});
}

}  // namespace

/// Times whole training iterations.
int bench_train(const BenchArguments& arguments) {
  bench_config(arguments, 1);  // a wrong name is reported before anything is printed
  BenchReport out("train", arguments.subject, arguments.json);
  out.print("threads  backend   env-steps/s   collection    learning");
  for (const int num_threads : arguments.threads) {
    RunConfig config = bench_config(arguments, num_threads);
    for (const auto backend : bench_backends(arguments, config.env.options.backend)) {
      config.env.options.backend = backend;
      measure(out, config, arguments, num_threads);
    }
  }
  out.save();
  return 0;
}

}  // namespace fleet
