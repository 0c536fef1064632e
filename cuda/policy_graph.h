#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

// Plain data that every folder may read: agents write it, files hold it, GraphEvaluator runs it.

namespace fleet {

/// A named constant: row-major values.
struct GraphTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// One ONNX operator: output = op(inputs). Attributes that are not named have ONNX's defaults.
struct GraphNode {
  std::string op;
  std::vector<std::string> inputs;
  std::string output;
  std::map<std::string, std::vector<double>> attributes{};
};

/// A deterministic policy as a graph of ONNX operators: rows (n, input_dim) to (n, output_dim).
///
/// Nodes stand in the order in which they are evaluated.
struct PolicyGraph {
  std::string input = "obs";
  std::string output = "actions";
  int input_dim = 0;
  int output_dim = 0;
  std::vector<GraphTensor> constants;
  std::vector<GraphNode> nodes;

  /// Numbers in all constants.
  std::size_t num_constants() const {
    std::size_t sum = 0;
    for (const GraphTensor& tensor : constants) {
      sum += tensor.values.size();
    }
    return sum;
  }

  /// Returns the constant's name, as the nodes' inputs have it.
  std::string add_constant(std::string name, std::vector<std::int64_t> shape,
                           std::vector<float> values) {
    constants.push_back({std::move(name), std::move(shape), std::move(values)});
    return constants.back().name;
  }

  /// Returns the output's name. @param output_name "" for the operator's name and a number
  std::string add_node(const std::string& op, std::vector<std::string> inputs,
                       std::map<std::string, std::vector<double>> attributes = {},
                       std::string output_name = "") {
    if (output_name.empty()) {
      output_name = op + std::to_string(nodes.size());
    }
    nodes.push_back({op, std::move(inputs), std::move(output_name), std::move(attributes)});
    return nodes.back().output;
  }
};

}  // namespace fleet
