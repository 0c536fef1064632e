#include <vector>

#include "apps/files/file_error.h"
#include "apps/onnx/policy_file.h"
#include "cuda/graph_evaluator.h"
#include "tests/fuzz/fuzz.h"

/// What is accepted must also run.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fleet;
  return fuzz::run<files::FileError>([&] {
    const onnx_files::PolicyFile policy =
        onnx_files::parse_policy(fuzz::text_of(data, size), fuzz::kFile);
    kernels::GraphEvaluator evaluator(policy.onnx.graph);
    const std::vector<float> observation(static_cast<std::size_t>(evaluator.input_dim()), 0.5F);
    std::vector<float> action(static_cast<std::size_t>(evaluator.output_dim()));
    evaluator.evaluate(observation, action);
  });
}
