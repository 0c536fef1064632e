#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "apps/bench/bench_lanes.h"
#include "apps/bench/bench_report.h"
#include "apps/bench/bench_scene.h"
#include "apps/commands.h"
#include "apps/files/sha256.h"
#include "apps/machine.h"
#include "apps/session.h"

namespace fleet {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUp = 200;  // control steps, until falls and resets are as frequent as they get
constexpr int kWorlds = 256;  // by default
constexpr int kSteps = 40;    // control steps per round, by default
constexpr int kRounds = 7;

/// One way to step the worlds, and what it gave.
struct Way {
  std::string name;            ///< "mjb_step", "fleet" (our stepping of MuJoCo's batch), "lanes"
  std::vector<double> speeds;  ///< physics steps per second, a value per round
  std::string hash;            ///< of the final state
  double bytes_per_world = 0.0;
};

bool is_file(const BenchArguments& arguments) { return arguments.subject.ends_with(".xml"); }

Scene load_scene(const BenchArguments& arguments) {
  Scene scene = is_file(arguments) ? scene_of_file(arguments.subject)
                                   : scene_of_task(bench_config(arguments, 1).env);
  scene.substeps = arguments.substeps > 0 ? arguments.substeps : scene.substeps;
  return scene;
}

/// Worlds that are stepped in one way.
class Worlds {
 public:
  virtual ~Worlds() = default;
  virtual void drive(std::uint64_t seed, int step) = 0;
  virtual void step() = 0;
  virtual std::string hash() = 0;
};

class MujocoWorlds final : public Worlds {
 public:
  MujocoWorlds(const Scene& scene, int num_worlds, int num_threads, bool as_envs_do)
      : scene_(scene), batch_(*scene.model, num_worlds, num_threads), as_envs_do_(as_envs_do) {
    start(scene, batch_);
  }
  void drive(std::uint64_t seed, int step) override { fleet::drive(scene_, batch_, seed, step); }
  void step() override {
    if (as_envs_do_) {
      step_as_envs_do(scene_, batch_);
    } else {
      batch_.step(scene_.substeps);
    }
  }
  std::string hash() override { return files::sha256(std::as_bytes(batch_.state())); }

 private:
  const Scene& scene_;
  sim::Batch batch_;
  bool as_envs_do_;
};

class LanesWorlds final : public Worlds {
 public:
  LanesWorlds(const Scene& scene, int num_worlds, int num_threads)
      : batch_(scene, num_worlds, num_threads) {}
  void drive(std::uint64_t seed, int step) override { batch_.drive(seed, step); }
  void step() override { batch_.step(); }
  std::string hash() override { return batch_.state_hash(); }

 private:
  LanesBatch batch_;
};

/// Control steps [first, first + count). @returns seconds in physics: driving is not timed
double time_steps(Worlds& worlds, std::uint64_t seed, int first, int count) {
  Clock::duration time{};
  for (int step = first; step < first + count; ++step) {
    worlds.drive(seed, step);
    const auto began = Clock::now();
    worlds.step();
    time += Clock::now() - began;
  }
  return std::chrono::duration<double>(time).count();
}

/// All ways in turn, driven alike: what one way gains by a quiet moment the others get, too.
std::vector<Way> compare(const Scene& scene, const BenchArguments& arguments,
                         const std::vector<envs::Backend>& backends, int num_threads) {
  const int num_worlds = arguments.num_envs > 0 ? arguments.num_envs : kWorlds;
  const int num_steps = arguments.steps > 0 ? arguments.steps : kSteps;
  std::vector<Way> ways;
  std::vector<std::unique_ptr<Worlds>> worlds;
  const auto add = [&](const char* name, auto&& make) {
    const double before = resident_bytes();
    worlds.push_back(make());
    time_steps(*worlds.back(), arguments.seed, 0, kWarmUp);
    ways.push_back({.name = name, .speeds = {}, .hash = {}});
    ways.back().bytes_per_world = (resident_bytes() - before) / num_worlds;
  };
  add("mjb_step",
      [&] { return std::make_unique<MujocoWorlds>(scene, num_worlds, num_threads, false); });
  if (contains(backends, envs::Backend::kMujoco)) {
    add("fleet",
        [&] { return std::make_unique<MujocoWorlds>(scene, num_worlds, num_threads, true); });
  }
  if (contains(backends, envs::Backend::kLanes)) {
    print_physics_notes(*scene.model);
    add("lanes", [&] { return std::make_unique<LanesWorlds>(scene, num_worlds, num_threads); });
  }
  const double per_round = static_cast<double>(num_steps) * scene.substeps * num_worlds;
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t way = 0; way < ways.size(); ++way) {
      const int first = kWarmUp + round * num_steps;
      ways[way].speeds.push_back(
          per_round / time_steps(*worlds[way], arguments.seed, first, num_steps));
    }
  }
  for (std::size_t way = 0; way < ways.size(); ++way) {
    ways[way].hash = worlds[way]->hash();
  }
  return ways;
}

/// @returns false if two ways to step MuJoCo's batch differ
bool report(BenchReport& out, const std::vector<Way>& ways, int num_threads) {
  nlohmann::ordered_json result{{"threads", num_threads}};
  bool is_equal = true;
  for (const Way& way : ways) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < way.speeds.size(); ++round) {
      ratios.push_back(way.speeds[round] / ways[0].speeds[round]);
    }
    const bool differs = way.name == "fleet" && way.hash != ways[0].hash;
    is_equal = is_equal && !differs;
    out.print(fmt::format("{:7d} {:>9} {:>17} {:10.3f} {:14.1f}   {:.16}{}", num_threads, way.name,
                          with_commas(median(way.speeds)), median(ratios),
                          way.bytes_per_world / 1024.0, way.hash,
                          differs ? " (NOT EQUAL TO MJB_STEP)" : ""));
    result[way.name + "_physics_steps_per_s"] = median(way.speeds);
    result[way.name + "_over_mjb_step"] = median(ratios);
    result[way.name + "_rounds_per_s"] = way.speeds;
    result[way.name + "_state_sha256"] = way.hash;
    result[way.name + "_bytes_per_world"] = way.bytes_per_world;
    if (way.name == "fleet") {
      result["ratio"] = median(ratios);
      result["bytes_per_world"] = way.bytes_per_world;
    }
  }
  out.add_result(std::move(result));
  return is_equal;
}

}  // namespace

/// Times physics: MuJoCo's batch as our envs step it, and our own engine, against mjb_step, which is
/// MuJoCo's batch called directly. All under random controls, starting over when fallen.
int bench_sim(const BenchArguments& arguments) {
  const Scene scene = load_scene(arguments);
  const std::vector<envs::Backend> backends =
      is_file(arguments) ? bench_backends(arguments)
                         : bench_backends(arguments, bench_config(arguments, 1).env.options.backend);
  BenchReport out("sim", arguments.subject, arguments.json);
  out.set("timestep", scene.model->opt.timestep);
  out.set("substeps", scene.substeps);
  out.set("state_bytes_per_world", scene.start.size() * sizeof(double));
  out.set("worlds", arguments.num_envs > 0 ? arguments.num_envs : kWorlds);
  out.print("threads       way  physics steps/s  / mjb_step  KiB per world   final state, sha256");
  bool is_equal = true;
  for (const int num_threads : arguments.threads) {
    is_equal = report(out, compare(scene, arguments, backends, num_threads), num_threads) && is_equal;
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
