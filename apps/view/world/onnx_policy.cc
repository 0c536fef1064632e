#include "apps/view/world/onnx_policy.h"

#include <stdexcept>

#include <fmt/format.h>

#include "apps/files/file_error.h"

namespace fleet::view {
namespace {

/// Texts of a file are shown without control characters.
std::string origin_of(const onnx_files::PolicyFile& file) {
  if (!file.is_ours) {
    return "of " + files::one_line(
                       file.onnx.producer.empty() ? "no named program" : file.onnx.producer, 40);
  }
  const onnx_files::Provenance& from = file.record->provenance;
  return fmt::format(
      "{} of {}{}", files::one_line(from.algorithm, 40), files::one_line(from.task, 40),
      from.env_steps.empty() ? "" : ", " + files::one_line(from.env_steps, 40) + " env steps");
}

}  // namespace

OnnxPolicy::OnnxPolicy(const FilePolicy& policy, const envs::EnvOptions& options,
                       const envs::EnvSpec& spec)
    : Policy(policy.file), task_(policy.task), options_(options), spec_(spec) {
  no_value_ = "an .onnx file holds no critic";
  take(policy);
}

void OnnxPolicy::value(const std::vector<BatchView<float>>& /*observation*/,
                       std::span<float> /*value*/) const {
  throw std::logic_error(no_value_);
}

void OnnxPolicy::load() { take(load_file_policy(file_, task_)); }

void OnnxPolicy::take(const FilePolicy& policy) {
  require_fit(policy, options_, spec_);
  evaluator_ = std::make_unique<kernels::GraphEvaluator>(policy.contents.onnx.graph);
  origin_ = origin_of(policy.contents);
}

}  // namespace fleet::view
