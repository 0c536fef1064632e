// The runner and its parts, on a policy of two joints; no simulation.

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/deploy/latency.h"
#include "apps/deploy/observation.h"
#include "apps/deploy/runner.h"
#include "apps/deploy/safety.h"
#include "apps/user_error.h"
#include "tests/apps/onnx/policy_for_tests.h"
#include "tests/support/allocations.h"

namespace fleet::deploy {
namespace {

using onnx_files::parse_policy;
using onnx_files::PolicyFile;
using onnx_files::PolicyRecord;
using onnx_files::small_policy;
using onnx_files::small_record;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const std::vector<double> kStop(3, 0.0);

PolicyFile policy() { return parse_policy(small_policy(), "small"); }

RobotState standing() {
  RobotState state(2);
  state.joint_pos = {-0.5, 0.5};  // the default pose
  return state;
}

TEST(RobotStateTest, GravityInTheRootsFrame) {
  const double h = std::sqrt(0.5);
  const auto near = [](double x) { return DoubleNear(x, 1e-15); };
  EXPECT_THAT(projected_gravity({1, 0, 0, 0}), ElementsAre(near(0), near(0), near(-1)));
  // Nose down by a quarter turn about y: gravity points out of the nose.
  EXPECT_THAT(projected_gravity({h, 0, h, 0}), ElementsAre(near(1), near(0), near(0)));
  // Rolled by a quarter turn about x, left side up: gravity points to the right.
  EXPECT_THAT(projected_gravity({h, h, 0, 0}), ElementsAre(near(0), near(-1), near(0)));
  EXPECT_NEAR(tilt({h, h, 0, 0}), std::acos(0.0), 1e-12);
  EXPECT_NEAR(tilt({h, 0, 0, h}), 0.0, 1e-7);  // turning is no tilt
}

TEST(ObservationTest, TermsStandInTheContractsOrderWithItsScales) {
  const ObservationBuilder builder(small_record());
  RobotState state = standing();
  state.joint_pos = {-0.25, 0.25};
  std::vector<float> out(7, NAN);
  builder.build(state, std::vector<float>{2.0F, -4.0F}, kStop, out);
  EXPECT_THAT(out, ElementsAre(0.0F, 0.0F, -1.0F, 0.25F, -0.25F, 0.5F, -1.0F));
}

TEST(ObservationTest, ATermThatNoSensorGivesIsRefusedByName) {
  PolicyRecord record = small_record();
  record.observation[0].name = "height_scan";
  try {
    const ObservationBuilder builder(record);
    ADD_FAILURE() << "was accepted";
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr("'height_scan'"));
  }
}

TEST(SafetyTest, FaultsAreFound) {
  const Safety safety(small_record(), {});
  const std::vector<float> action(2, 0.0F);
  const auto fault = [&](const RobotState& state, double now = 0.0) {
    return safety.find_fault(state, action, now);
  };
  EXPECT_EQ(fault(standing()), Fault::kNone);
  EXPECT_EQ(fault(standing(), 0.049), Fault::kNone);
  EXPECT_EQ(fault(standing(), 0.051), Fault::kStale);
  EXPECT_EQ(fault(standing(), kNan), Fault::kStale);
  RobotState state = standing();
  state.quaternion = {std::cos(0.51), 0.0, std::sin(0.51), 0.0};  // 1.02 rad
  EXPECT_EQ(fault(state), Fault::kTilt);
  state = standing();
  state.joint_vel[1] = kNan;
  EXPECT_EQ(fault(state), Fault::kNotFinite);
  EXPECT_EQ(safety.find_fault(standing(), std::vector<float>{0.0F, NAN}, 0.0), Fault::kNotFinite);
}

TEST(SafetyTest, TargetsStayWithinStopsStepAndTorque) {
  const PolicyContract contract = small_record().contract;
  Safety safety(small_record(), {.max_target_step = 0.5, .clamp_targets = true});
  const RobotState state = standing();
  const std::vector<double> last{-0.5, 0.5};
  std::vector<double> target{-9.0, 9.0};
  safety.clamp(state, last, target);
  // The joint's stop is nearest for the left one, half a step of effort / stiffness for the right.
  EXPECT_DOUBLE_EQ(target[0], contract.hard_lower[0]);
  EXPECT_DOUBLE_EQ(target[1], 0.5 + 0.5 * contract.effort_limit[1] / contract.stiffness[1]);
  EXPECT_EQ(safety.counts().position, 2);
  EXPECT_EQ(safety.counts().rate, 1);

  PolicyRecord endless = small_record();
  endless.contract.hard_lower.assign(2, -std::numeric_limits<double>::infinity());
  endless.contract.hard_upper.assign(2, std::numeric_limits<double>::infinity());
  Safety wide(endless, {.max_target_step = 100.0});
  RobotState moving = standing();
  moving.joint_vel = {3.0, 0.0};
  target = {9.0, -9.0};
  wide.clamp(moving, last, target);
  for (std::size_t j = 0; j < 2; ++j) {
    const double torque = contract.stiffness[j] * (target[j] - moving.joint_pos[j]) -
                          contract.damping[j] * moving.joint_vel[j];
    EXPECT_NEAR(std::abs(torque), contract.effort_limit[j], 1e-9);
  }
  EXPECT_EQ(wide.counts().torque, 2);
}

/// A servo gives torque at a stop only for a target beyond it.
TEST(SafetyTest, UnlessAskedToATargetBeyondTheStopIsLeftAlone) {
  const PolicyContract contract = small_record().contract;
  RobotState state = standing();
  state.joint_pos[0] = contract.hard_lower[0];
  const std::vector<double> last{contract.hard_lower[0], 0.5};
  const double beyond = contract.hard_lower[0] - 0.5;  // 8 of 23.7 N m
  std::vector<double> target{beyond, 0.5};
  Safety as_trained(small_record(), {});
  as_trained.clamp(state, last, target);
  EXPECT_THAT(target, ElementsAre(beyond, 0.5));
  Safety between_stops(small_record(), {.clamp_targets = true});
  between_stops.clamp(state, last, target);
  EXPECT_THAT(target, ElementsAre(contract.hard_lower[0], 0.5));
}

TEST(SafetyTest, BetweenSoftLimitAndStopATargetIsLeftAlone) {
  PolicyRecord record = small_record();
  record.contract.position_lower = {-0.625, 0.375};  // the soft limits are a matter of reward
  Safety safety(record, {.clamp_targets = true});
  const std::vector<double> last{-0.5, 0.5};
  std::vector<double> target{-0.75, 0.25};
  safety.clamp(standing(), last, target);
  EXPECT_THAT(target, ElementsAre(-0.75, 0.25));
  EXPECT_EQ(safety.counts().position, 0);
}

TEST(RunnerTest, RampsFromWhereItIsToTheDefaultPose) {
  Runner runner(policy(), {.ramp_time = 0.1});  // five steps
  RobotState state = standing();
  state.joint_pos = {0.0, 0.0};
  EXPECT_THAT(runner.step(state, kStop, 0.0).target,
              ElementsAre(DoubleNear(-0.1, 1e-12), DoubleNear(0.1, 1e-12)));
  for (int step = 1; step < 5; ++step) {
    EXPECT_TRUE(runner.is_ramping());
    runner.step(state, kStop, 0.0);
  }
  EXPECT_FALSE(runner.is_ramping());
}

TEST(RunnerTest, ThePolicysActionMovesTheTargets) {
  const PolicyFile file = policy();
  Runner runner(file, {.ramp_time = 0.0, .safety = {.max_target_step = 100.0}});
  const RobotState state = standing();
  std::vector<float> observation(7);
  ObservationBuilder(small_record()).build(state, std::vector<float>(2, 0.0F), kStop, observation);
  std::vector<float> action(2);
  kernels::GraphEvaluator(file.onnx.graph).evaluate(observation, action);
  const JointCommand& command = runner.step(state, kStop, 0.0);
  const PolicyContract contract = small_record().contract;
  for (std::size_t j = 0; j < 2; ++j) {
    const double target =
        contract.action_offset[j] + contract.action_scale[j] * static_cast<double>(action[j]);
    EXPECT_NEAR(command.target[j], target, 1e-12);
  }
  EXPECT_FALSE(command.is_damping);
}

TEST(RunnerTest, AFaultBrakesForGood) {
  Runner runner(policy(), {.ramp_time = 0.0});
  RobotState state = standing();
  state.ang_vel[0] = kNan;
  EXPECT_TRUE(runner.step(state, kStop, 0.0).is_damping);
  EXPECT_TRUE(runner.step(standing(), kStop, 0.0).is_damping);
  EXPECT_EQ(runner.fault(), Fault::kNotFinite);
}

TEST(RunnerTest, AStepAllocatesNothing) {
  Runner runner(policy(), {.ramp_time = 0.1});
  LatencyLog latency(1000);
  runner.record(&latency);
  RobotState state = standing();
  const long before = test::num_allocations();
  for (int step = 0; step < 200; ++step) {
    state.joint_pos[0] = -0.5 + 0.001 * step;
    runner.step(state, kStop, 0.0);
  }
  state.quaternion = {0.0, 1.0, 0.0, 0.0};  // and braking neither
  runner.step(state, kStop, 0.0);
  EXPECT_EQ(test::num_allocations() - before, 0);
  EXPECT_EQ(runner.fault(), Fault::kTilt);
  EXPECT_EQ(latency.num_steps(), 201U);
}

TEST(RunnerTest, WithoutACompleteContractNothingRuns) {
  PolicyFile foreign = policy();
  foreign.is_ours = false;
  EXPECT_THROW(Runner(foreign, {}), UserError);
  PolicyFile torque = policy();
  torque.record->contract.stiffness.clear();
  EXPECT_THROW(Runner(torque, {}), UserError);
  PolicyFile endless = policy();
  endless.record->contract.hard_lower.clear();
  endless.record->contract.hard_upper.clear();
  EXPECT_THROW(Runner(endless, {}), UserError);
}

TEST(LatencyLogTest, QuantilesAreTimesThatOccurred) {
  LatencyLog log(1000);
  const LatencyLog::Clock::time_point begin{};
  for (int i = 1; i <= 1000; ++i) {
    log.add(Stage::kTotal, begin, begin + std::chrono::microseconds(i));
  }
  EXPECT_NEAR(log.quantile(Stage::kTotal, 0.5), 500.0, 1e-3);
  EXPECT_NEAR(log.quantile(Stage::kTotal, 0.99), 990.0, 1e-3);
  EXPECT_NEAR(log.quantile(Stage::kTotal, 0.999), 999.0, 1e-3);
  EXPECT_NEAR(log.quantile(Stage::kTotal, 1.0), 1000.0, 1e-3);
  EXPECT_EQ(log.quantile(Stage::kPolicy, 0.5), 0.0);
}

}  // namespace
}  // namespace fleet::deploy
