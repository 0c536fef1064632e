#include <cmath>
#include <cstring>
#include <set>
#include <stdexcept>

#include <onnx-ml.pb.h>

#include "apps/files/file_error.h"
#include "apps/onnx/onnx_file.h"
#include "cuda/graph_evaluator.h"

namespace fleet::onnx_files {
namespace {

using files::FileError;
using files::one_line;

constexpr std::int64_t kLargestDim = 65'536;
constexpr int kFirstOpset = 13;  // Clip's bounds and Squeeze's axes are inputs from here on
constexpr int kLastOpset = 22;
constexpr std::size_t kMostMetadata = 1'000;

bool is_standard(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

/// One file while it is read.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  OnnxFile read(const onnx::ModelProto& model);

 private:
  void check(bool holds, const std::string& place, const std::string& problem) const {
    if (!holds) {
      throw FileError(file_, one_line(place, 80), problem);
    }
  }
  int read_opset(const onnx::ModelProto& model) const;
  GraphTensor read_tensor(const onnx::TensorProto& tensor, const std::string& name) const;
  void read_rows(const onnx::ValueInfoProto& value, const std::string& place, int& dim,
                 std::int64_t& batch) const;
  void read_node(const onnx::NodeProto& node, int index, PolicyGraph& graph) const;
  std::vector<double> read_attribute(const onnx::AttributeProto& attribute,
                                     const std::string& place) const;
  void read_ends(const onnx::GraphProto& graph, OnnxFile& contents) const;
  void read_metadata(const onnx::ModelProto& model, OnnxFile& contents) const;

  const std::string& file_;
};

/// Other sets may be declared, as exporters do; a node that uses them is refused.
int Reader::read_opset(const onnx::ModelProto& model) const {
  std::int64_t version = 0;
  for (const onnx::OperatorSetIdProto& set : model.opset_import()) {
    if (is_standard(set.domain())) {
      check(version == 0, "opset_import", "has the standard operators twice");
      version = set.version();
      check(version >= kFirstOpset && version <= kLastOpset, "opset_import",
            "opset " + std::to_string(version) + "; expected 13 to 22");
    }
  }
  check(version != 0, "opset_import", "does not have the standard operators");
  return static_cast<int>(version);
}

GraphTensor Reader::read_tensor(const onnx::TensorProto& tensor, const std::string& name) const {
  const std::string place = "tensor '" + name + "'";
  check(tensor.data_location() != onnx::TensorProto::EXTERNAL && tensor.external_data_size() == 0,
        place,
        "lies in another file; expected its values in this one, as onnx.save(onnx.load(FILE), "
        "FILE) of Python's onnx puts them");
  check(!tensor.has_segment(), place, "is one part of several; expected the whole");
  check(tensor.data_type() == onnx::TensorProto::FLOAT, place,
        "has data type " + std::to_string(tensor.data_type()) + "; expected 1 (float32)");
  GraphTensor to{name, {}, {}};
  check(tensor.dims_size() <= 2, place, "has more than two dimensions");
  std::int64_t size = 1;
  for (const std::int64_t dim : tensor.dims()) {
    check(dim >= 1 && dim <= kLargestDim, place,
          "has a dimension of " + std::to_string(dim) + "; expected 1 to 65536");
    to.shape.push_back(dim);
    size *= dim;
  }
  const auto count = static_cast<std::size_t>(size);
  const bool is_raw = tensor.has_raw_data();
  const std::size_t given =
      is_raw ? tensor.raw_data().size() : static_cast<std::size_t>(tensor.float_data_size()) * 4;
  check(given == count * sizeof(float) && !(is_raw && tensor.float_data_size() > 0), place,
        "has " + std::to_string(given) + " bytes; its shape needs " +
            std::to_string(count * sizeof(float)));
  to.values.resize(count);
  std::memcpy(to.values.data(),
              is_raw ? static_cast<const void*>(tensor.raw_data().data())
                     : static_cast<const void*>(tensor.float_data().data()),
              given);
  for (const float value : to.values) {
    check(std::isfinite(value), place, "holds a number that is not finite");
  }
  return to;
}

void Reader::read_rows(const onnx::ValueInfoProto& value, const std::string& place, int& dim,
                       std::int64_t& batch) const {
  check(!value.name().empty(), place, "has no name");
  check(value.type().has_tensor_type(), place, "is no tensor");
  const onnx::TypeProto::Tensor& type = value.type().tensor_type();
  check(type.elem_type() == onnx::TensorProto::FLOAT, place,
        "has data type " + std::to_string(type.elem_type()) + "; expected 1 (float32)");
  check(type.shape().dim_size() == 2, place, "expected two dimensions, (rows, numbers)");
  const onnx::TensorShapeProto::Dimension& rows = type.shape().dim(0);
  batch = rows.has_dim_value() ? rows.dim_value() : 0;
  check(batch >= 0 && batch <= kLargestDim, place, "takes a senseless number of rows");
  const std::int64_t size = type.shape().dim(1).dim_value();
  check(size >= 1 && size <= kLargestDim, place,
        "has rows of " + std::to_string(size) + "; expected 1 to 65536");
  dim = static_cast<int>(size);
}

std::vector<double> Reader::read_attribute(const onnx::AttributeProto& attribute,
                                           const std::string& place) const {
  switch (attribute.type()) {
    case onnx::AttributeProto::FLOAT:
      return {static_cast<double>(attribute.f())};
    case onnx::AttributeProto::INT:
      return {static_cast<double>(attribute.i())};
    case onnx::AttributeProto::INTS:
      check(attribute.ints_size() == 1, place, "expected one number");
      return {static_cast<double>(attribute.ints(0))};
    default:
      check(false, place,
            "attribute '" + one_line(attribute.name(), 40) +
                "' is of a kind that is not evaluated here");
  }
  return {};
}

void Reader::read_node(const onnx::NodeProto& node, int index, PolicyGraph& graph) const {
  const std::string op = one_line(node.op_type(), 40);
  const std::string place = "node " + std::to_string(index) + " (" + op + ")";
  check(is_standard(node.domain()), place,
        "operators of '" + one_line(node.domain(), 40) + "' are not evaluated here");
  check(node.output_size() == 1, place,
        "has " + std::to_string(node.output_size()) + " outputs; expected 1");
  if (op == "Constant") {
    check(node.attribute_size() == 1 && node.attribute(0).has_t(), place, "expected a tensor");
    graph.constants.push_back(read_tensor(node.attribute(0).t(), node.output(0)));
    return;
  }
  GraphNode to{op, {node.input().begin(), node.input().end()}, node.output(0), {}};
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    check(to.attributes.emplace(attribute.name(), read_attribute(attribute, place)).second, place,
          "an attribute is given twice");
  }
  graph.nodes.push_back(std::move(to));
}

void Reader::read_ends(const onnx::GraphProto& graph, OnnxFile& contents) const {
  std::set<std::string> given;
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    given.insert(tensor.name());
  }
  const onnx::ValueInfoProto* input = nullptr;
  for (const onnx::ValueInfoProto& value : graph.input()) {
    if (!given.contains(value.name())) {  // before IR version 4 constants were listed too
      check(input == nullptr, "graph", "has more than one input; expected the observation alone");
      input = &value;
    }
  }
  check(input != nullptr, "graph", "has no input");
  check(graph.output_size() == 1, "graph",
        "has " + std::to_string(graph.output_size()) + " outputs; expected the action alone");
  std::int64_t rows_out = 0;
  contents.graph.input = input->name();
  contents.graph.output = graph.output(0).name();
  read_rows(*input, "input '" + input->name() + "'", contents.graph.input_dim, contents.batch);
  read_rows(graph.output(0), "output '" + graph.output(0).name() + "'", contents.graph.output_dim,
            rows_out);
}

