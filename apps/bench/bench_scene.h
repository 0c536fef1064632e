#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "apps/run_config.h"
#include "cuda/philox.h"
#include "sim/batch.h"
#include "sim/model.h"

namespace fleet {

/// A model with a start state, random controls and a rule for when to start over: what physics is
/// timed on. Controls and starts are functions of (seed, world, step), so two batches that are
/// driven alike must stay equal, bit for bit.
struct Scene {
  sim::ModelPtr model;
  int substeps = 1;                 ///< physics steps per control step
  std::vector<double> start;        ///< (state size) in mj_getState order of mjSTATE_INTEGRATION
  std::vector<double> ctrl_center;  ///< (nu)
  std::vector<double> ctrl_reach;   ///< (nu) controls are uniform in center +- reach
  int root_height = -1;             ///< index into qpos of a free root's height; -1: no such root
  double start_height = 0.0;        ///< m, of that root
};

/// A task's physics, driven by random actions.
Scene scene_of_task(const envs::EnvConfig& config);

/// An MJCF file from its first keyframe, if it has one, with targets around the keyframe's.
/// @throws UserError if the file does not compile
Scene scene_of_file(const std::string& file);

/// The index of a part of the state in a state row. @param component one bit of mjtState
int state_offset(const mjModel& model, int component);

/// Low, or lying on its back. @param world has double qpos(int)
template <class World>
bool has_fallen(const Scene& scene, const World& world) {
  const int z = scene.root_height;
  if (z < 0) {
    return false;
  }
  const double x_turn = world.qpos(z + 2);
  const double y_turn = world.qpos(z + 3);
  const double up = 1.0 - 2.0 * (x_turn * x_turn + y_turn * y_turn);
  return !(world.qpos(z) > 0.5 * scene.start_height) || !(up > 0.0);
}

/// Before a control step of one world: starts it over if it has fallen, and draws its controls.
/// @param world has double qpos(int), void start(), void set_ctrl(int, double)
template <class World>
void drive_world(const Scene& scene, World world, int index, std::uint64_t seed, int step) {
  if (has_fallen(scene, world)) {
    world.start();
  }
  Random random(seed, static_cast<std::uint32_t>(index), 0, static_cast<std::uint32_t>(step),
                static_cast<std::uint32_t>(Purpose::kPolicy));
  for (std::size_t k = 0; k < scene.ctrl_center.size(); ++k) {
    world.set_ctrl(static_cast<int>(k),
                   scene.ctrl_center[k] + scene.ctrl_reach[k] * random.uniform(-1.0, 1.0));
  }
}

/// Before a control step: starts fallen worlds over and draws everyone's controls.
void drive(const Scene& scene, sim::Batch& batch, std::uint64_t seed, int step);

/// Puts every world into the start state.
void start(const Scene& scene, sim::Batch& batch);

/// A control step as an env takes it: mj_step by mj_step in one callback, then the refresh of what
/// tasks read.
void step_as_envs_do(const Scene& scene, sim::Batch& batch);

}  // namespace fleet
