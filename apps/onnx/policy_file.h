#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apps/onnx/onnx_file.h"
#include "apps/onnx/policy_record.h"

namespace fleet::onnx_files {

/// A policy's file with what it says of itself.
struct PolicyFile {
  OnnxFile onnx;
  std::optional<PolicyRecord> record;  ///< nothing: neither ours nor mjlab's
  bool is_ours = false;                ///< the record is Fleet's own, complete and exact
};

/// Reads a file that may be hostile; record and graph must agree. @throws files::FileError
PolicyFile parse_policy(std::string_view bytes, const std::string& file);
PolicyFile load_policy_file(const std::string& path);

/// Adds the record to a graph: mjlab's keys, and the JSON under kRecordKey.
OnnxFile make_policy_file(PolicyGraph graph, const PolicyRecord& record);

inline constexpr const char* kRecordKey = "fleet_contract";

}  // namespace fleet::onnx_files