void Reader::read_metadata(const onnx::ModelProto& model, OnnxFile& contents) const {
  check(static_cast<std::size_t>(model.metadata_props_size()) <= kMostMetadata, "metadata",
        "has more than 1000 entries");
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    check(contents.metadata.emplace(entry.key(), entry.value()).second,
          "metadata '" + entry.key() + "'", "is given twice");
  }
}

OnnxFile Reader::read(const onnx::ModelProto& model) {
  check(model.has_graph(), "model", "has no graph");
  check(model.functions_size() == 0 && model.training_info_size() == 0, "model",
        "has functions or training steps; expected a plain graph");
  OnnxFile contents;
  contents.producer = one_line(model.producer_name(), 80);
  contents.opset = read_opset(model);
  const onnx::GraphProto& graph = model.graph();
  check(graph.sparse_initializer_size() == 0, "graph", "has sparse tensors");
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    contents.graph.constants.push_back(read_tensor(tensor, tensor.name()));
  }
  read_ends(graph, contents);
  for (int index = 0; index < graph.node_size(); ++index) {
    read_node(graph.node(index), index, contents.graph);
  }
  read_metadata(model, contents);
  return contents;
}

}  // namespace

OnnxFile parse_onnx(std::string_view bytes, const std::string& file) {
  if (bytes.size() > kMostOnnxBytes) {
    throw FileError(file, "", "has more than 256 MB");
  }
  onnx::ModelProto model;
  if (bytes.empty() || !model.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw FileError(file, "", "is no ONNX file: protobuf cannot read it (truncated?)");
  }
  OnnxFile contents = Reader(file).read(model);
  try {
    kernels::GraphEvaluator evaluator(contents.graph);
  } catch (const std::invalid_argument& error) {
    throw FileError(file, "", one_line(error.what(), 300));
  }
  return contents;
}

}  // namespace fleet::onnx_files
