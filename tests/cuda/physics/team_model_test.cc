#include "cuda/physics/team/team_model.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include <gtest/gtest.h>

#include "cuda/aligned_vector.h"
#include "cuda/physics/team/arrays.h"

namespace fleet::physics {
namespace {

/// Calls f(array, number) for every array of a model and its fields.
int for_each_array(auto& model, auto& fields, auto&& f) {
  int count = 0;
  zip_model_arrays(model, model, [&](auto& array, auto&) { f(array, count++); });
  fields.fields([&](const char*, auto& array) { f(array, count++); });
  return count;
}

TEST(TeamModelTest, EveryArrayOfAModelAndAPlanIsListed) {
  constexpr std::size_t kArray = sizeof(Array<int>);
  PhysicsModel<float, Array> model;
  TeamPlan<Array> plan;
  std::size_t in_model = 0, in_plan = 0;
  zip_model_arrays(model, model, [&](auto&, auto&) { ++in_model; });
  zip_plan_arrays(plan, plan, [&](auto&, auto&) { ++in_plan; });
  EXPECT_EQ(in_model, (sizeof(model) - sizeof(PhysicsOptions<float>)) / kArray);
  EXPECT_EQ(in_plan, (sizeof(plan) - 3 * sizeof(int)) / kArray) << "three are no arrays";
}

TEST(TeamModelTest, TheBlockHoldsTheModelAtItsAddress) {
  Physics<double> physics;
  physics.model.timestep = 0.25;
  for_each_array(physics.model, physics.fields, [](auto& array, int number) {
    array.resize(static_cast<std::size_t>(number % 5));
    std::ranges::fill(std::as_writable_bytes(std::span(array)), static_cast<std::byte>(number));
  });
  AlignedVector<std::byte> memory(team_model_size(physics));
  const std::vector<std::byte> bytes = make_team_model(physics, 7, memory.data());
  ASSERT_EQ(bytes.size(), memory.size());
  std::ranges::copy(bytes, memory.begin());
  const auto& head = *reinterpret_cast<const TeamModel<double>*>(memory.data());
  EXPECT_EQ(head.model.timestep, 0.25);
  EXPECT_EQ(head.max_contacts, 7);
  EXPECT_EQ(head.plan.num_levels(), 0);
  const int count = for_each_array(head.model, head.fields, [&](const auto& array, int number) {
    ASSERT_EQ(array.size(), static_cast<std::size_t>(number % 5));
    const auto* const first = reinterpret_cast<const std::byte*>(array.data());
    const auto* const last = reinterpret_cast<const std::byte*>(array.end());
    EXPECT_TRUE(std::all_of(first, last, [&](std::byte b) { return b == std::byte(number); }));
    EXPECT_TRUE(array.empty() || (first >= memory.data() && last <= memory.data() + memory.size()));
  });
  EXPECT_GT(count, 100);
}

}  // namespace
}  // namespace fleet::physics
