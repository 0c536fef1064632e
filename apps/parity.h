#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/evaluation.h"
#include "cuda/policy_graph.h"
#include "envs/batch_env.h"

namespace fleet {

/// Rows of observations, row-major.
struct ObservationRows {
  std::vector<float> values;
  int dim = 0;

  int num_rows() const { return static_cast<int>(values.size()) / dim; }
  BatchView<const float> view() const { return {values.data(), num_rows(), dim}; }
};

inline constexpr int kParityRows = 4096;          ///< from rollouts, at least
inline constexpr double kParityTolerance = 1e-5;  ///< action units

/// What the policy sees in `env` while it acts there, kParityRows rows or more, and after them
/// extremes: everything 0; all at their least and greatest; each component 5 standard deviations
/// off, all of them up to 3 (drawn from the seed); NaN and infinities in each component.
ObservationRows gather_observations(envs::BatchEnv& env, const Act& act, std::uint64_t seed);

/// How far the three ways of evaluating one policy are apart, over all rows and components.
struct Parity {
  int num_rows = 0;
  double runtime = 0.0;    ///< ONNX Runtime against the training's own network
  double evaluator = 0.0;  ///< kernels::GraphEvaluator against the same
  int worst_row = 0;
  std::string runtime_version;
  std::vector<float> action;  ///< (num_rows, action_dim) of the training's network, clipped

  double worst() const;  ///< NaN counts as infinity
};

/// @param act the training's network  @param bound (action_dim), what actions are clipped to
/// @param model the .onnx file's bytes, whose graph is `graph`
/// @param library path of ONNX Runtime  @throws std::runtime_error if it cannot be run
Parity measure_parity(const Act& act, const std::vector<float>& bound, std::string_view model,
                      const PolicyGraph& graph, const std::string& library,
                      const ObservationRows& rows);

}  // namespace fleet
