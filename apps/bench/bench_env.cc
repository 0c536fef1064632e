#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "apps/bench/bench_report.h"
#include "apps/bench/bench_scene.h"
#include "apps/commands.h"
#include "apps/random_actions.h"
#include "apps/session.h"
#include "envs/env_buffers.h"

namespace fleet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUp = 200;  // control steps
constexpr int kSteps = 100;   // control steps per round, by default
constexpr int kRounds = 5;
constexpr int kEnvs = 256;  // by default

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

/// A batch of envs under random actions.
class Timed {
 public:
  Timed(envs::EnvConfig config, envs::Backend backend, std::uint64_t seed) : seed_(seed) {
    config.options.backend = backend;
    env_ = build_env(config);
    buffers_ = std::make_unique<envs::EnvBuffers>(env_->spec());
    env_->reset(seed, buffers_->views);
    for (int step = 0; step < kWarmUp; ++step) {
      draw();
      this->step();
    }
    time = 0.0;
  }

  /// Draws the actions of the next control step.
  void draw() { draw_actions(seed_, step_++, action()); }
  void step() {
    const auto began = Clock::now();
    env_->step(action(), buffers_->views);
    time += seconds(Clock::now() - began);
  }

  BatchView<float> action() { return buffers_->action_view(); }
  envs::BatchEnv& env() { return *env_; }

  double time = 0.0;  ///< s, in step()

 private:
  std::uint64_t seed_;
  std::unique_ptr<envs::BatchEnv> env_;
  std::unique_ptr<envs::EnvBuffers> buffers_;
  int step_ = 0;
};

/// MuJoCo's own batch, which repeats the physics of the steps of envs on the `mujoco` backend.
class Direct {
 public:
  Direct(const Scene& scene, Timed& envs, int num_threads)
      : scene_(scene), envs_(envs), batch_(*scene.model, envs.env().spec().num_envs, num_threads) {}

  /// The step that the envs are about to take.
  void step() {
    copy_states();
    const auto began = Clock::now();
    batch_.step(scene_.substeps);
    time += seconds(Clock::now() - began);
  }

  double time = 0.0;  ///< s

 private:
  /// The batch gets the envs' states, and the controls that the actions stand for.
  void copy_states() {
    for (const Field& field : envs_.env().state()) {
      if (field.name == "env/physics") {
        const auto* const state = reinterpret_cast<const double*>(field.data);
        std::copy_n(state, batch_.state().size(), batch_.state().begin());
      }
    }
    const int ctrl = state_offset(*scene_.model, mjSTATE_CTRL);
    const envs::EnvSpec& spec = envs_.env().spec();
    if (scene_.model->nu != spec.action_dim) {
      return;  // actions act through forces, which are part of the state
    }
    for (int world = 0; world < spec.num_envs; ++world) {
      double* const row = batch_.state_row(world).data() + ctrl;
      for (int k = 0; k < spec.action_dim; ++k) {
        const auto i = static_cast<std::size_t>(k);
        row[k] = spec.contract.action_offset[i] +
                 spec.contract.action_scale[i] * envs_.action()(world, k);
      }
    }
  }

  const Scene& scene_;
  Timed& envs_;
  sim::Batch batch_;
};

struct Speeds {
  std::vector<double> mujoco, direct, lanes;  ///< env steps, physics steps, env steps per second
};

/// All in turn, so that what one gains by a quiet moment the others get, too.
Speeds measure(const envs::EnvConfig& config, const Scene& scene,
               const std::vector<envs::Backend>& backends, const BenchArguments& arguments) {
  std::optional<Timed> mujoco, lanes;
  std::optional<Direct> direct;
  if (contains(backends, envs::Backend::kMujoco)) {
    mujoco.emplace(config, envs::Backend::kMujoco, arguments.seed);
    direct.emplace(scene, *mujoco, config.options.num_threads);
  }
  if (contains(backends, envs::Backend::kLanes)) {
    lanes.emplace(config, envs::Backend::kLanes, arguments.seed);
  }
  const int num_steps = arguments.steps > 0 ? arguments.steps : kSteps;
  const double per_round = static_cast<double>(num_steps) * config.options.num_envs;
  Speeds speeds;
  for (int round = 0; round < kRounds; ++round) {
    if (mujoco) {
      mujoco->time = direct->time = 0.0;
      for (int step = 0; step < num_steps; ++step) {
        mujoco->draw();
        direct->step();
        mujoco->step();
      }
      speeds.mujoco.push_back(per_round / mujoco->time);
      speeds.direct.push_back(per_round * scene.substeps / direct->time);
    }
    if (lanes) {
      lanes->time = 0.0;
      for (int step = 0; step < num_steps; ++step) {
        lanes->draw();
        lanes->step();
      }
      speeds.lanes.push_back(per_round / lanes->time);
    }
  }
  return speeds;
}

/// Median over rounds of one speed over another.
double median_ratio(const std::vector<double>& above, const std::vector<double>& below,
                    double scale = 1.0) {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < above.size(); ++round) {
    ratios.push_back(scale * above[round] / below[round]);
  }
  return median(ratios);
}

void report(BenchReport& out, const Speeds& speeds, const envs::EnvConfig& config, int substeps) {
  const int threads = config.options.num_threads;
  nlohmann::ordered_json result{
      {"threads", threads}, {"envs", config.options.num_envs}, {"substeps", substeps}};
  if (!speeds.mujoco.empty()) {
    const double over_direct = median_ratio(speeds.direct, speeds.mujoco, 1.0 / substeps);
    out.print(fmt::format("{:7d} {:>8} {:>19}   {:.3f} times the time of mjb_step ({} physics "
                          "steps/s)",
                          threads, "mujoco", with_commas(median(speeds.mujoco)), over_direct,
                          with_commas(median(speeds.direct))));
    result["env_steps_per_s"] = median(speeds.mujoco);
    result["mjb_step_physics_steps_per_s"] = median(speeds.direct);
    result["time_over_mjb_step"] = over_direct;
  }
  if (!speeds.lanes.empty()) {
    result["lanes_env_steps_per_s"] = median(speeds.lanes);
    std::string ratio;
    if (!speeds.mujoco.empty()) {
      result["lanes_over_mujoco"] = median_ratio(speeds.lanes, speeds.mujoco);
      ratio = fmt::format("   {:.2f} times as fast as mujoco",
                          median_ratio(speeds.lanes, speeds.mujoco));
    }
    out.print(fmt::format("{:7d} {:>8} {:>19}{}", threads, "lanes",
                          with_commas(median(speeds.lanes)), ratio));
  }
  out.add_result(std::move(result));
}

}  // namespace

/// Times a task's envs under random actions; those on `mujoco` against mjb_step from the same
/// states.
int bench_env(const BenchArguments& arguments) {
  envs::EnvConfig config = bench_config(arguments, 1).env;
  config.options.num_envs = arguments.num_envs > 0 ? arguments.num_envs : kEnvs;
  const std::vector<envs::Backend> backends =
      bench_backends(arguments, config.options.backend);
  const Scene scene = scene_of_task(config);
  BenchReport out("env", arguments.subject, arguments.json);
  out.print("threads  backend  control env-steps/s");
  for (const int num_threads : arguments.threads) {
    config.options.num_threads = num_threads;
    report(out, measure(config, scene, backends, arguments), config, scene.substeps);
  }
  out.save();
  return 0;
}

}  // namespace fleet
