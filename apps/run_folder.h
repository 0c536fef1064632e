#pragma once

#include <cstdint>
#include <string>

#include "agents/agent.h"
#include "apps/evaluation.h"
#include "apps/files/checkpoint.h"
#include "apps/files/folder_lock.h"
#include "apps/run_config.h"

namespace fleet {

// A run's folder:
//   params/{run,env,agent}.yaml       the effective config; run.yaml is what a resume reads
//   model_<iteration>.{safetensors,json}   checkpoints
//   events.out.tfevents.*, progress.jsonl  curves
//   params.sha256                     hash of the policy and learner state at the last checkpoint
//   policy.safetensors                what act() needs: the policy that evaluation and play load
//   skills/<name>/             of a team: the runs of its skills
//   population/<number>/               generations of self-play, each to be judged like a run
//   eval.json                         the evaluation at the end
//   policy.{onnx,json,yaml,golden.npz}     the export at the end
//   divergences/                      worlds that diverged, to be replayed
//   .lock                             locked by the process that writes the folder

/// A run's folder that only this process writes.
struct RunFolder {
  explicit RunFolder(std::string folder) : path(std::move(folder)), lock(path) {}

  std::string path;
  files::FolderLock lock;
};

/// Makes a new run folder and writes its params. @param out "" for logs/<algorithm>/<task>/<time>
/// @throws UserError if the folder is not empty or cannot be made: nothing is overwritten
RunFolder create_run_folder(const RunConfig& config, const std::string& out);

/// Writes params/ of a run folder. @throws files::FileError
void write_params(const RunConfig& config, const std::string& folder);

/// Finds a run by folder, or the policy shipped for a task by the task's name.
/// @throws UserError with one line that says what was looked for
std::string find_run(const std::string& run);

/// Writes policy.safetensors with the agent's policy.
void save_policy(const std::string& folder, agents::Agent& agent, const files::Manifest& manifest);

/// Writes what the agent has kept of itself to population/<number>/; what is there already stays.
void save_generations(const std::string& folder, const RunConfig& config, agents::Agent& agent,
                      const files::Manifest& manifest);

/// Reads policy.safetensors of a run folder, else of its newest checkpoint, into the agent.
void read_policy(const std::string& folder, agents::Agent& agent);

/// read_policy() of a policy that acts by itself. @throws UserError if it needs a team's skills
void load_policy(const std::string& folder, agents::Agent& agent);

/// How long the policy of a run's folder was trained, by policy.safetensors; -1: it does not say,
/// or is not there. @throws files::FileError if it cannot be read
struct TrainedFor {
  std::int64_t iterations = -1;
  std::int64_t env_steps = -1;
};
TrainedFor read_trained_for(const std::string& folder);

/// Versions, revision and hashes for a checkpoint of this run.
files::Manifest make_manifest(const RunConfig& config);

/// Writes a few diverged worlds of `env`, if there are any, with all that `fleet replay` needs to
/// let them diverge again. @returns how many
int save_divergences(const std::string& folder, const RunConfig& config, envs::BatchEnv& env,
                     std::int64_t iteration);

}  // namespace fleet
