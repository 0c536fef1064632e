#include "apps/parity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/onnx/ort_session.h"
#include "tests/apps/onnx/policy_for_tests.h"
#include "tests/support/point_mass_env.h"

namespace fleet {
namespace {

const std::string kThirdParty = FLEET_SOURCE_DIR "/third_party";

/// Some rows for small_graph(), which has seven inputs.
ObservationRows some_rows() {
  ObservationRows rows;
  rows.dim = 7;
  for (int i = 0; i < 7 * 32; ++i) {
    rows.values.push_back(std::sin(static_cast<float>(i)));
  }
  return rows;
}

Parity parity_of(const Act& act) {
  const PolicyGraph graph = onnx_files::small_graph();
  return measure_parity(act, {10.0F, 10.0F}, onnx_files::small_policy(), graph,
                        onnx_files::find_onnxruntime(kThirdParty), some_rows());
}

/// small_graph() written down once more, in double precision.
void act_as_graph(BatchView<const float> observation, BatchView<float> action) {
  for (int row = 0; row < observation.num_rows(); ++row) {
    for (int j = 0; j < 2; ++j) {
      double sum = j == 0 ? 0.5 : -0.25;
      for (int k = 0; k < 7; ++k) {
        sum += static_cast<double>(observation(row, k)) * 0.125 * (7 * j + k - 6);
      }
      action(row, j) = static_cast<float>(sum > 0.0 ? sum : std::expm1(sum));
    }
  }
}

TEST(ParityTest, ThreeWaysOfEvaluatingOnePolicyAgree) {
  const Parity parity = parity_of(act_as_graph);
  EXPECT_EQ(parity.num_rows, 32);
  EXPECT_LT(parity.worst(), 1e-6);
  EXPECT_EQ(parity.runtime_version.substr(0, 2), "1.");
}

TEST(ParityTest, ADifferenceInOneComponentIsFound) {
  const Parity parity = parity_of([](auto observation, auto action) {
    act_as_graph(observation, action);
    action(17, 1) += 0.001F;
  });
  EXPECT_NEAR(parity.runtime, 0.001, 1e-5);
  EXPECT_NEAR(parity.evaluator, 0.001, 1e-5);
  EXPECT_EQ(parity.worst_row, 17);
}

TEST(ParityTest, ANumberThatIsNoneIsADifference) {
  const Parity parity = parity_of([](auto observation, auto action) {
    act_as_graph(observation, action);
    action(3, 0) = std::numeric_limits<float>::quiet_NaN();
  });
  EXPECT_TRUE(std::isinf(parity.worst()));
}

TEST(ParityTest, WhatTheRuntimeRefusesIsAnError) {
  const std::string library = onnx_files::find_onnxruntime(kThirdParty);
  EXPECT_THROW(onnx_files::OrtSession(library, "no model", "obs", "actions"), std::runtime_error);
  EXPECT_THROW(onnx_files::OrtSession("no library", "", "obs", "actions"), std::runtime_error);
  onnx_files::OrtSession session(library, onnx_files::small_policy(), "obs", "actions");
  const std::vector<float> wrong(6);
  std::vector<float> action(2);
  EXPECT_THROW(session.run({wrong.data(), 1, 6}, {action.data(), 1, 2}), std::runtime_error);
}

TEST(ParityTest, ObservationsAreThoseOfRolloutsAndExtremes) {
  test::PointMassEnv env(64);
  const ObservationRows rows = gather_observations(
      env, [](auto, auto action) { std::ranges::fill(action.row(0), 0.0F); }, 1);
  EXPECT_GE(rows.num_rows(), kParityRows);
  const auto count = [&](auto is) { return std::ranges::count_if(rows.values, is); };
  EXPECT_EQ(count([](float x) { return std::isnan(x); }), 2);  // once in each component
  EXPECT_EQ(count([](float x) { return std::isinf(x); }), 4);
}

}  // namespace
}  // namespace fleet
