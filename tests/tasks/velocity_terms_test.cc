#include "tasks/velocity/velocity_terms.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "sim/mj_view.h"

namespace fleet::tasks {
namespace {

using Terms = VelocityTerms<sim::MjView>;

/// Two joints and two feet, a command to walk, everything else at rest.
class VelocityTermsTest : public ::testing::Test {
 protected:
  VelocityTermsTest() {
    numbers_.num_joints = 2;
    numbers_.num_feet = 2;
    numbers_.default_pos = {0.5, -1.0};
    numbers_.soft_lower = {-1.0, -2.0};
    numbers_.soft_upper = {1.0, 0.0};
    numbers_.standing = {0.05, 0.1};
    numbers_.walking = {0.2, 0.4};
    numbers_.running = {0.5, 0.8};
    in_.command = {0.3, 0.4, 0.0};  // size .5
    in_.joint_pos = numbers_.default_pos;
    in_.torso_gravity = {0.0, 0.0, -1.0};
  }

  /// A command of this size, part of it turning.
  void command(double size) { in_.command = {0.6 * 0.5 * size, -0.8 * 0.5 * size, -0.5 * size}; }

  VelocityNumbers numbers_;
  VelocityInputs<double> in_;
  sim::MjView view_{nullptr, nullptr};
};

TEST_F(VelocityTermsTest, CommandSizeAddsSpeedAndTurning) {
  in_.command = {0.3, -0.4, -0.2};
  EXPECT_DOUBLE_EQ(Terms::command_size(in_), 0.7);
}

TEST_F(VelocityTermsTest, LinearTrackingIsOneAtTheCommandAndFallsWithTheSquare) {
  in_.lin_vel = {0.3, 0.4, 0.0};
  EXPECT_DOUBLE_EQ(Terms::track_linear_velocity(in_), 1.0);
  in_.lin_vel = {0.0, 0.0, 0.0};
  EXPECT_DOUBLE_EQ(Terms::track_linear_velocity(in_), std::exp(-0.25 / 0.25));
  in_.lin_vel = {0.3, 0.4, -0.5};
  EXPECT_DOUBLE_EQ(Terms::track_linear_velocity(in_), std::exp(-1.0)) << "vertical";
}

TEST_F(VelocityTermsTest, AngularTrackingCountsRollAndPitchToo) {
  in_.command[2] = 0.5;
  in_.ang_vel = {0.0, 0.0, 0.5};
  EXPECT_DOUBLE_EQ(Terms::track_angular_velocity(in_), 1.0);
  in_.ang_vel = {0.0, 0.0, -0.5};
  EXPECT_DOUBLE_EQ(Terms::track_angular_velocity(in_), std::exp(-1.0 / 0.5));
  in_.ang_vel = {0.3, -0.4, 0.5};
  EXPECT_DOUBLE_EQ(Terms::track_angular_velocity(in_), std::exp(-0.25 / 0.5));
}

TEST_F(VelocityTermsTest, UprightFallsWithTheTilt) {
  EXPECT_DOUBLE_EQ(Terms::upright(in_, numbers_), 1.0);
  in_.torso_gravity = {0.6, 0.0, -0.8};
  EXPECT_DOUBLE_EQ(Terms::upright(in_, numbers_), std::exp(-0.36 / 0.2));
}

TEST_F(VelocityTermsTest, PoseUsesTheWidthsOfTheCommandsSize) {
  in_.joint_pos = {0.6, -1.2};  // off by .1 and .2
  const auto expected = [](double first, double second) {
    return std::exp(-0.5 * (std::pow(0.1 / first, 2) + std::pow(0.2 / second, 2)));
  };
  command(0.0);
  EXPECT_NEAR(Terms::pose(view_, in_, numbers_), expected(0.05, 0.1), 1e-15);
  command(1.0);
  EXPECT_NEAR(Terms::pose(view_, in_, numbers_), expected(0.2, 0.4), 1e-15);
  command(2.0);
  EXPECT_NEAR(Terms::pose(view_, in_, numbers_), expected(0.5, 0.8), 1e-15);
}

TEST_F(VelocityTermsTest, PoseThresholdsBelongToTheFasterGait) {
  in_.joint_pos = {0.6, -1.0};
  const auto width = [&](double size) {
    in_.command = {0.0, 0.0, size};
    return 0.1 / std::sqrt(-2.0 * std::log(Terms::pose(view_, in_, numbers_)));
  };
  EXPECT_NEAR(width(0.0499), 0.05, 1e-9);
  EXPECT_NEAR(width(0.05), 0.2, 1e-9);
  EXPECT_NEAR(width(1.4999), 0.2, 1e-9);
  EXPECT_NEAR(width(1.5), 0.5, 1e-9);
}

TEST_F(VelocityTermsTest, BodyRateIgnoresYaw) {
  in_.torso_rate = {1.0, -2.0, 7.0};
  EXPECT_DOUBLE_EQ(Terms::body_ang_vel(in_), 5.0);
}

TEST_F(VelocityTermsTest, AngularMomentumCountsAllAxes) {
  in_.angular_momentum = {1.0, -2.0, 3.0};
  EXPECT_DOUBLE_EQ(Terms::angular_momentum(in_), 14.0);
}

TEST_F(VelocityTermsTest, JointLimitsCostTheViolationOnEitherSide) {
  in_.joint_pos = {1.0, -2.0};  // exactly at the limits
  EXPECT_EQ(Terms::dof_pos_limits(view_, in_, numbers_), 0.0);
  in_.joint_pos = {1.25, -2.5};
  EXPECT_DOUBLE_EQ(Terms::dof_pos_limits(view_, in_, numbers_), 0.75);
}

TEST_F(VelocityTermsTest, ActionRateIsTheSquaredChange) {
  in_.action = {1.0, -1.0, 9.0};  // the third is no joint of this robot
  in_.previous_action = {0.5, 1.0};
  EXPECT_DOUBLE_EQ(Terms::action_rate(view_, in_, numbers_), 4.25);
}

TEST_F(VelocityTermsTest, AirTimeCountsFeetWithinOpenBounds) {
  command(0.6);
  in_.air_time = {0.05, 0.5};
  EXPECT_EQ(Terms::air_time(view_, in_, numbers_), 0.0);
  in_.air_time = {0.051, 0.499};
  EXPECT_EQ(Terms::air_time(view_, in_, numbers_), 2.0);
  in_.command = {0.5, 0.0, 0.0};
  EXPECT_EQ(Terms::air_time(view_, in_, numbers_), 0.0) << "needs a command above .5";
}

TEST_F(VelocityTermsTest, SingleStanceGrowsWithTheSwingOfTheOnlyLiftedFoot) {
  in_.foot_contact = {1.0, 0.0};
  in_.air_time = {0.0, 0.1};
  EXPECT_DOUBLE_EQ(Terms::single_stance(view_, in_, numbers_), 0.25);
  in_.air_time = {0.0, 0.45};
  EXPECT_EQ(Terms::single_stance(view_, in_, numbers_), 1.0);
  in_.air_time = {0.0, 0.5};
  EXPECT_EQ(Terms::single_stance(view_, in_, numbers_), 0.0) << "a step, not a pose";
}

TEST_F(VelocityTermsTest, SingleStanceNeedsOneFootOnTheGroundAndACommand) {
  in_.air_time = {0.1, 0.1};
  EXPECT_EQ(Terms::single_stance(view_, in_, numbers_), 0.0) << "in flight";
  in_.foot_contact = {1.0, 1.0};
  in_.air_time = {0.0, 0.0};
  EXPECT_EQ(Terms::single_stance(view_, in_, numbers_), 0.0) << "standing";
  in_.foot_contact = {1.0, 0.0};
  in_.air_time = {0.0, 0.1};
  in_.command = {0.0, 0.0, 0.0};
  EXPECT_EQ(Terms::single_stance(view_, in_, numbers_), 0.0) << "told to stand";
}

TEST_F(VelocityTermsTest, SteppingCountsNoMoreFeetInSwingThanOnTheGround) {
  command(0.8);
  in_.air_time = {0.1, 0.1};
  in_.foot_contact = {0.0, 0.0};
  EXPECT_EQ(Terms::stepping(view_, in_, numbers_), 0.0) << "in flight, or on its knees";
  in_.air_time = {0.0, 0.1};
  in_.foot_contact = {1.0, 0.0};
  EXPECT_EQ(Terms::stepping(view_, in_, numbers_), 1.0);
  in_.air_time = {0.0, 0.6};
  EXPECT_EQ(Terms::stepping(view_, in_, numbers_), 0.0) << "on one leg for too long";
  in_.air_time = {0.0, 0.1};
  in_.command = {0.0, 0.0, 0.0};
  EXPECT_EQ(Terms::stepping(view_, in_, numbers_), 0.0) << "told to stand";
}

TEST_F(VelocityTermsTest, CurriculumWidensTrackingAndPaysForSteps) {
  in_.command[2] = 0.5;
  in_.angular_variance = 2.0;
  EXPECT_DOUBLE_EQ(Terms::track_angular_velocity(in_), std::exp(-0.25 / 2.0));
  const double pose = Terms::pose(view_, in_, numbers_);
  in_.joint_pos[0] += 0.3;
  const double strict = Terms::pose(view_, in_, numbers_);
  ASSERT_LT(strict, 0.9 * pose);
  in_.pose_variance = 4.0;
  EXPECT_DOUBLE_EQ(Terms::pose(view_, in_, numbers_), std::pow(strict, 0.25));
  in_.foot_contact = {1.0, 0.0};
  in_.air_time = {0.0, 0.2};
  std::array<double, Terms::kNames.size()> without{};
  std::array<double, Terms::kNames.size()> with{};
  Terms::evaluate(view_, in_, numbers_, without.data());
  in_.single_stance_bonus = 3.0;
  Terms::evaluate(view_, in_, numbers_, with.data());
  EXPECT_DOUBLE_EQ(with[8] - without[8], 1.5);
}

TEST_F(VelocityTermsTest, ClearanceIsHeightErrorTimesHorizontalSpeed) {
  in_.foot_height = {0.08, 0.15};
  in_.foot_velocity = {0.3, 0.4, 9.0, 0.0, -2.0, 9.0};
  EXPECT_DOUBLE_EQ(Terms::foot_clearance(view_, in_, numbers_), 0.02 * 0.5 + 0.05 * 2.0);
}

TEST_F(VelocityTermsTest, SwingHeightCountsOnlyAtLanding) {
  in_.swing_peak = {0.05, 0.3};
  EXPECT_EQ(Terms::foot_swing_height(view_, in_, numbers_), 0.0);
  in_.first_contact = {1.0, 0.0};
  EXPECT_DOUBLE_EQ(Terms::foot_swing_height(view_, in_, numbers_), 0.25);
  in_.first_contact = {1.0, 1.0};
  EXPECT_NEAR(Terms::foot_swing_height(view_, in_, numbers_), 4.25, 1e-12);
}

TEST_F(VelocityTermsTest, SlipCountsOnlyInContact) {
  in_.foot_velocity = {0.3, 0.4, 9.0, 0.0, -2.0, 9.0};
  EXPECT_EQ(Terms::foot_slip(view_, in_, numbers_), 0.0);
  in_.foot_contact = {1.0, 0.0};
  EXPECT_DOUBLE_EQ(Terms::foot_slip(view_, in_, numbers_), 0.25);
  in_.foot_contact = {1.0, 1.0};
  EXPECT_DOUBLE_EQ(Terms::foot_slip(view_, in_, numbers_), 4.25);
}

TEST_F(VelocityTermsTest, LandingCostsTheWholeForceAtFirstContact) {
  in_.foot_force = {2.0, -3.0, -6.0, 100.0, 0.0, 0.0};
  EXPECT_EQ(Terms::soft_landing(view_, in_, numbers_), 0.0);
  in_.first_contact = {1.0, 0.0};
  EXPECT_DOUBLE_EQ(Terms::soft_landing(view_, in_, numbers_), 7.0);
}

TEST_F(VelocityTermsTest, FeetAreFreeWhileStanding) {
  in_.foot_velocity = {1.0, 0.0, 0.0, 1.0};
  in_.foot_force = {1.0};
  in_.foot_contact = in_.first_contact = {1.0, 1.0};
  const auto costs = [&] {
    return Terms::foot_clearance(view_, in_, numbers_) > 0.0 &&
           Terms::foot_swing_height(view_, in_, numbers_) > 0.0 &&
           Terms::foot_slip(view_, in_, numbers_) > 0.0 &&
           Terms::soft_landing(view_, in_, numbers_) > 0.0;
  };
  const auto costs_nothing = [&] {
    return Terms::foot_clearance(view_, in_, numbers_) == 0.0 &&
           Terms::foot_swing_height(view_, in_, numbers_) == 0.0 &&
           Terms::foot_slip(view_, in_, numbers_) == 0.0 &&
           Terms::soft_landing(view_, in_, numbers_) == 0.0;
  };
  in_.command = {0.0, 0.0, 0.05};  // the threshold itself still is standing
  EXPECT_TRUE(costs_nothing());
  in_.command = {0.0, 0.0, -0.0501};
  EXPECT_TRUE(costs());
  in_.command = {0.03, 0.0, 0.03};
  EXPECT_TRUE(costs());
}

TEST_F(VelocityTermsTest, EvaluatePaysEachTermUnderItsNameAndWeight) {
  command(2.0);
  in_.lin_vel = {0.1, 0.2, 0.3};
  in_.ang_vel = {-0.1, 0.2, 0.4};
  in_.torso_gravity = {0.1, -0.2, -0.97};
  in_.torso_rate = {0.5, 0.6, 0.7};
  in_.angular_momentum = {0.1, 0.2, 0.3};
  in_.joint_pos = {1.2, -2.3};
  in_.action = {0.4, -0.3};
  in_.air_time = {0.2, 0.0};
  in_.foot_height = {0.05, 0.02};
  in_.foot_velocity = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6};
  in_.foot_force = {1.0, 2.0, -3.0, 4.0, 5.0, -6.0};
  in_.foot_contact = in_.first_contact = {0.0, 1.0};
  in_.swing_peak = {0.05, 0.07};
  in_.self_collisions = 3.0;
  std::array<double, Terms::kNames.size()> unweighted{};
  VelocityWeights ones;
  ones.fields([](const char*, double& weight) { weight = 1.0; });
  numbers_.weight = ones;
  Terms::evaluate(view_, in_, numbers_, unweighted.data());
  EXPECT_EQ(unweighted.back(), 3.0);
  std::size_t term = 0;
  ones.fields([&](const char* name, double& weight) {
    ASSERT_LT(term, Terms::kNames.size());
    EXPECT_EQ(name, std::string(Terms::kNames[term]));
    EXPECT_GT(unweighted[term], 0.0) << name;
    weight = -2.5;
    numbers_.weight = ones;
    std::array<double, Terms::kNames.size()> out{};
    Terms::evaluate(view_, in_, numbers_, out.data());
    for (std::size_t i = 0; i < out.size(); ++i) {
      EXPECT_DOUBLE_EQ(out[i], (i == term ? -2.5 : 1.0) * unweighted[i]) << name;
    }
    weight = 1.0;
    ++term;
  });
  EXPECT_EQ(term, Terms::kNames.size());
}

}  // namespace
}  // namespace fleet::tasks
