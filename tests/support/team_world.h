#pragma once

#include <cstddef>

#include "cuda/aligned_vector.h"
#include "cuda/physics/team/step.h"

namespace fleet::testing {

/// A world of a team on the host, which begins with NaN wherever nothing is promised.
template <class T>
class TeamWorld {
 public:
  TeamWorld(const physics::Physics<T>& physics, int max_contacts)
      : plan(physics::make_team_plan(physics.model)) {
    const auto take = [&](physics::ArrayBlock block) {
      physics::take_team_arrays(physics.model, plan, max_contacts, data, block);
      return block.used();
    };
    memory_.assign(take(physics::ArrayBlock(nullptr, physics::kWorldAlignment)), std::byte{0xFF});
    take(physics::ArrayBlock(memory_.data(), physics::kWorldAlignment));
    data.field.zip(physics.fields, data.field, [](const char*, const auto& from, auto& to) {
      to.bind(const_cast<T*>(from.data()), static_cast<int>(from.size()));  // nobody writes there
    });
  }

  physics::TeamPlan<> plan;
  physics::TeamData<T> data;

 private:
  AlignedVector<std::byte> memory_;
};

}  // namespace fleet::testing
