#include <onnx-ml.pb.h>

#include "apps/onnx/onnx_file.h"
#include "cuda/require.h"

namespace fleet::onnx_files {
namespace {

constexpr int kIrVersion = 8;  // the one that came with opset 17

void describe_rows(onnx::ValueInfoProto& value, const std::string& name, std::int64_t batch,
                   int dim) {
  value.set_name(name);
  onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  onnx::TensorShapeProto::Dimension& rows = *type.mutable_shape()->add_dim();
  if (batch > 0) {
    rows.set_dim_value(batch);
  } else {
    rows.set_dim_param("batch");
  }
  type.mutable_shape()->add_dim()->set_dim_value(dim);
}

void add_constant(onnx::GraphProto& graph, const GraphTensor& tensor) {
  onnx::TensorProto& to = *graph.add_initializer();
  to.set_name(tensor.name);
  to.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t size : tensor.shape) {
    to.add_dims(size);
  }
  to.set_raw_data(tensor.values.data(), tensor.values.size() * sizeof(float));
}

/// ONNX's integer attributes among those that our graphs have; `axes` is a list.
void add_attribute(onnx::NodeProto& node, const std::string& name,
                   const std::vector<double>& values) {
  onnx::AttributeProto& to = *node.add_attribute();
  to.set_name(name);
  const auto integer = static_cast<std::int64_t>(values.at(0));
  if (name == "axes") {
    to.set_type(onnx::AttributeProto::INTS);
    to.add_ints(integer);
  } else if (name == "alpha" || name == "beta") {
    to.set_type(onnx::AttributeProto::FLOAT);
    to.set_f(static_cast<float>(values.at(0)));
  } else {
    to.set_type(onnx::AttributeProto::INT);
    to.set_i(integer);
  }
}

void add_node(onnx::GraphProto& graph, const GraphNode& node) {
  onnx::NodeProto& to = *graph.add_node();
  to.set_op_type(node.op);
  to.set_name(node.output);
  for (const std::string& input : node.inputs) {
    to.add_input(input);
  }
  to.add_output(node.output);
  for (const auto& [name, values] : node.attributes) {
    add_attribute(to, name, values);
  }
}

}  // namespace

std::string onnx_bytes(const OnnxFile& contents) {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name(contents.producer);
  model.add_opset_import()->set_version(contents.opset);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("policy");
  const PolicyGraph& policy = contents.graph;
  describe_rows(*graph.add_input(), policy.input, contents.batch, policy.input_dim);
  describe_rows(*graph.add_output(), policy.output, contents.batch, policy.output_dim);
  for (const GraphTensor& tensor : policy.constants) {
    add_constant(graph, tensor);
  }
  for (const GraphNode& node : policy.nodes) {
    add_node(graph, node);
  }
  for (const auto& [key, value] : contents.metadata) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  std::string bytes;
  require(model.SerializeToString(&bytes), "a policy larger than protobuf can hold");
  return bytes;
}

}  // namespace fleet::onnx_files
