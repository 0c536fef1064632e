#pragma once

#include <map>
#include <optional>
#include <string>

#include "apps/onnx/policy_record.h"

namespace fleet::onnx_files {

using Metadata = std::map<std::string, std::string>;

/// The record under the keys that mjlab 1.6's exporter writes (lists as comma-separated values),
/// with all digits where mjlab has three.
Metadata mjlab_metadata(const PolicyRecord& record);

/// What mjlab's keys tell of a policy: joints, gains, default pose, names, scales and histories of
/// observations. Limits, units and rates are not among them and stay empty or 0; the dims of
/// observation terms are those that mjlab's velocity task gives them, times their history. Nothing
/// if the keys are not there.
/// @throws files::FileError if they contradict each other
std::optional<PolicyRecord> read_mjlab_metadata(const Metadata& metadata, const std::string& file);

}  // namespace fleet::onnx_files
