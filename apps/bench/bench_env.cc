#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "apps/bench/bench_report.h"
#include "apps/bench/bench_scene.h"
#include "apps/commands.h"
#include "apps/env_buffers.h"
#include "apps/random_actions.h"
#include "apps/session.h"

namespace fleet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUp = 200;  // control steps
constexpr int kSteps = 100;   // control steps per round, by default
constexpr int kRounds = 5;
constexpr int kEnvs = 256;  // by default

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

/// A batch of envs, and beside it MuJoCo's own batch, which repeats the physics of each step.
class Pair {
 public:
  Pair(const envs::EnvConfig& config, std::uint64_t seed)
      : seed_(seed),
        scene_(scene_of_task(config)),
        env_(build_env(config)),
        buffers_(env_->spec()),
        direct_(*scene_.model, env_->spec().num_envs, config.options.num_threads) {
    for (const Field& field : env_->state()) {
      if (field.name == "env/physics") {
        env_state_ = {reinterpret_cast<const double*>(field.data), direct_.state().size()};
      }
    }
    env_->reset(seed, buffers_.views);
    for (; step_ < kWarmUp; ++step_) {
      draw_actions(seed_, step_, buffers_.action_view());
      env_->step(buffers_.action_view(), buffers_.views);
    }
  }

  /// One control step of each, from equal states.
  void step() {
    draw_actions(seed_, step_++, buffers_.action_view());
    copy_states();
    const auto began = Clock::now();
    direct_.step(scene_.substeps);
    const auto middle = Clock::now();
    env_->step(buffers_.action_view(), buffers_.views);
    env_time += seconds(Clock::now() - middle);
    direct_time += seconds(middle - began);
  }

  const envs::EnvSpec& spec() const { return env_->spec(); }
  int substeps() const { return scene_.substeps; }

  double env_time = 0.0;     ///< s
  double direct_time = 0.0;  ///< s

 private:
  /// The direct batch gets the envs' states, and the controls that the actions stand for.
  void copy_states() {
    std::ranges::copy(env_state_, direct_.state().begin());
    const int ctrl = state_offset(*scene_.model, mjSTATE_CTRL);
    const PolicyContract& contract = spec().contract;
    for (int world = 0; world < spec().num_envs; ++world) {
      double* const row = direct_.state_row(world).data() + ctrl;
      for (int k = 0; k < spec().action_dim; ++k) {
        const auto i = static_cast<std::size_t>(k);
        row[k] =
            contract.action_offset[i] + contract.action_scale[i] * buffers_.action_view()(world, k);
      }
    }
  }

  std::uint64_t seed_;
  Scene scene_;
  std::unique_ptr<envs::BatchEnv> env_;
  EnvBuffers buffers_;
  sim::Batch direct_;
  std::span<const double> env_state_;
  int step_ = 0;
};

void measure(BenchReport& out, const BenchArguments& arguments, int num_threads) {
  RunConfig config = bench_config(arguments, num_threads);
  config.env.options.num_envs = arguments.num_envs > 0 ? arguments.num_envs : kEnvs;
  Pair pair(config.env, arguments.seed);
  const int num_steps = arguments.steps > 0 ? arguments.steps : kSteps;
  const double per_round = static_cast<double>(num_steps) * pair.spec().num_envs;
  std::vector<double> speeds, direct_speeds, ratios;
  for (int round = 0; round < kRounds; ++round) {
    pair.env_time = pair.direct_time = 0.0;
    for (int step = 0; step < num_steps; ++step) {
      pair.step();
    }
    speeds.push_back(per_round / pair.env_time);
    direct_speeds.push_back(per_round * pair.substeps() / pair.direct_time);
    ratios.push_back(pair.env_time / pair.direct_time);
  }
  out.print(fmt::format("{:7d} {:>19} {:>23} {:13.3f}", num_threads, with_commas(median(speeds)),
                        with_commas(median(direct_speeds)), median(ratios)));
  out.add_result({{"threads", num_threads},
                  {"envs", pair.spec().num_envs},
                  {"substeps", pair.substeps()},
                  {"env_steps_per_s", median(speeds)},
                  {"mjb_step_physics_steps_per_s", median(direct_speeds)},
                  {"time_over_mjb_step", median(ratios)}});
}

}  // namespace

/// Times a task's envs under random actions against mjb_step from the same states.
int bench_env(const BenchArguments& arguments) {
  bench_config(arguments, 1);  // a wrong name is reported before anything is printed
  BenchReport out("env", arguments.subject, arguments.json);
  out.print("threads  control env-steps/s  mjb_step, phys. steps/s  env / mjb_step");
  for (const int num_threads : arguments.threads) {
    measure(out, arguments, num_threads);
  }
  out.save();
  return 0;
}

}  // namespace fleet
