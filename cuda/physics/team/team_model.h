#pragma once

#include <cstddef>
#include <vector>

#include "cuda/physics/array.h"
#include "cuda/physics/model.h"
#include "cuda/physics/team/plan.h"

// All that a team reads of a model, as one block of memory that can be copied to a device.

namespace fleet::physics {

/// The head of the block; its arrays lie behind it.
template <class T>
struct TeamModel {
  PhysicsModel<T, Array> model;
  TeamPlan<Array> plan;
  ModelFields<Array<T>> fields;
  int max_contacts = 0;  ///< of a world
};

/// Bytes of a TeamModel and its arrays. T is float or double.
template <class T>
std::size_t team_model_size(const Physics<T>& physics);

/// Those bytes, for use at `address`, which is a multiple of ArrayBlock::kAlignment: there they
/// hold a TeamModel. No world may have more than max_contacts contacts; those beyond are lost and
/// counted.
template <class T>
std::vector<std::byte> make_team_model(const Physics<T>& physics, int max_contacts,
                                       std::byte* address);

}  // namespace fleet::physics
