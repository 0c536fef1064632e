#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "apps/run_config.h"
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
};

/// A task's physics, driven by random actions.
Scene scene_of_task(const envs::EnvConfig& config);

/// An MJCF file from its first keyframe, if it has one, with targets around the keyframe's.
/// @throws UserError if the file does not compile
Scene scene_of_file(const std::string& file);

/// The index of a part of the state in a state row. @param component one bit of mjtState
int state_offset(const mjModel& model, int component);

/// Before a control step: starts fallen worlds over and draws everyone's controls.
void drive(const Scene& scene, sim::Batch& batch, std::uint64_t seed, int step);

/// Puts every world into the start state.
void start(const Scene& scene, sim::Batch& batch);

/// A control step as an env takes it: mj_step by mj_step in one callback, then the refresh of what
/// tasks read.
void step_as_envs_do(const Scene& scene, sim::Batch& batch);

}  // namespace fleet
