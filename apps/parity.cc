#include "apps/parity.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/onnx/ort_session.h"
#include "cuda/graph_evaluator.h"
#include "cuda/philox.h"
#include "envs/env_buffers.h"

namespace fleet {
namespace {

constexpr int kRandomRows = 512;

/// Mean, standard deviation and range of each column.
struct Columns {
  std::vector<float> mean, deviation, least, greatest;

  explicit Columns(const ObservationRows& rows) {
    const BatchView<const float> x = rows.view();
    for (int j = 0; j < rows.dim; ++j) {
      double sum = 0.0;
      double squares = 0.0;
      float low = x(0, j);
      float high = x(0, j);
      for (int i = 0; i < x.num_rows(); ++i) {
        sum += static_cast<double>(x(i, j));
        squares += static_cast<double>(x(i, j)) * static_cast<double>(x(i, j));
        low = std::min(low, x(i, j));
        high = std::max(high, x(i, j));
      }
      const double average = sum / x.num_rows();
      mean.push_back(static_cast<float>(average));
      deviation.push_back(
          static_cast<float>(std::sqrt(std::max(0.0, squares / x.num_rows() - average * average))));
      least.push_back(low);
      greatest.push_back(high);
    }
  }
};

void add_extremes(std::uint64_t seed, ObservationRows& rows) {
  const Columns columns(rows);
  const auto add = [&](const std::vector<float>& row) {
    rows.values.insert(rows.values.end(), row.begin(), row.end());
  };
  add(std::vector<float>(static_cast<std::size_t>(rows.dim), 0.0F));
  add(columns.least);
  add(columns.greatest);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (std::size_t j = 0; j < columns.mean.size(); ++j) {
    const float off = 5.0F * columns.deviation[j];
    for (const float value : {columns.mean[j] - off, columns.mean[j] + off, kInfinity, -kInfinity,
                              std::numeric_limits<float>::quiet_NaN()}) {
      std::vector<float> row = columns.mean;
      row[j] = value;
      add(row);
    }
  }
  for (int i = 0; i < kRandomRows; ++i) {
    Random random(seed, static_cast<std::uint32_t>(i), 0, 0,
                  static_cast<std::uint32_t>(Purpose::kPolicy));
    std::vector<float> row = columns.mean;
    for (std::size_t j = 0; j < row.size(); ++j) {
      row[j] += static_cast<float>(random.uniform(-3.0, 3.0)) * columns.deviation[j];
    }
    add(row);
  }
}

double distance(float a, float b) {
  const double difference = std::abs(static_cast<double>(a) - static_cast<double>(b));
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}

}  // namespace

ObservationRows gather_observations(envs::BatchEnv& env, const Act& act, std::uint64_t seed) {
  envs::EnvBuffers buffers(env.spec());
  ObservationRows rows;
  rows.dim = env.spec().observations[0].dim();
  env.reset(seed, buffers.views);
  const BatchView<float> seen = buffers.views.observation[0];
  while (rows.values.empty() || rows.num_rows() < kParityRows) {
    rows.values.insert(rows.values.end(), seen.data(), seen.data() + seen.size());
    act(seen, buffers.action_view());
    env.step(buffers.action_view(), buffers.views);
  }
  add_extremes(seed, rows);
  return rows;
}

double Parity::worst() const { return std::max(runtime, evaluator); }

Parity measure_parity(const Act& act, const std::vector<float>& bound, std::string_view model,
                      const PolicyGraph& graph, const std::string& library,
                      const ObservationRows& rows) {
  Parity parity;
  parity.num_rows = rows.num_rows();
  const auto columns = static_cast<int>(bound.size());
  const auto size = static_cast<std::size_t>(parity.num_rows) * bound.size();
  parity.action.resize(size);
  std::vector<float> runtime(size);
  std::vector<float> evaluated(size);
  act(rows.view(), {parity.action.data(), parity.num_rows, columns});
  onnx_files::OrtSession session(library, model, graph.input, graph.output);
  session.run(rows.view(), {runtime.data(), parity.num_rows, columns});
  parity.runtime_version = session.version();
  kernels::GraphEvaluator evaluator(graph);
  evaluator.evaluate(rows.view(), {evaluated.data(), parity.num_rows, columns});
  for (std::size_t i = 0; i < size; ++i) {
    const float limit = bound[i % bound.size()];
    parity.action[i] = std::clamp(parity.action[i], -limit, limit);
    const double before = parity.worst();
    parity.runtime = std::max(parity.runtime, distance(runtime[i], parity.action[i]));
    parity.evaluator = std::max(parity.evaluator, distance(evaluated[i], parity.action[i]));
    if (parity.worst() > before) {
      parity.worst_row = static_cast<int>(i / bound.size());
    }
  }
  return parity;
}

}  // namespace fleet
