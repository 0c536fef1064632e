#include "apps/bench/bench_lanes.h"

#include <span>
#include <stdexcept>

#include "apps/files/sha256.h"
#include "apps/user_error.h"
#include "cuda/physics/engine.h"
#include "sim/physics_model.h"

namespace fleet {
namespace {

physics::Physics<float> physics_of(const Scene& scene) {
  try {
    return sim::make_physics<float>(*scene.model);
  } catch (const std::runtime_error& error) {
    throw UserError(error.what());
  }
}

/// The scene's start in the order of the engine's state.
std::vector<float> start_of(const Scene& scene) {
  const mjModel& model = *scene.model;
  std::vector<float> state;
  const auto append = [&](int component, mjtSize count) {
    const auto first = scene.start.begin() + state_offset(model, component);
    state.insert(state.end(), first, first + count);
  };
  append(mjSTATE_QPOS, model.nq);
  append(mjSTATE_QVEL, model.nv);
  append(mjSTATE_ACT, model.na);
  append(mjSTATE_WARMSTART, model.nv);
  append(mjSTATE_CTRL, model.nu);
  return state;
}

}  // namespace

/// A world by its lane of a pack's state.
struct LanesBatch::World {
  const std::vector<float>& start_state;
  R* state;
  R* ctrl;
  int lane;

  double qpos(int i) const { return state[i].lane(lane); }
  void start() {
    for (std::size_t i = 0; i < start_state.size(); ++i) {
      state[i].set_lane(lane, start_state[i]);
    }
  }
  void set_ctrl(int i, double value) { ctrl[i].set_lane(lane, static_cast<float>(value)); }
};

LanesBatch::LanesBatch(const Scene& scene, int num_worlds, int num_threads)
    : scene_(&scene),
      physics_(physics_of(scene)),
      worlds_(physics_, num_worlds),
      start_(start_of(scene)),
      pool_(num_threads) {
  for (int thread = 0; thread < pool_.num_threads(); ++thread) {
    data_.push_back(std::make_unique<physics::PhysicsMemory<R>>(physics_));
  }
  const std::span<R> state = worlds_.state();
  for (std::size_t i = 0; i < state.size(); ++i) {
    state[i] = R(start_[i % start_.size()]);
  }
}

void LanesBatch::drive(std::uint64_t seed, int step) {
  const auto size = static_cast<std::size_t>(worlds_.state_size());
  for (int world = 0; world < num_worlds(); ++world) {
    R* const state =
        worlds_.state().data() + size * static_cast<std::size_t>(world / worlds_.kWidth);
    const World one{start_, state, state + size - physics_.model.nu, world % worlds_.kWidth};
    drive_world(*scene_, one, world, seed, step);
  }
}

void LanesBatch::step() {
  pool_.parallel_for(worlds_.num_packs(), [&](int pack, int thread) {
    physics::PhysicsData<R>& data = *data_[static_cast<std::size_t>(thread)];
    worlds_.load(pack, data);
    for (int substep = 0; substep < scene_->substeps; ++substep) {
      physics::step(physics_.model, data);
    }
    physics::refresh(physics_.model, data);
    worlds_.store(pack, data);
  });
}

std::string LanesBatch::state_hash() {
  std::vector<float> rows;
  const auto size = static_cast<std::size_t>(worlds_.state_size());
  for (int world = 0; world < num_worlds(); ++world) {
    const std::size_t first = size * static_cast<std::size_t>(world / worlds_.kWidth);
    for (const R& number : worlds_.state().subspan(first, size)) {
      rows.push_back(number.lane(world % worlds_.kWidth));
    }
  }
  return files::sha256(std::as_bytes(std::span(rows)));
}

}  // namespace fleet
