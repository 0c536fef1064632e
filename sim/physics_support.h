#pragma once

#include <string>
#include <vector>

#include <mujoco/mujoco.h>

namespace fleet::sim {

/// Everything in a model that the pack engine cannot do, each by name: "tendon 'neck' (spatial)".
/// What is not named here is either done by the engine or provably without effect.
std::vector<std::string> unsupported_features(const mjModel& model);

/// What the engine does otherwise than MuJoCo without changing what is solved, a sentence each.
std::vector<std::string> physics_notes(const mjModel& model);

/// "joint 'hip'", or "joint 3" where it has no name.
std::string label(const mjModel& model, mjtObj type, int id);

}  // namespace fleet::sim
