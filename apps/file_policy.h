#pragma once

#include <string>

#include "apps/onnx/policy_file.h"
#include "apps/run_config.h"
#include "envs/batch_env.h"

namespace fleet {

/// The policy of an .onnx file, ours or another program's, and the task that it acts in.
struct FilePolicy {
  std::string file;
  onnx_files::PolicyFile contents;
  std::string task;
};

/// @param task "" for the one that the file names  @throws UserError if none is; files::FileError
FilePolicy load_file_policy(const std::string& file, const std::string& task);

/// Sets what shapes a task's observations and actions as the file has it. A policy that knows no
/// bound acts without one.
void shape_task(const FilePolicy& policy, envs::EnvConfig& config);

/// Warns on stderr where the contract of the file is not, or may not be, the task's.
/// @param options, spec of the envs that the policy is to act in
/// @throws UserError with the first difference if it cannot act there
void require_fit(const FilePolicy& policy, const envs::EnvOptions& options,
                 const envs::EnvSpec& spec);

}  // namespace fleet
