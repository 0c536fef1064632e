#include "apps/contract_fit.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fleet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

envs::EnvSpec two_joints() {
  envs::EnvSpec spec;
  const ObservationTerm gravity{.name = "gravity", .dim = 3, .unit = "1", .frame = "base"};
  const ObservationTerm joints{.name = "joint_pos", .dim = 2, .unit = "rad", .frame = "joint"};
  spec.observations = {{.name = "actor", .terms = {gravity, joints}}};
  spec.contract.control_period = 0.02;
  spec.contract.action_names = {"hip", "knee"};
  spec.contract.action_scale = {0.25, 0.5};
  spec.contract.action_offset = {0.1, -0.2};
  spec.contract.action_bound = {4.0, 4.0};
  spec.contract.stiffness = {20.0, 40.0};
  spec.contract.damping = {1.0, 2.0};
  spec.contract.effort_limit = {23.0, 35.0};
  return spec;
}

ContractFit fit_of(const std::function<void(envs::EnvSpec&)>& change) {
  envs::EnvSpec judged = two_joints();
  change(judged);
  return compare_contracts(two_joints(), judged);
}

TEST(ContractFitTest, EqualContractsFit) {
  const ContractFit fit = fit_of([](envs::EnvSpec& spec) {
    spec.num_envs = 7;  // all of these are the judge's to choose
    spec.contract.physics_timestep = 0.001;
    spec.observations[0].terms[0].noise = 0.5;
  });
  EXPECT_EQ(fit.misfit, "");
  EXPECT_THAT(fit.differences, IsEmpty());
}

TEST(ContractFitTest, OtherSizesAndJointsAreAMisfit) {
  EXPECT_EQ(fit_of([](auto& spec) { spec.observations[0].terms[1].dim = 3; }).misfit,
            "observation term 1 is joint_pos (3) instead of joint_pos (2)");
  EXPECT_EQ(fit_of([](auto& spec) { spec.observations[0].terms.pop_back(); }).misfit,
            "observation term 1 is nothing instead of joint_pos (2)");
  EXPECT_EQ(fit_of([](auto& spec) { spec.contract.action_names = {"knee", "hip"}; }).misfit,
            "action 0 is knee instead of hip");
  EXPECT_EQ(fit_of([](auto& spec) { spec.contract.action_names.emplace_back("toe"); }).misfit,
            "action 2 is toe instead of nothing");
}

TEST(ContractFitTest, OtherNumbersAreNamed) {
  const ContractFit fit = fit_of([](envs::EnvSpec& spec) {
    spec.observations[0].terms[0].name = "up";
    spec.observations[0].terms[0].scale = 2.0;
    spec.contract.control_period = 0.01;
    spec.contract.action_scale[1] = 0.25;
    spec.contract.action_offset[0] = 0.0;
    spec.contract.action_bound[0] = 3.0;
    spec.contract.stiffness[0] = 21.0;
    spec.contract.damping[1] = 3.0;
    spec.contract.effort_limit.clear();
  });
  EXPECT_EQ(fit.misfit, "");
  EXPECT_THAT(fit.differences, ElementsAre("observation terms", "observation scales",
                                           "control_period", "action_scale", "action_offset",
                                           "action_bound", "stiffness", "damping", "effort_limit"));
}

}  // namespace
}  // namespace fleet
