#include "cuda/graph_evaluator.h"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fleet::kernels {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// A graph of one operator on rows of `dim` numbers.
PolicyGraph graph_of(const std::string& op, int dim, int output_dim,
                     const std::vector<GraphTensor>& constants = {},
                     const std::map<std::string, std::vector<double>>& attributes = {}) {
  PolicyGraph graph;
  graph.input_dim = dim;
  graph.output_dim = output_dim;
  std::vector<std::string> inputs{"obs"};
  for (const GraphTensor& constant : constants) {
    graph.constants.push_back(constant);
    inputs.push_back(constant.name);
  }
  graph.add_node(op, inputs, attributes, "actions");
  return graph;
}

std::vector<float> run(const PolicyGraph& graph, const std::vector<float>& observation) {
  GraphEvaluator evaluator(graph);
  std::vector<float> action(static_cast<std::size_t>(graph.output_dim), kNan);
  evaluator.evaluate(observation, action);
  return action;
}

std::string refusal(const PolicyGraph& graph) {
  try {
    GraphEvaluator evaluator(graph);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(GraphEvaluatorTest, OperatorsOfOneRow) {
  const std::vector<float> x{-2.0F, 0.0F, 4.0F};
  EXPECT_THAT(run(graph_of("Abs", 3, 3), x), ElementsAre(2.0F, 0.0F, 4.0F));
  EXPECT_THAT(run(graph_of("Relu", 3, 3), x), ElementsAre(0.0F, 0.0F, 4.0F));
  EXPECT_THAT(run(graph_of("Identity", 3, 3), x), ElementsAre(-2.0F, 0.0F, 4.0F));
  EXPECT_THAT(run(graph_of("Sqrt", 2, 2), {4.0F, 9.0F}), ElementsAre(2.0F, 3.0F));
  EXPECT_THAT(run(graph_of("ReduceMean", 3, 1, {}, {{"axes", {-1.0}}}), {1.0F, 2.0F, 6.0F}),
              ElementsAre(3.0F));
  EXPECT_NEAR(run(graph_of("Elu", 1, 1), {-1.0F})[0], std::exp(-1.0) - 1.0, 1e-6);
  EXPECT_NEAR(run(graph_of("Tanh", 1, 1), {0.5F})[0], std::tanh(0.5), 1e-6);
}

TEST(GraphEvaluatorTest, OperatorsOfTwoRowsAndOfARowAndANumber) {
  const GraphTensor row{"row", {3}, {1.0F, 2.0F, -4.0F}};
  const GraphTensor number{"number", {}, {2.0F}};
  const std::vector<float> x{3.0F, 3.0F, 8.0F};
  EXPECT_THAT(run(graph_of("Add", 3, 3, {row}), x), ElementsAre(4.0F, 5.0F, 4.0F));
  EXPECT_THAT(run(graph_of("Sub", 3, 3, {row}), x), ElementsAre(2.0F, 1.0F, 12.0F));
  EXPECT_THAT(run(graph_of("Mul", 3, 3, {number}), x), ElementsAre(6.0F, 6.0F, 16.0F));
  EXPECT_THAT(run(graph_of("Div", 3, 3, {row}), x), ElementsAre(3.0F, 1.5F, -2.0F));
  EXPECT_THAT(run(graph_of("Min", 3, 3, {row}), x), ElementsAre(1.0F, 2.0F, -4.0F));
  EXPECT_THAT(run(graph_of("Max", 3, 3, {number}), x), ElementsAre(3.0F, 3.0F, 8.0F));
  const GraphTensor low{"low", {}, {-1.0F}};
  EXPECT_THAT(run(graph_of("Clip", 3, 3, {low, number}), {-5.0F, 1.0F, 5.0F}),
              ElementsAre(-1.0F, 1.0F, 2.0F));
}

TEST(GraphEvaluatorTest, MatricesMultiplyEitherWayRound) {
  // y = W x + b with W = [[1, 2, 3], [4, 5, 6]].
  const GraphTensor weight{"weight", {2, 3}, {1, 2, 3, 4, 5, 6}};
  const GraphTensor transpose{"weight", {3, 2}, {1, 4, 2, 5, 3, 6}};
  const GraphTensor bias{"bias", {2}, {10, 20}};
  const std::vector<float> x{1.0F, 0.0F, -1.0F};
  EXPECT_THAT(run(graph_of("Gemm", 3, 2, {weight, bias}, {{"transB", {1.0}}}), x),
              ElementsAre(8.0F, 18.0F));
  EXPECT_THAT(run(graph_of("Gemm", 3, 2, {transpose, bias}), x), ElementsAre(8.0F, 18.0F));
  EXPECT_THAT(run(graph_of("MatMul", 3, 2, {transpose}), x), ElementsAre(-2.0F, -2.0F));
}

TEST(GraphEvaluatorTest, WhereChoosesByComparison) {
  PolicyGraph graph;
  graph.input_dim = graph.output_dim = 3;
  graph.add_constant("limit", {}, {1.0F});
  graph.add_constant("zero", {}, {0.0F});
  const std::string is_small = graph.add_node("LessOrEqual", {"obs", "limit"});
  graph.add_node("Where", {is_small, "obs", "zero"}, {}, "actions");
  EXPECT_THAT(run(graph, {0.5F, 1.5F, kNan}), ElementsAre(0.5F, 0.0F, 0.0F));
}

TEST(GraphEvaluatorTest, ARowDoesNotDependOnTheOnesBefore) {
  const GraphTensor weight{"weight", {2, 2}, {1, 2, 3, 4}};
  GraphEvaluator evaluator(graph_of("MatMul", 2, 2, {weight}));
  std::vector<float> observation{1, 0, kNan, kNan, 1, 0};
  std::vector<float> action(6);
  evaluator.evaluate(BatchView<const float>(observation.data(), 3, 2),
                     BatchView<float>(action.data(), 3, 2));
  EXPECT_EQ(action[0], action[4]);
  EXPECT_EQ(action[1], action[5]);
}

TEST(GraphEvaluatorTest, WhatIsNotUnderstoodIsRefusedByName) {
  const GraphTensor square{"square", {2, 2}, {1, 2, 3, 4}};
  const GraphTensor row{"row", {3}, {1, 2, 3}};
  EXPECT_EQ(refusal(graph_of("LSTM", 2, 2)),
            "node 0 (LSTM): the operator 'LSTM' is not evaluated here");
  EXPECT_THAT(refusal(graph_of("Elu", 2, 2, {}, {{"alpha", {0.5}}})), HasSubstr("'alpha'"));
  EXPECT_THAT(refusal(graph_of("Gemm", 2, 2, {square}, {{"transA", {1.0}}})),
              HasSubstr("'transA'"));
  EXPECT_THAT(refusal(graph_of("Tanh", 2, 2, {}, {{"axis", {1.0}}})), HasSubstr("'axis'"));
  EXPECT_THAT(refusal(graph_of("Gemm", 3, 2, {square})), HasSubstr("meets a matrix for rows of 2"));
  EXPECT_THAT(refusal(graph_of("Add", 2, 2, {row})), HasSubstr("rows of 2 and 3"));
  EXPECT_THAT(refusal(graph_of("Add", 2, 2)), HasSubstr("has 1 inputs"));
  EXPECT_THAT(refusal(graph_of("Tanh", 2, 3)), HasSubstr("has 2 numbers; the graph declares 3"));
  EXPECT_THAT(refusal(graph_of("Where", 2, 2, {{"a", {2}, {1, 2}}, {"b", {2}, {1, 2}}})),
              HasSubstr("expected truth values first"));
  EXPECT_THAT(refusal(graph_of("LessOrEqual", 2, 2, {{"a", {}, {1}}})), HasSubstr("output"));
}

TEST(GraphEvaluatorTest, CyclesAndUnknownNamesAreRefused) {
  PolicyGraph graph;
  graph.input_dim = graph.output_dim = 1;
  graph.add_node("Add", {"obs", "b"}, {}, "a");
  graph.add_node("Tanh", {"a"}, {}, "b");
  graph.add_node("Tanh", {"b"}, {}, "actions");
  EXPECT_THAT(refusal(graph), HasSubstr("reads 'b', which nothing before it writes"));
  graph.nodes[0].inputs[1] = "obs";
  graph.nodes[1].output = "a";
  EXPECT_THAT(refusal(graph), HasSubstr("'a' is written twice"));
  graph.nodes[1].output = "b";
  graph.output = "nowhere";
  EXPECT_THAT(refusal(graph), HasSubstr("output 'nowhere'"));
}

}  // namespace
}  // namespace fleet::kernels
