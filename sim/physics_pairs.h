#pragma once

#include <vector>

#include <mujoco/mujoco.h>

#include "cuda/physics/model.h"

namespace fleet::sim {

/// Which geoms of a model may touch: the part of physics::PhysicsModel that collision reads.
template <class T>
struct CollisionPairs {
  std::vector<physics::GeomPair<T>> pairs;
  std::vector<int> columns;  ///< pair_columns of the model
  int num_slots = 0;
};

/// Lists the pairs of geoms that mj_collision can find in contact, in the order of its contacts;
/// all of its filters that do not depend on the state are applied here.
/// T is float or double.
/// @throws std::runtime_error with one line naming every kind of pair that the engine cannot
///         collide, and adhesion, which it does not have: a list, without a sentence around it
template <class T>
CollisionPairs<T> make_collision_pairs(const mjModel& model);

}  // namespace fleet::sim
