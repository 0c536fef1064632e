#include "apps/onnx/policy_file.h"

#include <utility>

#include "apps/files/file_error.h"
#include "apps/files/read_file.h"
#include "apps/onnx/mjlab_metadata.h"

namespace fleet::onnx_files {
namespace {

/// A record that says nothing of a term's width leaves the observation's to the graph.
void require_agreement(const PolicyFile& policy, const std::string& file) {
  const PolicyRecord& record = *policy.record;
  const auto check = [&](const char* what, int said, int has) {
    if (said != has) {
      throw files::FileError(file, "",
                             std::string(what) + " has " + std::to_string(has) +
                                 " numbers; the metadata tells of " + std::to_string(said));
    }
  };
  check("the action", record.action_dim(), policy.onnx.graph.output_dim);
  bool has_all_dims = true;
  for (const ObservationTerm& term : record.observation) {
    has_all_dims = has_all_dims && term.dim > 0;
  }
  if (has_all_dims) {
    check("the observation", record.observation_dim(), policy.onnx.graph.input_dim);
  }
}

}  // namespace

PolicyFile parse_policy(std::string_view bytes, const std::string& file) {
  PolicyFile policy;
  policy.onnx = parse_onnx(bytes, file);
  const auto own = policy.onnx.metadata.find(kRecordKey);
  policy.is_ours = own != policy.onnx.metadata.end();
  policy.record = policy.is_ours ? parse_record(own->second, file)
                                 : read_mjlab_metadata(policy.onnx.metadata, file);
  if (policy.record) {
    require_agreement(policy, file);
  }
  return policy;
}

PolicyFile load_policy_file(const std::string& path) {
  return parse_policy(files::read_file(path, kMostOnnxBytes), path);
}

OnnxFile make_policy_file(PolicyGraph graph, const PolicyRecord& record) {
  OnnxFile contents;
  contents.graph = std::move(graph);
  contents.metadata = mjlab_metadata(record);
  contents.metadata[kRecordKey] = record_text(record);
  contents.producer = "fleet";
  return contents;
}

}  // namespace fleet::onnx_files
