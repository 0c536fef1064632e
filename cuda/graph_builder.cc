#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string_view>

#include "cuda/gemm.h"
#include "cuda/graph_evaluator.h"

namespace fleet::kernels {
namespace {

constexpr int kLargestDim = 65'536;              // numbers of a row
constexpr std::size_t kMostNumbers = 4'000'000;  // in all rows
constexpr std::size_t kMostNodes = 4'096;

/// Attributes that are known, with the only values that are computed.
struct Expected {
  const char* op;
  const char* attribute;
  std::vector<double> values;
};
const std::vector<Expected>& expected_attributes() {
  static const std::vector<Expected> all{
      {"Elu", "alpha", {1.0}},          {"Gemm", "alpha", {1.0}},
      {"Gemm", "beta", {1.0}},          {"Gemm", "transA", {0.0}},
      {"Gemm", "transB", {0.0, 1.0}},   {"ReduceMean", "axes", {-1.0, 1.0}},
      {"ReduceMean", "keepdims", {1.0}}};
  return all;
}

double attribute(const GraphNode& node, const char* name, double otherwise) {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() || found->second.empty() ? otherwise
                                                                 : found->second.front();
}

bool is_matrix(const GraphTensor& tensor) { return tensor.shape.size() == 2; }

/// (1, n) and (n) are rows; () is a row of one number.
int row_dim(const GraphTensor& tensor) {
  return tensor.shape.empty() ? 1 : static_cast<int>(tensor.shape.back());
}

bool is_row(const GraphTensor& tensor) {
  const auto leading = tensor.shape.size() > 1 ? tensor.shape.size() - 1 : 0;
  return std::all_of(tensor.shape.begin(),
                     tensor.shape.begin() + static_cast<std::ptrdiff_t>(leading),
                     [](auto size) { return size == 1; });
}

}  // namespace

/// Turns a PolicyGraph, maybe from a hostile file, into rows, matrices and steps.
class GraphEvaluator::Builder {
 public:
  explicit Builder(GraphEvaluator& to) : to_(to) {}

  void build(const PolicyGraph& graph);

 private:
  struct Operator {
    std::string_view name;
    Op op;
    int min_inputs, max_inputs;
  };
  static constexpr Operator kOperators[] = {
      {"Abs", Op::kAbs, 1, 1},           {"Add", Op::kAdd, 2, 2},
      {"Clip", Op::kClip, 3, 3},         {"Div", Op::kDiv, 2, 2},
      {"Elu", Op::kElu, 1, 1},           {"Gemm", Op::kGemm, 2, 3},
      {"Identity", Op::kIdentity, 1, 1}, {"LessOrEqual", Op::kLessOrEqual, 2, 2},
      {"MatMul", Op::kMatMul, 2, 2},     {"Max", Op::kMax, 2, 2},
      {"Min", Op::kMin, 2, 2},           {"Mul", Op::kMul, 2, 2},
      {"ReduceMean", Op::kMean, 1, 1},   {"Relu", Op::kRelu, 1, 1},
      {"Sqrt", Op::kSqrt, 1, 1},         {"Sub", Op::kSub, 2, 2},
      {"Tanh", Op::kTanh, 1, 1},         {"Where", Op::kWhere, 3, 3},
  };

  void add_node(const GraphNode& node);
  int add_row(int dim, bool is_bool = false);
  void name_row(const std::string& name, int row);
  void add_constant(const GraphTensor& tensor);
  int row_of(const std::string& name) const;
  const GraphTensor& matrix_of(const std::string& name) const;
  int broadcast_dim(const Step& step, int num_inputs) const;
  int add_matrix(const GraphNode& node, int in);
  void require_attributes(const GraphNode& node) const;
  void require_kinds(const Step& step, int num_rows) const;

  [[noreturn]] void refuse(const std::string& problem) const {
    throw std::invalid_argument(place_ + ": " + problem);
  }
  void check(bool holds, const std::string& problem) const {
    if (!holds) {
      refuse(problem);
    }
  }

