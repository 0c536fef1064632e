#pragma once

#include <memory>
#include <string>

#include "apps/file_policy.h"
#include "apps/view/world/policy.h"
#include "cuda/graph_evaluator.h"
#include "envs/batch_env.h"

namespace fleet::view {

/// The policy of an .onnx file, ours or another program's, played by our own evaluator.
class OnnxPolicy final : public Policy {
 public:
  /// @param options, spec of the envs that it acts in  @throws UserError if it cannot act there
  OnnxPolicy(const FilePolicy& policy, const envs::EnvOptions& options, const envs::EnvSpec& spec);

  void act(BatchView<const float> observation, BatchView<float> action) const override {
    evaluator_->evaluate(observation, action);
  }
  void value(const std::vector<BatchView<float>>& observation,
             std::span<float> value) const override;

 private:
  void load() override;
  void take(const FilePolicy& policy);

  std::string task_;
  envs::EnvOptions options_;
  envs::EnvSpec spec_;
  std::unique_ptr<kernels::GraphEvaluator> evaluator_;
};

}  // namespace fleet::view
