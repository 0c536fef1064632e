#include <chrono>

#include <fmt/format.h>

#include "apps/bench/bench_report.h"
#include "apps/bench/bench_scene.h"
#include "apps/commands.h"
#include "apps/files/sha256.h"
#include "apps/machine.h"

namespace fleet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUp = 200;  // control steps, until falls and resets are as frequent as they get
constexpr int kWorlds = 256;  // by default
constexpr int kSteps = 40;    // control steps per round, by default
constexpr int kRounds = 7;

struct Result {
  std::vector<double> fleet, direct;  ///< physics steps per second, a value per round
  std::string fleet_hash, direct_hash;
  double bytes_per_world = 0.0;
};

Scene load_scene(const BenchArguments& arguments) {
  Scene scene = arguments.subject.ends_with(".xml") ? scene_of_file(arguments.subject)
                                                    : scene_of_task(bench_config(arguments, 1).env);
  scene.substeps = arguments.substeps > 0 ? arguments.substeps : scene.substeps;
  return scene;
}

/// Control steps [first, first + count); only `advance` is timed. @returns physics steps per second
template <class F>
double time_steps(const Scene& scene, sim::Batch& batch, const BenchArguments& arguments, int first,
                  int count, F&& advance) {
  Clock::duration time{};
  for (int step = first; step < first + count; ++step) {
    drive(scene, batch, arguments.seed, step);
    const auto began = Clock::now();
    advance(batch);
    time += Clock::now() - began;
  }
  return static_cast<double>(count) * scene.substeps * batch.num_worlds() /
         std::chrono::duration<double>(time).count();
}

std::string state_hash(sim::Batch& batch) { return files::sha256(std::as_bytes(batch.state())); }

/// Both ways in turn, on equal worlds: what one way gains by a quiet moment the other one gets,
/// too.
Result compare(const Scene& scene, const BenchArguments& arguments, int num_threads) {
  const int num_worlds = arguments.num_envs > 0 ? arguments.num_envs : kWorlds;
  const int num_steps = arguments.steps > 0 ? arguments.steps : kSteps;
  const auto as_envs_do = [&](sim::Batch& batch) { step_as_envs_do(scene, batch); };
  const auto as_mujoco_does = [&](sim::Batch& batch) { batch.step(scene.substeps); };
  Result result;
  const double before = resident_bytes();
  sim::Batch fleet(*scene.model, num_worlds, num_threads);
  start(scene, fleet);
  time_steps(scene, fleet, arguments, 0, kWarmUp, as_envs_do);
  result.bytes_per_world = (resident_bytes() - before) / num_worlds;
  sim::Batch direct(*scene.model, num_worlds, num_threads);
  std::ranges::copy(fleet.state(), direct.state().begin());
  for (int round = 0; round < kRounds; ++round) {
    const int first = kWarmUp + round * num_steps;
    result.fleet.push_back(time_steps(scene, fleet, arguments, first, num_steps, as_envs_do));
    result.direct.push_back(time_steps(scene, direct, arguments, first, num_steps, as_mujoco_does));
  }
  result.fleet_hash = state_hash(fleet);
  result.direct_hash = state_hash(direct);
  return result;
}

void report(BenchReport& out, const Result& result, int num_threads) {
  std::vector<double> ratios;
  for (std::size_t round = 0; round < result.fleet.size(); ++round) {
    ratios.push_back(result.fleet[round] / result.direct[round]);
  }
  const bool is_equal = result.fleet_hash == result.direct_hash;
  out.print(fmt::format("{:7d} {:>20} {:>21} {:8.3f} {:14.1f}   {:.16} {}", num_threads,
                        with_commas(median(result.fleet)), with_commas(median(result.direct)),
                        median(ratios), result.bytes_per_world / 1024.0, result.fleet_hash,
                        is_equal ? "(equal)" : "(NOT EQUAL: " + result.direct_hash + ")"));
  out.add_result({{"threads", num_threads},
                  {"fleet_physics_steps_per_s", median(result.fleet)},
                  {"mjb_step_physics_steps_per_s", median(result.direct)},
                  {"ratio", median(ratios)},
                  {"fleet_rounds_per_s", result.fleet},
                  {"mjb_step_rounds_per_s", result.direct},
                  {"fleet_state_sha256", result.fleet_hash},
                  {"mjb_step_state_sha256", result.direct_hash},
                  {"bytes_per_world", result.bytes_per_world}});
}

}  // namespace

/// Times physics as our envs step it against mjb_step, MuJoCo's own batch, called directly.
int bench_sim(const BenchArguments& arguments) {
  const Scene scene = load_scene(arguments);
  BenchReport out("sim", arguments.subject, arguments.json);
  out.set("timestep", scene.model->opt.timestep);
  out.set("substeps", scene.substeps);
  out.set("state_bytes_per_world", scene.start.size() * sizeof(double));
  out.set("worlds", arguments.num_envs > 0 ? arguments.num_envs : kWorlds);
  out.print(
      "threads  fleet, phys. steps/s  mjb_step, ph. steps/s    ratio  KiB per world   final state, "
      "sha256");
  bool is_equal = true;
  for (const int num_threads : arguments.threads) {
    const Result result = compare(scene, arguments, num_threads);
    report(out, result, num_threads);
    is_equal = is_equal && result.fleet_hash == result.direct_hash;
  }
  out.print(
      fmt::format("{} physics steps of {} s per control step; a world's state has {:.1f} KiB, the "
                  "rest of the memory is the threads'",
                  scene.substeps, scene.model->opt.timestep,
                  static_cast<double>(scene.start.size() * sizeof(double)) / 1024.0));
  out.save();
  return is_equal ? 0 : 1;
}

}  // namespace fleet
