// Policies that a hostile hand, a broken disk or another program made.

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <onnx-ml.pb.h>

#include "apps/files/file_error.h"
#include "apps/onnx/policy_file.h"
#include "tests/apps/hostile/hostile_case.h"
#include "tests/apps/onnx/policy_for_tests.h"

namespace fleet::onnx_files {
namespace {

using Json = nlohmann::ordered_json;

/// A sound file after a change to what protobuf holds.
std::string changed(const std::function<void(onnx::ModelProto&)>& change) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(small_policy()));
  change(model);
  return model.SerializeAsString();
}

std::string changed_graph(const std::function<void(onnx::GraphProto&)>& change) {
  return changed([&](onnx::ModelProto& model) { change(*model.mutable_graph()); });
}

std::string changed_weight(const std::function<void(onnx::TensorProto&)>& change) {
  return changed_graph([&](onnx::GraphProto& graph) { change(*graph.mutable_initializer(0)); });
}

std::string changed_node(int index, const std::function<void(onnx::NodeProto&)>& change) {
  return changed_graph([&](onnx::GraphProto& graph) { change(*graph.mutable_node(index)); });
}

/// The type of the input, or of the output.
std::string changed_input(const std::function<void(onnx::ValueInfoProto&)>& change) {
  return changed_graph([&](onnx::GraphProto& graph) { change(*graph.mutable_input(0)); });
}

std::string changed_output(const std::function<void(onnx::ValueInfoProto&)>& change) {
  return changed_graph([&](onnx::GraphProto& graph) { change(*graph.mutable_output(0)); });
}

onnx::TensorShapeProto& shape_of(onnx::ValueInfoProto& value) {
  return *value.mutable_type()->mutable_tensor_type()->mutable_shape();
}

void read(const std::string& bytes, const std::string& file) { parse_policy(bytes, file); }

TEST(HostileOnnxTest, BytesThatAreNoModel) {
  const std::string sound = small_policy();
  EXPECT_NO_THROW(parse_policy(sound, "sound"));
  std::vector<HostileCase> cases{{"", "is no ONNX file"},
                                 {"onnx", "is no ONNX file"},
                                 {std::string(1000, '\xff'), "is no ONNX file"},
                                 {"{\"graph\": 1}", ""},
                                 {std::string("\x08\x08", 2), "has no graph"},
                                 {repeated("\x3a\x7f", 5000), ""},
                                 {"\x80" + sound.substr(1), ""},
                                 {sound + "\x3a\xff\xff\xff\xff\x0f", "is no ONNX file"}};
  for (std::size_t size = 1; size < sound.size(); size += sound.size() / 40) {
    cases.push_back({sound.substr(0, size), ""});  // truncated, at forty places
  }
  require_refused<files::FileError>(cases, read);
}

TEST(HostileOnnxTest, ModelsOfAnotherKind) {
  require_refused<files::FileError>(
      {
          {changed([](auto& m) { m.clear_graph(); }), "has no graph"},
          {changed([](auto& m) { m.clear_opset_import(); }), "does not have the standard"},
          {changed([](auto& m) { *m.add_opset_import() = m.opset_import(0); }),
           "the standard operators twice"},
          {changed([](auto& m) { m.mutable_opset_import(0)->set_domain("com.microsoft"); }),
           "does not have the standard"},
          {changed([](auto& m) { m.mutable_opset_import(0)->set_version(7); }), "opset 7"},
          {changed([](auto& m) { m.mutable_opset_import(0)->set_version(-1); }), "opset -1"},
          {changed([](auto& m) { m.mutable_opset_import(0)->set_version(1LL << 62); }),
           "opset 4611"},
          {changed([](auto& m) { m.add_functions()->set_name("f"); }), "has functions"},
          {changed([](auto& m) { m.add_training_info(); }), "has functions or training steps"},
          {changed([](auto& m) { *m.add_metadata_props() = m.metadata_props(0); }), "given twice"},
          {changed([](auto& m) {
             for (int i = 0; i < 1001; ++i) {
               m.add_metadata_props()->set_key("key" + std::to_string(i));
             }
           }),
           "more than 1000 entries"},
      },
      read);
}

