#pragma once

#include <memory>
#include <string>

#include "apps/commands.h"
#include "apps/evaluation.h"
#include "envs/batch_env.h"

namespace fleet {

/// A policy that is to be judged, and the envs to judge it in.
struct Candidate {
  std::string name;  ///< for a hint how to repeat it
  std::string task;  ///< that it is judged on
  std::string backend{};
  std::unique_ptr<envs::BatchEnv> env{};
  Act act{};
};

/// The policy of an .onnx file, ours or another program's, in the task that the user or the file
/// names. Warns on stderr where the control contracts differ.
/// @throws UserError if no task is named, or the policy cannot act there; files::FileError
Candidate candidate_from_file(const EvalArguments& arguments);

}  // namespace fleet