  GraphEvaluator& to_;
  std::map<std::string, int> rows_;                     // by name
  std::map<std::string, const GraphTensor*> matrices_;  // constants of two dimensions
  int num_given_ = 0;                                   // rows that are input or constant
  std::size_t num_numbers_ = 0;                         // in all rows
  std::string place_;                                   // "node 3 (Gemm)", for messages
};

GraphEvaluator::GraphEvaluator(const PolicyGraph& graph)
    : input_dim_(graph.input_dim), output_dim_(graph.output_dim) {
  Builder(*this).build(graph);
}

void GraphEvaluator::Builder::build(const PolicyGraph& graph) {
  place_ = "graph";
  check(graph.nodes.size() <= kMostNodes,
        "has " + std::to_string(graph.nodes.size()) + " nodes; at most 4096 are evaluated");
  check(!graph.nodes.empty(), "has no nodes");
  check(graph.input_dim >= 1 && graph.output_dim >= 1, "input and output need a known width");
  place_ = "input '" + graph.input + "'";
  to_.input_ = add_row(graph.input_dim);
  name_row(graph.input, to_.input_);
  for (const GraphTensor& tensor : graph.constants) {
    place_ = "constant '" + tensor.name + "'";
    add_constant(tensor);
  }
  num_given_ = static_cast<int>(to_.rows_.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    place_ = "node " + std::to_string(i) + " (" + graph.nodes[i].op + ")";
    add_node(graph.nodes[i]);
  }
  place_ = "output '" + graph.output + "'";
  to_.output_ = row_of(graph.output);
  const Row& output = to_.row(to_.output_);
  check(output.dim == graph.output_dim && !output.is_bool, "has " + std::to_string(output.dim) +
                                                               " numbers; the graph declares " +
                                                               std::to_string(graph.output_dim));
}

int GraphEvaluator::Builder::add_row(int dim, bool is_bool) {
  check(dim >= 1 && dim <= kLargestDim,
        "a row of " + std::to_string(dim) + " numbers; 1 to 65536 are evaluated");
  num_numbers_ += static_cast<std::size_t>(padded(dim));
  check(num_numbers_ <= kMostNumbers, "the rows need more than 4 million numbers");
  Row& row = to_.rows_.emplace_back();
  row.values.resize(static_cast<std::size_t>(padded(dim)));
  row.dim = dim;
  row.is_bool = is_bool;
  return static_cast<int>(to_.rows_.size()) - 1;
}

void GraphEvaluator::Builder::name_row(const std::string& name, int row) {
  check(!name.empty(), "an output has no name");
  check(!matrices_.contains(name) && rows_.emplace(name, row).second,
        "'" + name + "' is written twice");
}

void GraphEvaluator::Builder::add_constant(const GraphTensor& tensor) {
  std::size_t size = 1;
  for (const std::int64_t n : tensor.shape) {
    check(n >= 1 && n <= kLargestDim, "a size is not 1 to 65536");
    size *= static_cast<std::size_t>(n);
  }
  check(tensor.shape.size() <= 2, "has more than two dimensions");
  check(size == tensor.values.size(), "has other values than its shape says");
  if (is_matrix(tensor)) {
    check(!rows_.contains(tensor.name) && matrices_.emplace(tensor.name, &tensor).second,
          "is given twice");
  }
  if (is_row(tensor)) {
    const int row = add_row(row_dim(tensor));
    std::ranges::copy(tensor.values, to_.row(row).values.begin());
    check(rows_.emplace(tensor.name, row).second, "is given twice");
  }
}

int GraphEvaluator::Builder::row_of(const std::string& name) const {
  const auto found = rows_.find(name);
  check(found != rows_.end(),
        matrices_.contains(name)
            ? "'" + name + "' is a matrix; expected a row"
            : "reads '" + name + "', which nothing before it writes (a cycle, or no such name)");
  return found->second;
}

const GraphTensor& GraphEvaluator::Builder::matrix_of(const std::string& name) const {
  const auto found = matrices_.find(name);
  check(found != matrices_.end(), "'" + name + "' is no constant matrix");
  return *found->second;
}

int GraphEvaluator::Builder::broadcast_dim(const Step& step, int num_inputs) const {
  int dim = 1;
  for (int i = 0; i < num_inputs; ++i) {
    const int own = to_.row(step.in[static_cast<std::size_t>(i)]).dim;
    check(own == 1 || dim == 1 || own == dim,
          "rows of " + std::to_string(dim) + " and " + std::to_string(own) + " do not combine");
    dim = std::max(dim, own);
  }
  return dim;
}

void GraphEvaluator::Builder::require_attributes(const GraphNode& node) const {
  for (const auto& [name, values] : node.attributes) {
    const auto& all = expected_attributes();
    const auto found = std::ranges::find_if(all, [&](const Expected& expected) {
      return expected.op == node.op && expected.attribute == name;
    });
    check(found != all.end(), "attribute '" + name + "' is not known");
    check(values.size() == 1 && std::ranges::find(found->values, values[0]) != found->values.end(),
          "attribute '" + name + "' has a value that is not computed");
  }
}

/// Truth values are read by Where alone, as its first input.
void GraphEvaluator::Builder::require_kinds(const Step& step, int num_rows) const {
  for (int i = 0; i < num_rows; ++i) {
    const bool is_bool = to_.row(step.in[static_cast<std::size_t>(i)]).is_bool;
    check(is_bool == (step.op == Op::kWhere && i == 0),
          is_bool ? "cannot read truth values" : "expected truth values first");
  }
}

void GraphEvaluator::Builder::add_node(const GraphNode& node) {
  const auto known = std::ranges::find(kOperators, node.op, &Operator::name);
  check(known != std::end(kOperators), "the operator '" + node.op + "' is not evaluated here");
  const int count = static_cast<int>(node.inputs.size());
  check(count >= known->min_inputs && count <= known->max_inputs,
        "has " + std::to_string(count) + " inputs");
  require_attributes(node);
  Step step;
  step.op = known->op;
  const bool is_matrix_op = step.op == Op::kGemm || step.op == Op::kMatMul;
  const int num_rows = is_matrix_op ? 1 : count;
  for (int i = 0; i < num_rows; ++i) {
    step.in[static_cast<std::size_t>(i)] = row_of(node.inputs[static_cast<std::size_t>(i)]);
  }
  require_kinds(step, num_rows);
  int dim = to_.row(step.in[0]).dim;
  if (is_matrix_op) {
    step.matrix = add_matrix(node, dim);
    dim = to_.matrices_.back().out;
  } else if (step.op == Op::kMean) {
    check(node.attributes.contains("axes"), "expected the attribute 'axes'");
    dim = 1;
  } else if (step.op == Op::kClip) {
    check(to_.row(step.in[1]).dim == 1 && to_.row(step.in[2]).dim == 1,
          "expected one number for each bound");
  } else {
    dim = broadcast_dim(step, num_rows);
  }
  step.out = add_row(dim, step.op == Op::kLessOrEqual);
  name_row(node.output, step.out);
  to_.steps_.push_back(step);
}

int GraphEvaluator::Builder::add_matrix(const GraphNode& node, int in) {
  const bool is_gemm = node.op == "Gemm";
  const bool transposed = is_gemm && attribute(node, "transB", 0.0) == 1.0;
  const GraphTensor& weight = matrix_of(node.inputs[1]);
  const auto rows = static_cast<int>(weight.shape[0]);
  const auto columns = static_cast<int>(weight.shape[1]);
  const int expected = transposed ? columns : rows;
  check(expected == in, "a row of " + std::to_string(in) + " meets a matrix for rows of " +
                            std::to_string(expected));
  Matrix& matrix = to_.matrices_.emplace_back();
  matrix.in = in;
  matrix.out = transposed ? rows : columns;
  matrix.values.resize(static_cast<std::size_t>(in) *
                       static_cast<std::size_t>(padded_stride(matrix.out)));
  for (int i = 0; i < matrix.in; ++i) {
    for (int j = 0; j < matrix.out; ++j) {
      const int from = transposed ? j * columns + i : i * columns + j;
      matrix.values[static_cast<std::size_t>(i * padded_stride(matrix.out) + j)] =
          weight.values[static_cast<std::size_t>(from)];
    }
  }
  if (node.inputs.size() == 3) {
    const Row& bias = to_.row(row_of(node.inputs[2]));
    const bool is_constant =
        row_of(node.inputs[2]) < num_given_ && row_of(node.inputs[2]) != to_.input_;
    check(is_constant && (bias.dim == matrix.out || bias.dim == 1) && !bias.is_bool,
          "the bias is no constant row of " + std::to_string(matrix.out));
    matrix.bias.resize(static_cast<std::size_t>(padded(matrix.out)));
    for (int j = 0; j < matrix.out; ++j) {
      matrix.bias[static_cast<std::size_t>(j)] =
          bias.values[static_cast<std::size_t>(bias.dim == 1 ? 0 : j)];
    }
  }
  return static_cast<int>(to_.matrices_.size()) - 1;
}

}  // namespace fleet::kernels