TEST(HostileOnnxTest, Tensors) {
  using Tensor = onnx::TensorProto;
  require_refused<files::FileError>(
      {
          {changed_weight([](auto& t) { t.set_data_location(Tensor::EXTERNAL); }),
           "lies in another file"},
          {changed_weight([](auto& t) {
             auto& entry = *t.add_external_data();
             entry.set_key("location");
             entry.set_value("/etc/passwd");
           }),
           "lies in another file"},
          {changed_weight([](auto& t) { t.mutable_segment()->set_begin(0); }),
           "one part of several"},
          {changed_weight([](auto& t) { t.set_data_type(Tensor::DOUBLE); }), "has data type 11"},
          {changed_weight([](auto& t) { t.set_data_type(Tensor::FLOAT16); }), "has data type 10"},
          {changed_weight([](auto& t) { t.set_data_type(Tensor::STRING); }), "has data type 8"},
          {changed_weight([](auto& t) { t.set_data_type(-3); }), "has data type -3"},
          {changed_weight([](auto& t) { t.clear_data_type(); }), "has data type 0"},
          {changed_weight([](auto& t) { t.set_dims(0, -2); }), "has a dimension of -2"},
          {changed_weight([](auto& t) { t.set_dims(0, 0); }), "has a dimension of 0"},
          {changed_weight([](auto& t) { t.set_dims(0, 1LL << 62); }), "has a dimension of 4611"},
          {changed_weight([](auto& t) { t.set_dims(0, 65'536); }), "its shape needs 1835008"},
          {changed_weight([](auto& t) { t.set_dims(1, 6); }), "its shape needs 48"},
          {changed_weight([](auto& t) { t.add_dims(1); }), "more than two dimensions"},
          {changed_weight([](auto& t) { t.clear_dims(); }), "its shape needs 4"},
          {changed_weight([](auto& t) { t.clear_raw_data(); }), "has 0 bytes"},
          {changed_weight([](auto& t) { t.mutable_raw_data()->pop_back(); }), "has 55 bytes"},
          {changed_weight([](auto& t) { t.mutable_raw_data()->append(1'000'000, 'x'); }),
           "has 1000056 bytes"},
          {changed_weight([](auto& t) { t.add_float_data(1.0F); }), "its shape needs 56"},
          {changed_weight([](auto& t) { t.mutable_raw_data()->replace(0, 4, "\xff\xff\xff\x7f"); }),
           "not finite"},
          {changed_weight([](auto& t) { t.mutable_raw_data()->replace(2, 2, "\x80\x7f"); }),
           "not finite"},
          {changed_weight([](auto& t) { t.set_name("other"); }), "'weight' is no constant matrix"},
          {changed_weight([](auto& t) { t.set_name("bias"); }), ""},
          {changed_weight([](auto& t) { t.set_name("obs"); }), ""},
          {changed_graph([](auto& g) { *g.add_initializer() = g.initializer(0); }), "given twice"},
          {changed_graph([](auto& g) { *g.add_initializer() = g.initializer(1); }), "given twice"},
          {changed_graph([](auto& g) { g.add_sparse_initializer(); }), "sparse"},
          {changed_graph([](auto& g) { g.clear_initializer(); }), "is no constant matrix"},
      },
      read);
}

TEST(HostileOnnxTest, InputsAndOutputs) {
  require_refused<files::FileError>(
      {
          {changed_graph([](auto& g) { g.clear_input(); }), "has no input"},
          {changed_graph([](auto& g) { g.add_input()->set_name("time_step"); }),
           "more than one input"},
          {changed_graph([](auto& g) { g.clear_output(); }), "has 0 outputs"},
          {changed_graph([](auto& g) { *g.add_output() = g.output(0); }), "has 2 outputs"},
          {changed_input([](auto& v) { v.clear_name(); }), "has no name"},
          {changed_input([](auto& v) { v.clear_type(); }), "is no tensor"},
          {changed_input([](auto& v) { v.mutable_type()->mutable_sequence_type(); }), "no tensor"},
          {changed_input(
               [](auto& v) { v.mutable_type()->mutable_tensor_type()->set_elem_type(7); }),
           "has data type 7"},
          {changed_input([](auto& v) { shape_of(v).clear_dim(); }), "expected two dimensions"},
          {changed_input([](auto& v) { shape_of(v).add_dim()->set_dim_value(1); }),
           "expected two dimensions"},
          {changed_input([](auto& v) { shape_of(v).mutable_dim(0)->set_dim_value(-5); }),
           "senseless number of rows"},
          {changed_input([](auto& v) { shape_of(v).mutable_dim(1)->set_dim_param("n"); }),
           "has rows of 0"},
          {changed_input([](auto& v) { shape_of(v).mutable_dim(1)->set_dim_value(-7); }),
           "has rows of -7"},
          {changed_input([](auto& v) { shape_of(v).mutable_dim(1)->set_dim_value(1LL << 40); }),
           "has rows of 1099511627776"},
          {changed_input([](auto& v) { shape_of(v).mutable_dim(1)->set_dim_value(8); }),
           "a row of 8 meets a matrix for rows of 7"},
          {changed_output([](auto& v) { shape_of(v).mutable_dim(1)->set_dim_value(3); }),
           "has 2 numbers; the graph declares 3"},
          {changed_output([](auto& v) { v.set_name("nowhere"); }), "output 'nowhere'"},
          {changed_output([](auto& v) { v.set_name("weight"); }), "is a matrix; expected a row"},
          {changed_output([](auto& v) { v.set_name(std::string(5000, 'n')); }), "output 'nnnn"},
          {changed_output([](auto& v) { v.set_name("a\nb\x1b[31m"); }), "output 'a?b"},
      },
      read);
}

TEST(HostileOnnxTest, Nodes) {
  require_refused<files::FileError>(
      {
          {changed_graph([](auto& g) { g.clear_node(); }), "has no nodes"},
          {changed_node(1, [](auto& n) { n.set_op_type("LSTM"); }), "the operator 'LSTM'"},
          {changed_node(1, [](auto& n) { n.set_op_type("If"); }), "the operator 'If'"},
          {changed_node(1, [](auto& n) { n.set_op_type("Loop"); }), "the operator 'Loop'"},
          {changed_node(1, [](auto& n) { n.set_op_type(""); }), "the operator ''"},
          {changed_node(1, [](auto& n) { n.set_op_type(std::string(100'000, 'A')); }), "AAAA"},
          {changed_node(1, [](auto& n) { n.set_domain("com.evil"); }), "operators of 'com.evil'"},
          {changed_node(1, [](auto& n) { n.clear_input(); }), "has 0 inputs"},
          {changed_node(1, [](auto& n) { n.add_input("obs"); }), "has 2 inputs"},
          {changed_node(1, [](auto& n) { n.clear_output(); }), "has 0 outputs"},
          {changed_node(1, [](auto& n) { n.add_output("second"); }), "has 2 outputs"},
          {changed_node(1, [](auto& n) { n.set_output(0, ""); }), ""},
          {changed_node(1, [](auto& n) { n.set_input(0, "actions"); }),
           "(a cycle, or no such name)"},
          {changed_node(0, [](auto& n) { n.set_input(0, "actions"); }),
           "(a cycle, or no such name)"},
          {changed_node(0, [](auto& n) { n.set_input(0, "weight"); }), "is a matrix"},
          {changed_node(0, [](auto& n) { n.set_input(1, "obs"); }), "is no constant matrix"},
          {changed_node(0, [](auto& n) { n.set_input(2, "obs"); }), "the bias is no constant row"},
          {changed_node(0, [](auto& n) { n.set_input(2, "weight"); }), "is a matrix"},
          {changed_node(0, [](auto& n) { n.set_output(0, "bias"); }), "'bias' is written twice"},
          {changed_node(0, [](auto& n) { n.set_output(0, "obs"); }), "'obs' is written twice"},
          {changed_node(0, [](auto& n) { n.set_output(0, "actions"); }), ""},
          {changed_node(0, [](auto& n) { n.mutable_attribute(0)->set_i(2); }), "'transB'"},
          {changed_node(0, [](auto& n) { n.mutable_attribute(0)->set_i(0); }), "meets a matrix"},
          {changed_node(0, [](auto& n) { n.mutable_attribute(0)->set_name("trans"); }), "'trans'"},
          {changed_node(0, [](auto& n) { *n.add_attribute() = n.attribute(0); }), "given twice"},
          {changed_node(
               0, [](auto& n) { n.mutable_attribute(0)->set_type(onnx::AttributeProto::GRAPH); }),
           "of a kind that is not evaluated"},
          {changed_node(0, [](auto& n) { n.mutable_attribute(0)->clear_type(); }), "of a kind"},
          {changed_node(1, [](auto& n) { n.set_op_type("Constant"); }), "expected a tensor"},
          {changed_node(1, [](auto& n) { n.set_op_type("Where"); }), "has 1 inputs"},
          {changed_node(1, [](auto& n) { n.set_op_type("ReduceMean"); }), "attribute 'axes'"},
          {changed_graph([](auto& g) { g.mutable_node()->SwapElements(0, 1); }), "a cycle"},
          {changed_graph([](auto& g) {
             for (int i = 0; i < 5000; ++i) {
               *g.add_node() = g.node(1);
             }
           }),
           "at most 4096"},
      },
      read);
}

/// A sound file whose contract has one key's value replaced, or taken away.
std::string with_contract(const std::string& text) {
  return changed([&](onnx::ModelProto& model) {
    for (auto& entry : *model.mutable_metadata_props()) {
      if (entry.key() == kRecordKey) {
        entry.set_value(text);
      }
    }
  });
}

std::string contract(const char* key, const Json& value) {
  Json record = Json::parse(record_text(small_record()));
  record[key] = value;
  return with_contract(record.dump());
}

std::string without(const char* key) {
  Json record = Json::parse(record_text(small_record()));
  record.erase(key);
  return with_contract(record.dump());
}

TEST(HostileOnnxTest, Contracts) {
  const Json term = {{"name", "x"}, {"dim", 7},   {"unit", ""},
                     {"frame", ""}, {"noise", 0}, {"scale", 1}};
  const auto term_with = [&](const char* key, const Json& value) {
    Json copy = term;
    copy[key] = value;
    return contract("observation", Json::array({copy}));
  };
  EXPECT_NO_THROW(parse_policy(contract("observation", Json::array({term})), "sound"));
  EXPECT_NO_THROW(parse_policy(contract("hard_lower", {nullptr, nullptr}), "sound"));
  require_refused<files::FileError>(
      {
          {with_contract(""), "is no JSON"},
          {with_contract("{"), "is no JSON"},
          {with_contract("[]"), "expected a JSON object"},
          {with_contract(repeated("[", 100'000)), "nested deeper"},
          {with_contract("{\"schema_version\": 2, \"schema_version\": 2}"), "given twice"},
          {without("schema_version"), "'schema_version': is missing"},
          {without("stiffness"), "'stiffness': is missing"},
          {without("observation"), "'observation': is missing"},
          {without("provenance"), "'provenance': is missing"},
          {contract("schema_version", 1), "is 1; this program reads 2"},
          {contract("schema_version", 3), "is 3; this program reads 2"},
          {without("hard_lower"), "'hard_lower': is missing"},
          {without("velocity_limit"), "'velocity_limit': is missing"},
          {contract("hard_lower", Json::array()), "'hard_upper': expected as many as the lower"},
          {contract("hard_lower", {0, 3}), "none below its own"},
          {contract("hard_lower", {0, 1e300}), "makes no sense"},
          {contract("hard_upper", {0}), "one number for each"},
          {contract("hard_upper", {0, "pi"}), "expected numbers"},
          {contract("position_upper", {0, -3}), "none below its own"},
          {contract("velocity_limit", {-1, 1}), "makes no sense"},
          {contract("velocity_limit", 30), "expected a list"},
          {contract("schema_version", "1"), "expected a whole number"},
          {contract("task", 5), "expected a text"},
          {contract("task", std::string(201, 't')), "longer than 200"},
          {contract("control_period", 0), "makes no sense"},
          {contract("control_period", -0.02), "makes no sense"},
          {contract("control_period", nullptr), "expected numbers"},
          {contract("physics_timestep", 1.0), "longer than the control period"},
          {contract("action_names", Json::array()), "is empty"},
          {contract("action_names", {"a", "a"}), "has a name twice"},
          {contract("action_names", {"a", ""}), "a name of no or more"},
          {contract("action_names", {"a", 1}), "expected texts"},
          {contract("action_names", {"a", "b", "c"}), "one number for each of action_names"},
          {contract("action_names", {{"a", "b"}}), "expected a list"},
          {contract("action_scale", {0.1}), "one number for each"},
          {contract("action_scale", {0.1, "x"}), "expected numbers"},
          {contract("action_scale", {0.1, 1e300}), "makes no sense"},
          {contract("action_scale", Json::array()), "one number for each"},
          {contract("action_bound", {-1, 1}), "makes no sense"},
          {contract("stiffness", {-1, 1}), "makes no sense"},
          {contract("stiffness", {1, 2, 3}), "one number for each"},
          {contract("stiffness", 5), "expected a list"},
          {contract("command_lower", {1.0}), "as many as command_lower"},
          {contract("command_names", Json(std::vector<std::string>(1001, "n"))), "at most 1000"},
          {contract("observation", Json::array()), "expected rows of"},
          {contract("observation", {1}), "expected a JSON object"},
          {term_with("dim", 6), "has 7 numbers; the metadata tells of 6"},
          {term_with("dim", 0), "makes no sense"},
          {term_with("dim", 1e9), "makes no sense"},
          {term_with("noise", -1), "makes no sense"},
          {term_with("name", 1), "expected a text"},
          {contract("action_delay", {2, 1}), "expected [least, most]"},
          {contract("action_delay", {0}), "expected [least, most]"},
          {contract("observation_delay", {0, 1e6}), "expected [least, most]"},
          {contract("provenance", Json::object()), "'task': is missing"},
          {contract("provenance", 1), "expected an object"},
      },
      read);
}

std::string with_mjlab(const char* key, const std::string& value) {
  return changed([&](onnx::ModelProto& model) {
    auto& entries = *model.mutable_metadata_props();
    for (int i = entries.size() - 1; i >= 0; --i) {
      if (entries[i].key() == kRecordKey) {
        entries.DeleteSubrange(i, 1);
      } else if (entries[i].key() == key) {
        entries[i].set_value(value);
      }
    }
  });
}

TEST(HostileOnnxTest, MjlabsMetadata) {
  EXPECT_NO_THROW(parse_policy(with_mjlab("run_path", "x"), "sound"));
  require_refused<files::FileError>(
      {
          {with_mjlab("joint_names", ""), "an item of no"},
          {with_mjlab("joint_names", "a"), "joint_names has 1"},
          {with_mjlab("joint_names", "a,b,c"), "joint_names has 3"},
          {with_mjlab("joint_stiffness", "1,2,3"), "has 3 numbers"},
          {with_mjlab("joint_stiffness", "1,x"), "'x' is no sensible number"},
          {with_mjlab("joint_stiffness", "1,nan"), "'nan' is no sensible number"},
          {with_mjlab("joint_stiffness", "1,inf"), "'inf' is no sensible number"},
          {with_mjlab("joint_damping", "1,1e99"), "is no sensible number"},
          {with_mjlab("joint_damping", repeated("1,", 2000) + "1"), "more than 1000 items"},
          {with_mjlab("default_joint_pos", std::string(100'001, '1')), "longer than 100000"},
          {with_mjlab("action_scale", "0x"), "is no sensible number"},
          {with_mjlab("observation_names", "joint_pos,joint_vel"), "observation_names has 2"},
          {with_mjlab("observation_names", "joint_pos,joint_vel,actions"),
           "the metadata tells of 6"},
          {with_mjlab("observation_names", ","), "an item of no"},
          {with_mjlab("observation_terms_scale", "1,1"), "has 2 terms; observation_names has 3"},
          {with_mjlab("observation_terms_scale", "1,1,1;2"), "'1;2' differs within a term"},
          {with_mjlab("observation_terms_scale", "1,1,;"), "'' is no sensible number"},
          {with_mjlab("observation_terms_history_length", "0,0,x"), "'x' is no sensible number"},
          {with_mjlab("observation_terms_history_length", "0,3,0"), "the metadata tells of 11"},
          {with_mjlab("observation_terms_clip", "-inf;inf,-100;100,-inf;inf"),
           "observations are not clipped here"},
      },
      read);
}

}  // namespace
}  // namespace fleet::onnx_files
