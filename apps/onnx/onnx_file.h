#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "cuda/policy_graph.h"

namespace fleet::onnx_files {

/// What a policy's .onnx file holds.
struct OnnxFile {
  PolicyGraph graph;  ///< float32, one input (rows, dim), one output (rows, dim)
  std::map<std::string, std::string> metadata;
  int opset = 17;
  std::string producer;
  std::int64_t batch = 0;  ///< rows that the graph takes; 0: any number
};

/// Returns the file's bytes: one self-contained ModelProto. Equal contents give equal bytes.
std::string onnx_bytes(const OnnxFile& contents);

/// Reads a file that may be hostile. What it returns, kernels::GraphEvaluator can run.
///
/// Refuses external data, operators that the evaluator does not know, tensors that are no float32,
/// more than one input or output, and whatever contradicts itself.
/// @throws files::FileError
OnnxFile parse_onnx(std::string_view bytes, const std::string& file);

inline constexpr std::uint64_t kMostOnnxBytes = 256'000'000;  ///< a larger file is refused

}  // namespace fleet::onnx_files
